/**
 * Fires each rule of ops/alerts.yaml: produces its cause, scrapes `npm run ingest`'s server over HTTP before and after, and gives
 * both to Prometheus' own `promtool test rules` (Debian's package prometheus).
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOnce } from "graphile-worker";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { type FaultProxy, startFaultProxy } from "@/dev/testing/fault-proxy";
import { askGraphQL } from "@/dev/testing/graphql";
import { listening } from "@/dev/testing/listening";
import { metricOf, readScrape, type Scrape } from "@/dev/testing/scrape";
import { svixHeaders } from "@/dev/testing/sign";
import { database, directConnection } from "../db";
import { onUser } from "../effects/effect";
import { createRegistry } from "../effects/registry";
import { EffectRunner } from "../effects/runner";
import { subscribeHandlers } from "../effects/subscribers";
import { env } from "../env";
import { listener } from "../live/listener";
import { createIngest } from "../sync/inbox/node-server";
import { settleDelivery } from "../sync/inbox/settle";
import { recordHeartbeat } from "../worker/heartbeat";
import { completeJobsImmediately, quietLogger } from "../worker/start";
import { tasks } from "../worker/tasks";
import { startTelemetry } from "./start";

const TOKEN = "a-token-of-the-tests";

const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          annotations: z.object({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
const file = join(process.cwd(), "ops/alerts.yaml");
const alerts = rules
  .parse(parse(readFileSync(file, "utf8")))
  .groups.flatMap((group) => group.rules);

const port = z.object({ port: z.number() });

let proxy: FaultProxy;
let server = createServer();
let url = "";
/** The status of the store of the erasures' head. 404: it is empty. */
let headStatus = 404;
const headStore = createServer((_request, response) => void response.writeHead(headStatus).end());

/** A connection to the database that does not go through the proxy. */
let client: pg.Client;
const sql = (text: string, values: unknown[] = []) => client.query(text, values);

async function listen(): Promise<void> {
  server = createIngest().listen(0);
  await once(server, "listening");
  url = `http://localhost:${port.parse(server.address()).port}`;
}

/** Scrapes the server. If that fails, Prometheus stores only `up`. */
async function scrape(): Promise<Scrape> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const answer = await fetch(`${url}/api/metrics`, { headers }).catch(() => null);
  const found = readScrape(answer?.ok ? await answer.text() : "");
  found.samples.set("up", answer?.ok ? 1 : 0);
  return found;
}

async function send(payload: object, secret = env().webhookSigningSecrets[0] ?? "") {
  const body = JSON.stringify(payload);
  const headers = { ...svixHeaders(body, secret), "content-type": "application/json" };
  return (await fetch(`${url}/api/webhooks/clerk`, { method: "POST", body, headers })).status;
}

async function createUser(fields: Record<string, unknown> = {}, at = Date.now()): Promise<string> {
  const id = clerkId("user");
  const user = userJson({ id, updated_at: at, ...fields });
  expect(await send(event("user.created", user, at))).toBe(200);
  return id;
}

const ask = (sub: string) => askGraphQL({ sub }, "{ viewer { id } }");

/** Holds the lock that `begin` takes for 1.2 s, while `work` waits for it. */
async function whileLocked(begin: string, work: () => Promise<unknown>): Promise<void> {
  const holder = new pg.Client(directConnection("the holder of a lock"));
  await holder.connect();
  await holder.query(`BEGIN; ${begin}`);
  const released = holder.query("SELECT pg_sleep(1.2); COMMIT");
  await work();
  await released;
  await holder.end();
}

/** A delivery that the database refuses. */
async function receivePoison(): Promise<string> {
  await sql("ALTER TABLE users ADD CONSTRAINT no_poison CHECK (first_name <> 'poison') NOT VALID");
  const id = await createUser({ first_name: "poison" });
  const { rows } = await sql("SELECT svix_id FROM deliveries WHERE object_id = $1", [id]);
  return z.object({ svix_id: z.string() }).parse(rows[0]).svix_id;
}

