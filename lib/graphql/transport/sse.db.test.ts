import { createClient } from "graphql-sse";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { POST as query } from "@/app/api/graphql/route";
import { POST } from "@/app/api/graphql/stream/route";
import { buriedJson, clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import {
  deliver,
  mirrorAdmin,
  mirrorMembership,
  mirrorOrganization,
  mirrorUser,
} from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../../db";
import { listener } from "../../live/listener";
import { clerkUser } from "../../sync/event/event";
import { applyReconciled } from "../../sync/mirror/apply";
import { fromBackendApi, userChange } from "../../sync/mirror/decide";
import type { LiveResult } from "./live-results";
import { MAX_STREAMS } from "./open-subscription";

const privateKey = process.env.TEST_PRIVATE_KEY ?? "";
const url = "https://rollcall.test/api/graphql/stream";
const VIEWER = "subscription { viewerChanged { refetch viewer { id firstName } } }";
const ORGANIZATIONS =
  "subscription { organizationChanged { refetch organizationIds organizations { id name } } }";
const ONE = "subscription ($id: ID!) { organizationChanged(id: $id) { refetch } }";
const DELIVERIES =
  "subscription { deliveryReceived { refetch deliveries { type outcome objectId } } }";

const later = (fields: object) => ({ updated_at: 1_790_000_001_000, ...fields });

/** As a browser would, through the protocol's own client; no cookies. */
function watch(
  document: string,
  claims: Record<string, unknown>,
  extra: Record<string, string> = {},
) {
  const fetchFn: typeof fetch = (input, init) => POST(new Request(input, init));
  const authorization = `Bearer ${signToken(privateKey, claims)}`;
  const client = createClient({
    url,
    headers: { authorization, ...extra },
    fetchFn,
    retryAttempts: 0,
  });
  const seen: Pick<LiveResult, "data">[] = [];
  const ended = (async () => {
    for await (const result of client.iterate({ query: document })) seen.push(result);
  })();
  return { seen, ended, stop: () => client.dispose() };
}

const sees = (seen: unknown[], part: unknown, timeout = 2_000) =>
  vi.waitFor(() => expect(JSON.stringify(seen)).toContain(JSON.stringify(part).slice(1, -1)), {
    timeout,
    interval: 5,
  });

/** Subscribed, and everything before it heard: what comes now is seen. */
async function open(...[document, claims, extra]: Parameters<typeof watch>) {
  const before = openStreams();
  const stream = watch(document, claims, extra);
  await vi.waitFor(() => expect(openStreams()).toBe(before + 1), { timeout: 5_000, interval: 5 });
  return stream;
}

/** Everybody who listens but the streams. */
let others = 0;
const openStreams = () => listener().listenerCount - others;

const [member, other, admin] = [clerkId("user"), clerkId("user"), clerkId("user")];
const [ours, theirs] = [clerkId("org"), clerkId("org")];
beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  for (const id of [member, other]) await mirrorUser(id);
  for (const id of [ours, theirs]) await mirrorOrganization(id);
  await mirrorMembership(clerkId("orgmem"), member, ours);
  await mirrorMembership(clerkId("orgmem"), other, theirs);
  const body = JSON.stringify({ query: "{ viewer { id } }" });
  const authorization = `Bearer ${signToken(privateKey, { sub: member })}`;
  const headers = { "content-type": "application/json", authorization };
  await query(new Request(url, { method: "POST", headers, body }));
  await caughtUp();
  others = listener().listenerCount;
});
afterAll(() => listener().stop());

