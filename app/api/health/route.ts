/** Is this process up? Asks nobody else. */
export function GET(): Response {
  return Response.json({ status: "ok" });
}
