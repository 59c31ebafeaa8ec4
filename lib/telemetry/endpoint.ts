/** `/api/metrics`: the metrics of this process and the state of the system, in the text format of Prometheus. */
import { hasBearer } from "../bearer";
import { singleFlight } from "../coalesce";
import { env } from "../env";
import { sharedHealth } from "../sync/monitoring/health";
import { startMetrics } from "./metrics";
import { registerState } from "./state";

type Scrape = { text: string; contentType: string };

/** Overlapping scrapes share one reading of the database. */
const scrape = singleFlight(async (): Promise<Scrape> => {
  const { register } = startMetrics();
  await registerState(register, await sharedHealth());
  return { text: await register.metrics(), contentType: register.contentType };
});

/** Answers 404 without METRICS_TOKEN, as if there were no such route, and 401 without the token. */
export async function answerMetrics(request: Request): Promise<Response> {
  const { metricsToken } = env();
  if (metricsToken === undefined) return Response.json({ error: "Not found." }, { status: 404 });
  if (!hasBearer(request, metricsToken)) {
    return Response.json(
      { error: "Send METRICS_TOKEN as the bearer token." },
      { status: 401, headers: { "www-authenticate": "Bearer" } },
    );
  }
  const { text, contentType } = await scrape();
  return new Response(text, {
    headers: { "content-type": contentType, "cache-control": "no-store" },
  });
}
