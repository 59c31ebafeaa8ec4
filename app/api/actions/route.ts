import { answerAction } from "@/lib/intents/http";
import { routeMethods } from "@/lib/route-methods";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  POST: answerAction,
});
