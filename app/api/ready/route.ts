import { routeMethods } from "@/lib/route-methods";
import { answerReadiness } from "@/lib/sync/monitoring/probes";

/** Readiness: queries the database and reports the state of the sync. */
export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: answerReadiness,
});
