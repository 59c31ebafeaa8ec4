import { createClient } from "graphql-sse";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { POST as query } from "@/app/api/graphql/route";
import { POST } from "@/app/api/graphql/stream/route";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
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

/** Subscribes as a browser does, through the client of graphql-sse, without cookies. */
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

/** Opens a stream. Resolves when the stream has subscribed to the listener, and so receives every later change. */
async function open(...[document, claims, extra]: Parameters<typeof watch>) {
  const before = openStreams();
  const stream = watch(document, claims, extra);
  await vi.waitFor(() => expect(openStreams()).toBe(before + 1), { timeout: 5_000, interval: 5 });
  return stream;
}

/** The number of subscribers of the listener that are not streams. */
let otherListeners = 0;
const openStreams = () => listener().listenerCount - otherListeners;

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
  otherListeners = listener().listenerCount;
});
afterAll(() => listener().stop());

describe("requests that are refused before the stream starts", () => {
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
    ["an admin's subscription, to a member", 403, "FORBIDDEN", { body: { query: DELIVERIES } }],
    ["a query", 400, "BAD_USER_INPUT", { body: { query: "{ viewer { id } }" } }],
    ["an unknown field", 400, "BAD_USER_INPUT", { body: { query: "subscription { x }" } }],
    ["a query that does not parse", 400, "BAD_USER_INPUT", { body: { query: "{" } }],
    ["no operation", 400, "BAD_USER_INPUT", { body: {} }],
    ["a missing variable", 400, "BAD_USER_INPUT", { body: { query: ONE } }],
    [
      "a variable of another type",
      400,
      "BAD_USER_INPUT",
      { body: { query: ONE, variables: { id: {} } } },
    ],
    ["a form", 415, "BAD_REQUEST", { headers: { "content-type": "text/plain" } }],
    ["another media type", 406, "BAD_REQUEST", { headers: { accept: "application/json" } }],
    ["a body of more than 16 KiB", 413, "BAD_REQUEST", { body: { query: " ".repeat(20_000) } }],
  ])(
    "a stream request is refused before the stream starts: %s returns %i %s",
    async (_name, status, code, init) => {
      const response = await send(init);
      const { errors } = await response.json();
      expect([response.status, errors[0].extensions.code]).toEqual([status, code]);
      expect(openStreams()).toBe(0);
    },
  );

  test("a subscription sent to /api/graphql is refused, and the message names the stream's URL", async () => {
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

test("a change of the viewer is streamed within 300 ms after the webhook was acknowledged", async () => {
  const { seen, stop } = await open(VIEWER, { sub: member });
  await mirrorUser(member, later({ first_name: "Augusta" }));
  await sees(seen, { firstName: "Augusta" }, 300);
  stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test("a stream gets an event of the viewer's own organization and none of 100 events of another organization", async () => {
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

test("an organization whose event arrives after its membership's is streamed, and the next query returns it", async () => {
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

test("a change of memberships is streamed to the members of the organization only", async () => {
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
  await deliver(event("organizationMembership.deleted", deletedJson(membership)));
  for (const { seen } of streams) await vi.waitFor(() => expect(seen.length).toBeGreaterThan(1));
  await mirrorUser(other, later({ first_name: "Own", updated_at: 1_790_000_005_000 }));
  await sees(outside[1]?.seen ?? [], { firstName: "Own" });
  expect(outside.map(({ seen }) => seen.length)).toEqual([0, 1]);
  for (const { stop } of [...streams, ...outside]) stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test.each([
  ["organizationChanged", "id"],
  ["membershipsChanged", "organizationId"],
])(
  "the subscription %s is refused if the user has left the organization that the token names",
  async (field, argument) => {
    const query = `subscription { ${field}(${argument}: "${theirs}") { refetch } }`;
    const { ended } = watch(query, { sub: member, o: { id: theirs, rol: "member" } });
    await expect(ended).rejects.toMatchObject({ response: { status: 403 } });
  },
);

test("joining an organization streams its id and data; leaving it streams only the id", async () => {
  const [sub, membership] = [clerkId("user"), clerkId("orgmem")];
  await mirrorUser(sub);
  await caughtUp();
  const { seen, stop } = await open(ORGANIZATIONS, { sub });
  await mirrorMembership(membership, sub, theirs);
  await sees(seen, { organizationIds: [theirs] });
  await deliver(event("organizationMembership.deleted", deletedJson(membership)));
  await sees(seen, { organizationIds: [theirs], organizations: [] });
  const count = seen.length;
  await mirrorOrganization(theirs, { name: "Later", updated_at: 1_790_000_009_000 });
  await caughtUp();
  expect(seen).toHaveLength(count);
  stop();
});

test("each delivery is streamed to an admin until the admin role is revoked", async () => {
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

test("a change that a reconciliation made, without an event, is streamed to the console", async () => {
  const { seen, stop } = await open("subscription { mirrorChanged { refetch table } }", {
    sub: admin,
  });
  const row = userChange(clerkUser.parse(userJson({ id: clerkId("user") })), fromBackendApi).row;
  await applyReconciled("users", [row], 1n, { cause: null, createdSince: null });
  await sees(seen, { refetch: false, table: "users" });
  stop();
});

test.each([
  ["banned", (sub: string) => mirrorUser(sub, later({ banned: true }))],
  ["deleted", (sub: string) => deliver(event("user.deleted", deletedJson(sub)))],
])("when the user is %s, the stream completes without a further event", async (_name, revoke) => {
  const sub = clerkId("user");
  await mirrorUser(sub);
  await caughtUp();
  const { seen, ended } = await open(VIEWER, { sub });
  await revoke(sub);
  await ended;
  expect(seen).toEqual([]);
});

test("a stream completes when its token expires", async () => {
  const { seen, ended } = watch(VIEWER, { sub: member, exp: Date.now() / 1000 + 0.5 });
  await ended;
  expect(seen).toEqual([]);
  expect(openStreams()).toBe(0);
});

test("a resumed stream gets refetch, and every open stream gets refetch after the LISTEN connection was lost", async () => {
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

test("a stream with x-stream-since gets refetch at once if anything changed since that time, and otherwise no event", async () => {
  const since = (at: number) => ({ "x-stream-since": String(at) });
  await mirrorUser(other, later({ first_name: "Ada" }));
  await caughtUp();
  const late = await open(VIEWER, { sub: member }, since(Date.now()));
  await sees(late.seen, { refetch: true });
  // The header's time is one hour in the future, so the last change is an hour older than that time.
  const quiet = await open(VIEWER, { sub: member }, since(Date.now() + 3_600_000));
  await mirrorUser(member, later({ first_name: "Streamed", updated_at: 1_790_000_002_000 }));
  await sees(quiet.seen, { firstName: "Streamed" });
  expect(JSON.stringify(quiet.seen)).not.toContain('"refetch":true');
  const nonsense = await open(VIEWER, { sub: member }, { "x-stream-since": "yesterday" });
  await sees(nonsense.seen, { refetch: true });
  for (const { stop } of [late, quiet, nonsense]) stop();
  await vi.waitFor(() => expect(openStreams()).toBe(0));
});

test(`a user may have ${MAX_STREAMS} open streams, and another user is not affected`, async () => {
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

test.each(["without a cached session", "with a cached session"])(
  `when a user %s opens 60 streams in parallel, ${MAX_STREAMS} are opened`,
  async (how) => {
    const sub = clerkId("user");
    await mirrorUser(sub);
    await caughtUp();
    if (how === "with a cached session") (await open(VIEWER, { sub })).stop();
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

test("a refused stream does not count towards the user's limit of open streams", async () => {
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

test("the mailbox of a client that stops reading is bounded, and the client gets refetch for the dropped events", async () => {
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
