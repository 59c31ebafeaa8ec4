import { database } from "@/lib/db";
import { log } from "@/lib/log";

/** Can this process do its work? Asks the database. */
export async function GET(): Promise<Response> {
  try {
    await database().prisma.delivery.findFirst({ select: { svixId: true } });
    return Response.json({ status: "ok", database: "ok" });
  } catch (error) {
    log.error("not ready: the database does not answer", {}, error);
    return Response.json({ status: "unavailable", database: "unreachable" }, { status: 503 });
  }
}