/** A registry with one handler that always fails, and is not retried. */
const failing = createRegistry([
  onUser(
    "created",
    "always-fails",
    async () => {
      throw new Error("this handler always fails");
    },
    { maxAttempts: 1 },
  ),
]);

type Case = { cause(): Promise<unknown>; undo?(): Promise<unknown> };

/** Ends the outage, and waits until the listener is connected. */
const endOutage = async () => {
  proxy.set({ kind: "none" });
  await listening();
};

const removePoison = async () => {
  await sql("ALTER TABLE users DROP CONSTRAINT no_poison");
};

const resetGate = (status: number) => {
  headStatus = status;
  Reflect.deleteProperty(globalThis, "rollcallErasureGate");
};

const held: pg.PoolClient[] = [];

/** The cause of each rule. The outage of the database fires several. */
const cases: Record<string, Case> = {
  "RollcallDatabaseDown RollcallWebhooksUnavailable RollcallHttpErrors RollcallGraphqlErrors RollcallLiveDisconnected":
    {
      async cause() {
        const id = await createUser();
        proxy.set({ kind: "refuse" });
        expect(await send(event("user.updated", userJson({ id })))).toBe(503);
        await ask(id);
        await vi.waitFor(() => expect(listener().isListening).toBe(false), { timeout: 5_000 });
      },
      undo: endOutage,
    },
  RollcallEventsLate: { cause: () => createUser({}, Date.now() - 600_000) },
  RollcallDeliveriesPending: {
    async cause() {
      const svixId = await receivePoison();
      await sql(
        "UPDATE deliveries SET received_at = now() - interval '10 minutes' WHERE svix_id = $1",
        [svixId],
      );
    },
    undo: removePoison,
  },
  RollcallDeadLetters: {
    async cause() {
      const svixId = await receivePoison();
      for (let tries = 1; tries < 8; tries += 1) await settleDelivery(svixId);
    },
    undo: removePoison,
  },
  RollcallApplySlow: {
    async cause() {
      const id = await createUser();
      await whileLocked(`SELECT FROM users WHERE id = '${id}' FOR UPDATE`, () =>
        send(event("user.updated", userJson({ id, updated_at: Date.now() }), Date.now())),
      );
    },
  },
  RollcallWorkerDown: { cause: () => sql("DELETE FROM sync_facts WHERE name LIKE 'worker%'") },
  RollcallPipelineBroken: {
    cause: () =>
      sql(
        "INSERT INTO canary_rounds (nonce, started_at, fault) VALUES ('1', now() + interval '1 s', 'not-reachable')",
      ),
  },
  RollcallWebhooksRefused: {
    cause: () => send(event("user.created", userJson({ id: "user_1" })), `whsec_${"A".repeat(32)}`),
  },
  RollcallReconciliationOld: {
    cause: () => sql("UPDATE sync_runs SET ended_at = now() - interval '2 days'"),
  },
  RollcallQueueStuck: {
    cause: () =>
      sql("SELECT add_queue_job('count-members', run_at => now() - interval '10 minutes')"),
  },
  RollcallQueueDead: {
    async cause() {
      // The payload lacks the svix-id, so the task throws.
      await sql("SELECT add_queue_job('retry-delivery', '{}', max_attempts => 1)");
      await runOnce({
        connectionString: env().directDatabaseUrl,
        taskList: tasks,
        noHandleSignals: true,
        logger: quietLogger,
        preset: completeJobsImmediately,
      });
    },
  },
  RollcallEffectsDead: {
    async cause() {
      await subscribeHandlers(failing);
      await createUser();
      await new EffectRunner(failing).runDue(new AbortController().signal);
    },
  },
  RollcallEffectsLate: {
    async cause() {
      await subscribeHandlers(failing);
      await createUser();
      await sql("UPDATE effect_jobs SET run_at = now() - interval '10 minutes'");
    },
  },
  RollcallFeedDisabled: {
    cause: () =>
      sql(
        `INSERT INTO feed_endpoints (name, url, secrets, kinds, disabled_at, disabled_reason)
         VALUES ('crm', 'https://crm.example/', '{whsec_1}', '{user}', now(), 'gone')`,
      ),
  },
  RollcallProvisioningsFailed: {
    cause: () =>
      sql(
        "INSERT INTO provisionings (user_id, claimed_until, failed_at, error) VALUES ('user_1', now(), now(), 'Timeout')",
      ),
  },
  RollcallErasuresLate: {
    async cause() {
      const id = await createUser();
      expect(await send(event("user.deleted", deletedJson(id), Date.now()))).toBe(200);
      await sql(
        "UPDATE erasures SET deleted_at = now() - interval '1 hour', next_at = now() - interval '1 hour'",
      );
    },
  },
  RollcallErasureBrake: {
    async cause() {
      const settings = { holdbackSeconds: 0, brakeCount: 1, brakeShare: 1 };
      await sql(
        `INSERT INTO sync_facts (name, value) VALUES ('erasure_settings', $1)
         ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`,
        [JSON.stringify(settings)],
      );
      for (const id of [await createUser(), await createUser(), await createUser()])
        expect(await send(event("user.deleted", deletedJson(id), Date.now()))).toBe(200);
    },
  },
  RollcallServingRefused: {
    async cause() {
      // As in a process that starts while the store of the head is down.
      resetGate(500);
    },
    async undo() {
      resetGate(404);
    },
  },
  RollcallTargetDown: {
    async cause() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
    undo: listen,
  },
  RollcallPoolExhausted: {
    async cause() {
      for (let open = 0; open < 9; open += 1) held.push(await database().pool.connect());
    },
    async undo() {
      for (const each of held.splice(0)) each.release();
    },
  },
  RollcallEventLoopBlocked: {
    async cause() {
      // The delay is measured between two turns of a timer, and the scrape before has reset it.
      await createUser();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_300);
    },
  },
  RollcallGraphqlSlow: {
    async cause() {
      const id = await createUser();
      await whileLocked("LOCK TABLE users IN ACCESS EXCLUSIVE MODE", () => ask(id));
    },
  },
  RollcallFinding: {
    // Most deliveries come from another Clerk instance.
    async cause() {
      for (let count = 0; count < 3; count += 1) {
        const user = userJson({ id: clerkId("user") });
        await send({ ...event("user.created", user, Date.now()), instance_id: "ins_other" });
      }
    },
  },
};

