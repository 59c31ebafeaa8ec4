import { routeMethods } from "@/lib/route-methods";
import { sharedHealth } from "@/lib/sync/monitoring/health";
import { readinessOf } from "@/lib/sync/monitoring/readiness";

/** Readiness: queries the database and reports the state of the sync. Public; parallel calls share one query. */
async function answerReadiness(): Promise<Response> {
  const { httpStatus, body } = readinessOf(await sharedHealth());
  return Response.json(body, { status: httpStatus });
}

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: answerReadiness,
});
