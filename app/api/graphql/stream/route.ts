import { streamGraphQL } from "@/lib/graphql/transport/sse";
import { routeMethods } from "@/lib/route-methods";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  POST: streamGraphQL,
});
