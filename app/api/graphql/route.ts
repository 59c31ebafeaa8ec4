import { answerGraphQL } from "@/lib/graphql/transport/http";
import { routeMethods } from "@/lib/route-methods";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: answerGraphQL,
  POST: answerGraphQL,
});
// The route is dynamic in any case. Without this, Next wraps the request to track each access, which is slower.
export const dynamic = "force-dynamic";
