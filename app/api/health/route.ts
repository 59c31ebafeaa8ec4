/** Liveness: this process answers. Checks no dependency. */
export function GET(): Response {
  return Response.json({ status: "ok" });
}