/** Brings the database into the state in which no rule fires. */
async function reset(): Promise<void> {
  await sql(
    `TRUNCATE users, organizations, memberships, invitations, versions, deliveries, effect_jobs, effect_subscribers,
     feed_endpoints, provisionings, erasures, erased_ids, late_events, erasure_brakes, canary_rounds, sync_runs CASCADE`,
  );
  await sql("DELETE FROM sync_facts WHERE name IN ('erasure_settings')");
  await sql("DELETE FROM graphile_worker._private_jobs");
  await sql(
    `INSERT INTO sync_runs (mode, trigger, status, holder, ended_at, cursor, counts)
     VALUES ('repair', 'command', 'done', 'the test', now(), '{}', '{}')`,
  );
  await recordHeartbeat(client, "worker");
  await ask(await createUser());
}

type Measured = { before: Scrape; after: Scrape };
const measured = new Map<string, Measured>();
let healthy: Measured;

beforeAll(async () => {
  proxy = await startFaultProxy(process.env.DATABASE_URL ?? "");
  headStore.listen(0);
  await once(headStore, "listening");
  Object.assign(process.env, {
    DIRECT_DATABASE_URL: proxy.url,
    METRICS_TOKEN: TOKEN,
    ERASURE_HEAD_URL: `http://localhost:${port.parse(headStore.address()).port}`,
  });
  client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  process.env.DATABASE_URL = proxy.url;
  await startTelemetry("ingest");
  await listen();
  await listening();
  await reset();
  // The first scrape takes what happened before the test, such as the loading of modules.
  await scrape();
  await reset();
  const before = await scrape();
  await reset();
  healthy = { before, after: await scrape() };
}, 60_000);

