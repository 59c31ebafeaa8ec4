import { log } from "@/lib/log";
import { sharedHealth } from "@/lib/sync/monitoring/health";

/** Can this process do its work? Asks the database, and says how the mirror is. Anybody may ask, and as often as they like. */
export async function GET(): Promise<Response> {
  try {
    return Response.json({ status: "ok", database: "ok", sync: await sharedHealth() });
  } catch (error) {
    log.error("not ready: the database does not answer", {}, error);
    return Response.json({ status: "unavailable", database: "unreachable" }, { status: 503 });
  }
}
