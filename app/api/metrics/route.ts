import { routeMethods } from "@/lib/route-methods";
import { answerMetrics } from "@/lib/telemetry/endpoint";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: answerMetrics,
});
