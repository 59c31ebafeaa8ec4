import { routeMethods } from "@/lib/route-methods";
import { answerLiveness } from "@/lib/sync/monitoring/probes";

/** Liveness: returns 200 as long as this process responds. Checks no dependency. */
export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: answerLiveness,
});
