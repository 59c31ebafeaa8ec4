/** Chooses the handler of an API route by the request's method. Next's own 405 has neither an `Allow` header nor a body. */

type Handler = (request: Request) => Response | Promise<Response>;
type Handlers = Partial<Record<"GET" | "POST", Handler>>;

/** One handler for every method: HEAD is answered as GET, OPTIONS with the allowed methods, any other with 405. */
export function byMethod(handlers: Handlers): (request: Request) => Promise<Response> {
  const { GET, POST } = handlers;
  const allow = [GET && "GET, HEAD", POST && "POST"].filter(Boolean).join(", ");
  const error = `Only ${Object.keys(handlers).join(" and ")}.`;
  return async (request) => {
    switch (request.method) {
      case "POST":
        if (POST) return POST(request);
        break;
      case "GET":
      case "HEAD":
        if (GET) return GET(request);
        break;
      case "OPTIONS":
        return new Response(null, { status: 204, headers: { allow } });
    }
    return Response.json({ error }, { status: 405, headers: { allow } });
  };
}

/** The exports of a route: `export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({ POST: … })`. */
export function routeMethods(handlers: Handlers) {
  const handler = byMethod(handlers);
  return {
    DELETE: handler,
    GET: handler,
    HEAD: handler,
    OPTIONS: handler,
    PATCH: handler,
    POST: handler,
    PUT: handler,
  };
}