afterAll(async () => {
  server.close();
  headStore.close();
  listener().stop();
  await database().pool.end();
  await client.end();
  await proxy.close();
});

test("each rule of ops/alerts.yaml has a case here, and a section in docs/runbook.md", () => {
  const named = Object.keys(cases).flatMap((names) => names.split(" "));
  expect(named.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  const runbook = readFileSync("docs/runbook.md", "utf8");
  const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
  for (const { annotations } of alerts)
    expect(anchors).toContain(annotations.runbook.replace("docs/runbook.md#", ""));
});

/** `up` is Prometheus' own. */
const named = /\b(?:rollcall|nodejs|process)_[a-z0-9_]+/g;

test("each metric that ops/ names is in /api/metrics", () => {
  const dashboard = readFileSync("ops/dashboard.json", "utf8");
  const text = dashboard + alerts.map(({ expr }) => expr).join("\n");
  const names = new Set([...text.matchAll(named)].map(([name]) => name));
  const known = healthy.after.types;
  expect(names.size).toBeGreaterThan(30);
  expect([...names].filter((name) => !known.has(metricOf(name, healthy.after)))).toEqual([]);
});

describe.each(Object.entries(cases))("%s", (names, { cause, undo }) => {
  test("its cause changes the metrics", async () => {
    await reset();
    const before = await scrape();
    try {
      await cause();
      measured.set(names, { before, after: await scrape() });
    } finally {
      await undo?.();
    }
    const { after } = measured.get(names) ?? { after: before };
    expect([...after.samples]).not.toEqual([...before.samples]);
  });
});

/** Returns the series of both scrapes, for 30 minutes in which the change between them goes on. */
function seriesOf({ before, after }: Measured) {
  return [...after.samples].map(([series, value]) => {
    const type = after.types.get(metricOf(series, after));
    const isCounter = type === "counter" || type === "histogram";
    const first = isCounter ? (before.samples.get(series) ?? 0) : value;
    const [name, labels] = [series.split("{", 1)[0], /\{(.*)\}$/.exec(series)?.[1]];
    const all = [labels, 'job="rollcall"', 'instance="one"'].filter(Boolean).join(",");
    return { series: `${name}{${all}}`, values: `${first}+${Math.max(0, value - first)}x30` };
  });
}

const firing = (selector: string) => `count(ALERTS{alertstate="firing"${selector}}) or vector(0)`;

const isInstalled = spawnSync("promtool", ["--version"]).error === undefined;

test.skipIf(!isInstalled)("promtool fires each rule at its cause, and none without", () => {
  const durations = "RollcallEventLoopBlocked|RollcallGraphqlSlow|RollcallApplySlow";
  const tests = [
    {
      name: "healthy",
      input_series: seriesOf(healthy),
      // A shared machine may stall for seconds, so the rules about durations may fire.
      promql_expr_test: [
        {
          expr: firing(`,alertname!~"${durations}"`),
          eval_time: "25m",
          exp_samples: [{ labels: "{}", value: 0 }],
        },
      ],
    },
    ...[...measured].map(([names, scrapes]) => ({
      name: names,
      input_series: seriesOf(scrapes),
      promql_expr_test: names.split(" ").map((name) => ({
        expr: `(${firing(`,alertname="${name}"`)}) > bool 0`,
        eval_time: "25m",
        exp_samples: [{ labels: "{}", value: 1 }],
      })),
    })),
  ];
  const folder = mkdtempSync(join(tmpdir(), "rollcall-alerts-"));
  const path = join(folder, "test.yaml");
  const given = tests.map((each) => ({ interval: "1m", ...each }));
  writeFileSync(path, stringify({ rule_files: [file], evaluation_interval: "1m", tests: given }));
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", path], {
    encoding: "utf8",
  });
  rmSync(folder, { recursive: true });
  expect(`${stdout}${stderr}`).toContain("SUCCESS");
  expect(status).toBe(0);
});
