import { log } from "@/lib/log";
import { sharedHealth } from "@/lib/sync/monitoring/health";

/** Readiness: queries the database and reports the state of the sync. Public; parallel calls share one query. */
export async function GET(): Promise<Response> {
  try {
    return Response.json({ status: "ok", database: "ok", sync: await sharedHealth() });
  } catch (error) {
    log.error("not ready: the database does not answer", {}, error);
    return Response.json({ status: "unavailable", database: "unreachable" }, { status: 503 });
  }
}