describe("refused before a byte is streamed", () => {
  const send = (init: { search?: string; body?: unknown; headers?: Record<string, string> }) =>
    POST(
      new Request(`${url}${init.search ?? ""}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "text/event-stream",
          authorization: `Bearer ${signToken(privateKey, { sub: member })}`,
          ...init.headers,
        },
        body: JSON.stringify(init.body ?? { query: VIEWER }),
      }),
    );

  test.each<[string, number, string, Parameters<typeof send>[0]]>([
    ["no token", 401, "UNAUTHENTICATED", { headers: { authorization: "" } }],
    [
      "an expired token",
      401,
      "UNAUTHENTICATED",
      { headers: { authorization: `Bearer ${signToken(privateKey, { sub: "user_x", exp: 1 })}` } },
    ],
    ["a token in the URL", 400, "BAD_REQUEST", { search: "?token=x" }],
    ["an admin's feed to a member", 403, "FORBIDDEN", { body: { query: DELIVERIES } }],
    ["a query", 400, "BAD_USER_INPUT", { body: { query: "{ viewer { id } }" } }],
    ["an unknown field", 400, "BAD_USER_INPUT", { body: { query: "subscription { x }" } }],
    ["no GraphQL", 400, "BAD_USER_INPUT", { body: { query: "{" } }],
    ["no operation", 400, "BAD_USER_INPUT", { body: {} }],
    ["a missing variable", 400, "BAD_USER_INPUT", { body: { query: ONE } }],
    ["a wrong one", 400, "BAD_USER_INPUT", { body: { query: ONE, variables: { id: {} } } }],
    ["a form", 415, "BAD_REQUEST", { headers: { "content-type": "text/plain" } }],
    ["another media type", 406, "BAD_REQUEST", { headers: { accept: "application/json" } }],
    ["too much", 400, "BAD_REQUEST", { body: { query: " ".repeat(20_000) } }],
  ])("%s: %i %s", async (_name, status, code, init) => {
    const response = await send(init);
    const { errors } = await response.json();
    expect([response.status, errors[0].extensions.code]).toEqual([status, code]);
    expect(openStreams()).toBe(0);
  });

  test("a subscription at the address of queries, with a word on where it belongs", async () => {
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${signToken(privateKey, { sub: member })}`,
    };
    const body = JSON.stringify({ query: VIEWER });
    const response = await query(new Request(url, { method: "POST", headers, body }));
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain("/api/graphql/stream");
  });
});

