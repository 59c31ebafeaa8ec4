import { answerExplorer } from "@/lib/graphql/transport/explorer";
import { routeMethods } from "@/lib/route-methods";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: answerExplorer,
});
