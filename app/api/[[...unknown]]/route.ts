/** Answers unknown addresses below /api with JSON: Next's own 404 is an HTML page, and the callers are programs. */
const answerUnknown = () => Response.json({ error: "Not found." }, { status: 404 });

export const DELETE = answerUnknown;
export const GET = answerUnknown;
export const HEAD = answerUnknown;
export const OPTIONS = answerUnknown;
export const PATCH = answerUnknown;
export const POST = answerUnknown;
export const PUT = answerUnknown;
