import { hasBearer } from "@/lib/bearer";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { routeMethods } from "@/lib/route-methods";
import { drainQueue } from "@/lib/worker/drain";

/** Runs the pending background jobs, for a host without a running worker. */
async function answerCron(request: Request): Promise<Response> {
  const { cronSecret } = env();
  if (cronSecret === undefined || !hasBearer(request, cronSecret)) {
    return Response.json({ error: "Send CRON_SECRET as the bearer token." }, { status: 401 });
  }
  try {
    await drainQueue();
    return Response.json({ status: "ok" });
  } catch (error) {
    log.error("cron: the job queue failed", {}, error);
    return Response.json({ error: "The job queue failed. See the log." }, { status: 503 });
  }
}

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = routeMethods({
  GET: answerCron,
});
