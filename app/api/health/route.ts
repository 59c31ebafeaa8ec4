import { routeMethods } from "@/lib/route-methods";

/** Liveness: this process answers. Checks no dependency. */
export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: () => Response.json({ status: "ok" }),
});
