/** Sees the spans of the production build, and of the other processes, arrive at a collector. */
import { randomUUID } from "node:crypto";
import { createClient } from "graphql-ws";
import pg from "pg";
import WebSocket from "ws";
import { createDatabase } from "../dev/postgres/server";
import { clerkId, emailJson, event, userJson } from "../dev/testing/clerk-payloads";
import { startCollector } from "../dev/testing/collector";
import { makeKeys, testEnvironment } from "../dev/testing/environment";
import { startIngest, startNext, startWorker, startWs } from "../dev/testing/servers";
import { signToken, svixHeaders } from "../dev/testing/sign";
import { migrate } from "../prisma/migrate";
import { databaseUrl, expect, test } from "./fixtures";

/** Planted into everything that a request or a delivery holds; no span may have it. */
const PRIVATE = "zaunkoenig";

test("a collector receives the spans of a webhook from receipt to effect, of a page down to SQL, of a task and of a stream", async () => {
  const keys = makeKeys();
  const own = await createDatabase(databaseUrl, `telemetry_${randomUUID()}`);
  await migrate(own);
  const collector = await startCollector();
  const environment = {
    ...testEnvironment(keys, own),
    ROLLCALL_WORKER: "off",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "200",
  };
  const client = new pg.Client({ connectionString: own });
  await client.connect();
  const servers = await Promise.all([
    startNext(environment),
    startIngest(environment),
    startWorker(environment),
    startWs(environment),
  ]);
  const [web, ingest, , ws] = servers;
  const send = async (url: string, user: object, id: string) => {
    const body = JSON.stringify(event("user.created", user));
    const headers = svixHeaders(body, environment.CLERK_WEBHOOK_SIGNING_SECRET, { id });
    const answer = await fetch(`${url}/api/webhooks/clerk?from=${PRIVATE}`, {
      method: "POST",
      headers: { ...headers, "user-agent": PRIVATE },
      body,
    });
    expect(answer.status).toBe(200);
  };
  const personal = (id: string, fields = {}) =>
    userJson({
      id,
      first_name: PRIVATE,
      email_addresses: [emailJson("idn_1", `${PRIVATE}@example.com`)],
      ...fields,
    });
  /** The names of the spans of the trace that has a span with this delivery, by role. */
  const traceOf = (svixId: string) => {
    const found = collector.spans.find(
      (span) => span.attributes["rollcall.delivery.id"] === svixId,
    );
    return collector.spans
      .filter(({ traceId }) => traceId === found?.traceId)
      .map(({ role, name }) => `${role}: ${name}`);
  };
  const names = () => collector.spans.map(({ role, name }) => `${role}: ${name}`);
  try {
    const [userId, byWeb, byIngest, failed] = [
      clerkId("user"),
      ...["web", "ingest", "failed"].map(() => clerkId("msg")),
    ];
    if (!byWeb || !byIngest || !failed) throw new Error("three ids were made");
    await send(web.url, personal(userId), byWeb);
    await send(ingest.url, personal(clerkId("user")), byIngest);
    await client.query("ALTER TABLE users ADD CONSTRAINT no_poison CHECK (last_name <> 'poison')");
    await send(web.url, personal(clerkId("user"), { last_name: "poison" }), failed);
    await client.query("ALTER TABLE users DROP CONSTRAINT no_poison");

    await fetch(`${web.url}/people/${PRIVATE}?search=${PRIVATE}`);
    const token = signToken(keys.privateKey, { sub: userId });
    const socket = createClient({
      url: `${ws.url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token },
    });
    socket.subscribe(
      { query: "subscription { viewerChanged { refetch } }" },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );

    const parts = ["receive delivery", "record users", "sql record users"];
    await expect
      .poll(() => traceOf(byWeb))
      .toEqual(
        expect.arrayContaining([
          "web: POST /api/webhooks/clerk",
          ...parts.map((name) => `web: ${name}`),
          "worker: effect create-profile",
        ]),
      );
    await expect
      .poll(() => traceOf(byIngest))
      .toEqual(
        expect.arrayContaining([
          "ingest: POST /api/webhooks/clerk",
          ...parts.map((name) => `ingest: ${name}`),
          "worker: effect create-profile",
        ]),
      );
    await expect
      .poll(() => traceOf(failed))
      .toEqual(expect.arrayContaining(["web: receive delivery", "worker: apply delivery again"]));
    await expect.poll(names).toContain("ws: graphql subscribe");
    await expect.poll(names).toContain("worker: job retry-delivery");
    await expect.poll(names).toContain("web: GET /people/[handle]");
    socket.dispose();

    // From the page down to the database, by parents.
    const ancestors = (span: (typeof collector.spans)[number]): string[] => {
      const parent = collector.spans.find(({ spanId }) => spanId === span.parentSpanId);
      return parent ? [parent.name, ...ancestors(parent)] : [];
    };
    const pages = collector.spans
      .filter(({ name, role }) => role === "web" && name.startsWith("sql "))
      .map(ancestors);
    const page = pages.find((list) => list.includes("GET /people/[handle]"));
    expect(page?.[0]).toMatch(/^graphql query \w+$/);

    expect(new Set(collector.spans.map(({ service }) => service))).toEqual(new Set(["rollcall"]));
    expect(collector.bodies.filter((body) => body.includes(PRIVATE))).toEqual([]);
    expect(collector.bodies.filter((body) => body.includes(userId))).toEqual([]);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await client.end();
    await collector.close();
  }
});