test("a change of the viewer is told within 300 ms of the acknowledged webhook", async () => {
  const { seen, stop } = await open(VIEWER, { sub: member });
  await mirrorUser(member, later({ first_name: "Augusta" }));
  await sees(seen, { firstName: "Augusta" }, 300);
  stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test("of 100 events of another organization none is told, one's own is", async () => {
  const { seen, stop } = await open(ORGANIZATIONS, { sub: member });
  for (let index = 0; index < 100; index++) {
    await mirrorOrganization(theirs, { name: "Secret", updated_at: 1_790_000_001_000 + index });
  }
  await mirrorOrganization(ours, later({ name: "Difference Engines" }));
  await sees(seen, { name: "Difference Engines" });
  expect(seen).toHaveLength(1);
  expect(JSON.stringify(seen)).not.toContain(theirs);
  stop();
});

test("an organization that comes after its membership is heard of, and is in the next answer", async () => {
  const [sub, late] = [clerkId("user"), clerkId("org")];
  await mirrorUser(sub);
  await caughtUp();
  const streams = [await open(ORGANIZATIONS, { sub }), await open(VIEWER, { sub })];
  await mirrorMembership(clerkId("orgmem"), sub, late);
  await sees(streams[0]?.seen ?? [], { organizationIds: [late], organizations: [] });
  await vi.waitFor(() => expect(streams[1]?.seen.length).toBeGreaterThan(0));
  const count = streams[1]?.seen.length ?? 0;
  await mirrorOrganization(late, { name: "Late Looms" });
  await sees(streams[0]?.seen ?? [], { name: "Late Looms" });
  await vi.waitFor(() => expect(streams[1]?.seen.length).toBeGreaterThan(count));
  const body = JSON.stringify({ query: `{ organization(id: "${late}") { name } }` });
  const authorization = `Bearer ${signToken(privateKey, { sub })}`;
  const headers = { "content-type": "application/json", authorization };
  const answer = await query(new Request(url, { method: "POST", headers, body }));
  expect(await answer.json()).toEqual({ data: { organization: { name: "Late Looms" } } });
  for (const { stop } of streams) stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test("who belongs to it is told to its members, and to nobody else", async () => {
  const MEMBERS = "subscription { membershipsChanged { refetch organizationIds } }";
  const [inside, colleague, membership] = [clerkId("user"), clerkId("user"), clerkId("orgmem")];
  await mirrorUser(inside);
  await mirrorUser(colleague);
  await mirrorMembership(clerkId("orgmem"), inside, ours);
  await caughtUp();
  const streams = [await open(MEMBERS, { sub: inside }), await open(VIEWER, { sub: inside })];
  const outside = [await open(MEMBERS, { sub: other }), await open(VIEWER, { sub: other })];
  await mirrorMembership(membership, colleague, ours);
  for (const { seen } of streams) await vi.waitFor(() => expect(seen).toHaveLength(1));
  expect(streams[0]?.seen).toEqual([
    { data: { membershipsChanged: { refetch: false, organizationIds: [ours] } } },
  ]);
  await deliver(event("organizationMembership.deleted", buriedJson(membership)));
  for (const { seen } of streams) await vi.waitFor(() => expect(seen.length).toBeGreaterThan(1));
  await mirrorUser(other, later({ first_name: "Own", updated_at: 1_790_000_005_000 }));
  await sees(outside[1]?.seen ?? [], { firstName: "Own" });
  expect(outside.map(({ seen }) => seen.length)).toEqual([0, 1]);
  for (const { stop } of [...streams, ...outside]) stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test.each(["organizationChanged(id", "membershipsChanged(organizationId"])(
  "%s: …) of an organization that the token names and the person left is refused",
  async (field) => {
    const query = `subscription { ${field}: "${theirs}") { refetch } }`;
    const { ended } = watch(query, { sub: member, o: { id: theirs, rol: "member" } });
    await expect(ended).rejects.toMatchObject({ response: { status: 403 } });
  },
);

test("an organization just joined is heard of, one just left is named and shown no more", async () => {
  const [sub, membership] = [clerkId("user"), clerkId("orgmem")];
  await mirrorUser(sub);
  await caughtUp();
  const { seen, stop } = await open(ORGANIZATIONS, { sub });
  await mirrorMembership(membership, sub, theirs);
  await sees(seen, { organizationIds: [theirs] });
  await deliver(event("organizationMembership.deleted", buriedJson(membership)));
  await sees(seen, { organizationIds: [theirs], organizations: [] });
  const count = seen.length;
  await mirrorOrganization(theirs, { name: "Later", updated_at: 1_790_000_009_000 });
  await caughtUp();
  expect(seen).toHaveLength(count);
  stop();
});

test("the console's feed shows each delivery to an admin, until they are one no longer", async () => {
  const sub = clerkId("user");
  await mirrorAdmin(sub);
  await caughtUp();
  const { seen, ended } = await open(DELIVERIES, { sub });
  const someone = clerkId("user");
  await mirrorUser(someone);
  await sees(seen, { type: "user.created", outcome: "applied", objectId: someone });
  await mirrorUser(sub, later({ public_metadata: {} }));
  await ended;
  expect(JSON.stringify(seen.at(-1))).toContain('"code":"FORBIDDEN"');
  expect(seen.at(-1)?.data ?? null).toBeNull();
});

test("what only a reconciliation changed is told of to the console", async () => {
  const { seen, stop } = await open("subscription { mirrorChanged { refetch table } }", {
    sub: admin,
  });
  const row = userChange(clerkUser.parse(userJson({ id: clerkId("user") })), fromBackendApi).row;
  await applyReconciled("users", [row], 1n);
  await sees(seen, { refetch: false, table: "users" });
  stop();
});

test.each([
  ["banned", (sub: string) => mirrorUser(sub, later({ banned: true }))],
  ["deleted", (sub: string) => deliver(event("user.deleted", buriedJson(sub)))],
])("who is %s hears nothing more: the stream completes", async (_name, revoke) => {
  const sub = clerkId("user");
  await mirrorUser(sub);
  await caughtUp();
  const { seen, ended } = await open(VIEWER, { sub });
  await revoke(sub);
  await ended;
  expect(seen).toEqual([]);
});

test("the token expires in mid-stream: the stream completes", async () => {
  const { seen, ended } = watch(VIEWER, { sub: member, exp: Date.now() / 1000 + 0.5 });
  await ended;
  expect(seen).toEqual([]);
  expect(openStreams()).toBe(0);
});

test("who comes back is told to refetch; so is everybody after the LISTEN connection was lost", async () => {
  const resumed = await open(VIEWER, { sub: member }, { "x-stream-resumed": "true" });
  await sees(resumed.seen, { refetch: true });
  const { seen, stop } = await open(VIEWER, { sub: member });
  await database().pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rollcall live' AND datname = current_database()",
  );
  await sees(seen, { refetch: true }, 5_000);
  await listening();
  resumed.stop();
  stop();
});

test("a page is told at once of what came after it was drawn, and of nothing when nothing did", async () => {
  const since = (at: number) => ({ "x-stream-since": String(at) });
  await mirrorUser(other, later({ first_name: "Ada" }));
  await caughtUp();
  const late = await open(VIEWER, { sub: member }, since(Date.now()));
  await sees(late.seen, { refetch: true });
  // A clock of another instance, an hour ahead: as if the last change had been an hour ago.
  const quiet = await open(VIEWER, { sub: member }, since(Date.now() + 3_600_000));
  await mirrorUser(member, later({ first_name: "Heard", updated_at: 1_790_000_002_000 }));
  await sees(quiet.seen, { firstName: "Heard" });
  expect(JSON.stringify(quiet.seen)).not.toContain('"refetch":true');
  const nonsense = await open(VIEWER, { sub: member }, { "x-stream-since": "yesterday" });
  await sees(nonsense.seen, { refetch: true });
  for (const { stop } of [late, quiet, nonsense]) stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test(`one person has at most ${MAX_STREAMS} streams, and others still have theirs`, async () => {
  const sub = clerkId("user");
  await mirrorUser(sub);
  const streams = [];
  for (let index = 0; index < MAX_STREAMS; index++) streams.push(await open(VIEWER, { sub }));
  await expect(watch(VIEWER, { sub }).ended).rejects.toMatchObject({ response: { status: 429 } });
  const another = await open(VIEWER, { sub: other });
  streams[0]?.stop();
  await vi.waitFor(() => expect(openStreams()).toBe(MAX_STREAMS));
  streams.push(await open(VIEWER, { sub }), another);
  for (const { stop } of streams) stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test.each(["not seen before", "known"])(
  `of 60 streams that somebody %s opens at once, ${MAX_STREAMS} are opened`,
  async (how) => {
    const sub = clerkId("user");
    await mirrorUser(sub);
    await caughtUp();
    if (how === "known") (await open(VIEWER, { sub })).stop();
    await vi.waitFor(() => expect(openStreams()).toBe(0));
    const headers = {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer ${signToken(privateKey, { sub })}`,
    };
    const body = JSON.stringify({ query: VIEWER });
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => POST(new Request(url, { method: "POST", headers, body }))),
    );
    const opened = answers.filter(({ status }) => status === 200);
    expect(opened).toHaveLength(MAX_STREAMS);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(60 - MAX_STREAMS);
    for (const { body: stream } of opened) await stream?.cancel();
    await vi.waitFor(() => expect(openStreams()).toBe(0));
  },
);

test("what fails to open holds no place", async () => {
  const sub = clerkId("user");
  await mirrorUser(sub);
  await caughtUp();
  for (let index = 0; index <= MAX_STREAMS; index++) {
    await expect(watch(DELIVERIES, { sub }).ended).rejects.toMatchObject({
      response: { status: 403 },
    });
  }
  (await open(VIEWER, { sub })).stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test("a reader who does not read holds no more than a bounded mailbox, and is told of the gap", async () => {
  const response = await POST(
    new Request(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        authorization: `Bearer ${signToken(privateKey, { sub: admin })}`,
      },
      body: JSON.stringify({ query: DELIVERIES }),
    }),
  );
  await database().pool.query(
    `SELECT pg_notify('rollcall', jsonb_build_object('table', 'deliveries', 'ids', jsonb_build_array('msg_' || n))::text)
     FROM generate_series(1, 500) AS n`,
  );
  await caughtUp();
  const reader = response.body?.getReader();
  let text = "";
  while (!text.includes('"refetch":true')) {
    const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  expect(text.split("event: next").length - 1).toBeLessThan(10);
  await reader?.cancel();
});
