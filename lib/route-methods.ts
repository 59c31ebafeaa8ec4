/** Chooses the handler of an API route by request method. Unlike Next's own 405, ours has an `Allow` header and a body. */

type Handler = (request: Request) => Response | Promise<Response>;
type Handlers = Partial<Record<"GET" | "POST", Handler>>;

/**
 * Makes one handler for all methods: HEAD is handled like GET, OPTIONS returns the allowed methods, and any other method gets
 * 405.
 */
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

/**
 * Makes the exports of a route file: `export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({ POST: … })`.
 */
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
