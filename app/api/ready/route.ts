import { sharedHealth } from "@/lib/sync/monitoring/health";
import { readinessOf } from "@/lib/sync/monitoring/readiness";

/** Readiness: queries the database and reports the state of the sync. Public; parallel calls share one query. */
export async function GET(): Promise<Response> {
  const { httpStatus, body } = readinessOf(await sharedHealth());
  return Response.json(body, { status: httpStatus });
}
