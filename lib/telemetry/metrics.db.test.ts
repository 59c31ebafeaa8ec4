/** Tests the guard of /api/metrics, and that its labels have few values and no data of a person. */
import { beforeAll, expect, test } from "vitest";
import { GET } from "@/app/api/metrics/route";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { metricOf, readScrape } from "@/dev/testing/scrape";
import { sendWebhook } from "@/dev/testing/webhook";
import { routeOf } from "./http";
import { startTelemetry } from "./start";

const TOKEN = "a-token-of-the-tests";

beforeAll(async () => {
  process.env.METRICS_TOKEN = TOKEN;
  await startTelemetry("web");
});

const request = (authorization?: string) =>
  new Request("https://rollcall.test/api/metrics", {
    ...(authorization && { headers: { authorization } }),
  });

async function scrape() {
  const answer = await GET(request(`Bearer ${TOKEN}`));
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  return answer.text();
}

test.each([undefined, "Bearer", "Bearer wrong", `Basic ${TOKEN}`, `Bearer ${TOKEN}x`])(
  "a request for metrics with the authorization %s gets 401",
  async (authorization) => {
    const answer = await GET(request(authorization));
    expect([answer.status, await answer.text()]).toEqual([401, expect.not.stringContaining("#")]);
  },
);

test("the metrics have lag first, and count what a process did", async () => {
  const id = clerkId("user");
  expect(await sendWebhook(event("user.created", userJson({ id }), Date.now()))).toBe(200);
  await askGraphQL({ sub: id }, "{ viewer { id } }");
  const { samples } = readScrape(await scrape());
  expect(Object.fromEntries(samples)).toMatchObject({
    rollcall_database_up: 1,
    rollcall_oldest_pending_delivery_age_seconds: 0,
    rollcall_worker_running: 0,
    'rollcall_deliveries_total{outcome="applied"}': 1,
    'rollcall_delivery_apply_delay_seconds_count{settled="at once"}': 1,
    'rollcall_graphql_operation_duration_seconds_count{operation="other",type="query",result="ok"}': 1,
    'rollcall_queue_jobs{state="dead"}': 0,
    rollcall_pool_waiting: 0,
  });
  expect(samples.get("rollcall_event_lag_seconds")).toBeLessThan(30);
});

test("no label holds data of a person, and the number of series does not grow with names that clients choose", async () => {
  const before = readScrape(await scrape()).samples.size;
  const ids = Array.from({ length: 20 }, () => clerkId("user"));
  for (const [index, id] of ids.entries()) {
    const user = userJson({ id, first_name: "zaunkoenig" });
    await sendWebhook(event(index % 2 ? "user.created" : `zaunkoenig.${index}`, user));
    await askGraphQL({ sub: id }, `query Zaunkoenig${index} { viewer { id } }`);
    await askGraphQL({ sub: id }, `query Zaunkoenig${index} { zaunkoenig }`);
  }
  const text = await scrape();
  const { samples, types } = readScrape(text);
  expect(samples.size - before).toBeLessThan(30);
  expect(text).not.toMatch(/zaunkoenig/i);
  for (const id of ids) expect(text).not.toContain(id);
  const names = [...samples.keys()].filter((series) => !types.has(metricOf(series, { types })));
  expect(names).toEqual([]);
});

test("the label of a URL is one of a few routes", () => {
  const odd = ["/admin/users/user_1", "/admin?search=ada", "/people/ada", "/wp-login.php", "/x/y"];
  const api = ["/api/graphql", "/api/graphql/stream", "/api/graphql?query={a}", "/api/ready/"];
  expect([...odd, "/", "/_next/static/x.js", ...api].map(routeOf)).toEqual([
    ...["/admin", "/admin", "/people", "other", "other", "/", "/_next"],
    ...["/api/graphql", "/api/graphql/stream", "/api/graphql", "/api/ready"],
  ]);
});
