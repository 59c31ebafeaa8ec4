import { createHash, timingSafeEqual } from "node:crypto";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { drainQueue } from "@/lib/worker/drain";

const digest = (value: string) => createHash("sha256").update(value).digest();

function isAllowed(request: Request): boolean {
  const { cronSecret } = env();
  const given = request.headers.get("authorization") ?? "";
  return cronSecret !== undefined && timingSafeEqual(digest(given), digest(`Bearer ${cronSecret}`));
}

/** Does the background work that waits, on a host that keeps no worker running. */
export async function GET(request: Request): Promise<Response> {
  if (!isAllowed(request)) {
    return Response.json({ error: "This route wants CRON_SECRET as its bearer." }, { status: 401 });
  }
  try {
    await drainQueue();
    return Response.json({ status: "ok" });
  } catch (error) {
    log.error("cron: the queue could not be drained", {}, error);
    return Response.json({ error: "The queue could not be drained." }, { status: 503 });
  }
}
