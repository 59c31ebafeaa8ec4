/** An unknown address of the API: a machine gets JSON, not the site's page. */
const answerUnknown = () => Response.json({ error: "Not found." }, { status: 404 });

export const DELETE = answerUnknown;
export const GET = answerUnknown;
export const HEAD = answerUnknown;
export const OPTIONS = answerUnknown;
export const PATCH = answerUnknown;
export const POST = answerUnknown;
export const PUT = answerUnknown;
