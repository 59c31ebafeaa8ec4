/**
 * Tests acts on many users, with a stub of Clerk's API: the dry run, the worker's task, stopping, and failures of Clerk in the
 * middle of a bulk act.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, event, membershipJson, userJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";
import { env } from "../env";
import { clearStoppedBulk, runBulk } from "./bulk";

const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
afterAll(() => api.close());

const [admin, other] = [clerkId("user"), clerkId("user")];
const people = Array.from({ length: 6 }, () => clerkId("user"));
const banned = people[1] ?? "";

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorAdmin(other);
  for (const id of people) await mirrorUser(id, id === banned ? { banned: true } : {});
  for (const id of [admin, other])
    api.users.push({
      ...userJson({ id, public_metadata: { role: "admin" } }),
      ...{ id, created_at: 1 },
    });
  await caughtUp();
});

const bans: string[] = [];
type Answer = [status: number, body: object, headers?: object];
let answer: (id: string) => Answer = () => [200, {}];
const success = (id: string): Answer => [
  200,
  userJson({ id, banned: true, updated_at: 1_790_000_009_000 }),
];

beforeEach(() => {
  bans.length = 0;
  answer = success;
  api.intercept = (response, url, request) => {
    const id = /users\/(\w+)\/ban$/.exec(url.pathname)?.[1];
    if (request.method !== "POST" || !id) return false;
    bans.push(id);
    return answerJson(response, ...answer(id));
  };
});

const ask = (query: string, claims: object = {}) => askGraphQL({ sub: admin, ...claims }, query);

const list = JSON.stringify;
const start = async (ids: string[], rest = 'reason: "spam"') =>
  (
    await ask(
      `mutation { startBulkAct(name: USER_BAN, objectIds: ${list(ids)} ${rest}) { bulkId error errorField } }`,
    )
  ).data.startBulkAct;
const bulkOf = async (id: string) =>
  (
    await ask(
      `{ bulkAct(id: "${id}") { state note items { objectId state note act { errorCode } } } }`,
    )
  ).data.bulkAct;
const run = (id: string) => runBulk(id, { pauseMs: 0, retryDelaysMs: [1, 1] });

test("a dry run of a bulk act returns which users it would change and which it would skip, with the reason, and changes nothing", async () => {
  const unknown = clerkId("user");
  const ids = [...people.slice(0, 2), admin, unknown, people[0]];
  const { data } = await ask(
    `{ bulkPlan(name: USER_BAN, objectIds: ${list(ids)}) { runCount items { objectId objectName skipped } } }`,
  );
  expect(data.bulkPlan).toEqual({
    runCount: 1,
    items: [
      { objectId: people[0], objectName: "Ada Lovelace", skipped: null },
      { objectId: banned, objectName: "Ada Lovelace", skipped: "Banned already" },
      { objectId: admin, objectName: "Ada Lovelace", skipped: "You cannot ban yourself." },
      {
        objectId: unknown,
        objectName: unknown,
        skipped: expect.stringMatching(/no user with this id/),
      },
    ],
  });
  expect(bans).toEqual([]);
});

test("a bulk act runs once on each object, skips objects with nothing to do, and records Clerk's refusals", async () => {
  const refused = people[2];
  answer = (id) => (id === refused ? [422, clerkError("not_allowed")] : success(id));
  const { bulkId } = await start(people.slice(0, 4));
  await run(bulkId);
  expect(bans).toEqual([people[0], refused, people[3]]);
  expect(await bulkOf(bulkId)).toMatchObject({
    ...{ state: "DONE", note: null },
    items: [
      { objectId: people[0], state: "DONE" },
      { objectId: banned, state: "SKIPPED", note: "Banned already" },
      { objectId: refused, state: "REFUSED", act: { errorCode: "not_allowed" } },
      { objectId: people[3], state: "DONE" },
    ],
  });
  await run(bulkId);
  expect(bans).toHaveLength(3);
});

test("the reason of a bulk act is stored once, and shown with each of its acts and audit entries", async () => {
  const id = people[5] ?? "";
  const { bulkId } = await start([id], 'reason: "ring of accounts"');
  await run(bulkId);
  const { rows } = await database().pool.query(
    `SELECT a.reason, e.detail FROM acts a JOIN audit_log e ON e.detail ->> 'actId' = a.id::text AND e.action = 'user.ban_requested'
     WHERE a.bulk_id = $1`,
    [bulkId],
  );
  expect(rows).toEqual([{ reason: null, detail: { actId: expect.any(String), bulkId } }]);
  const { data } = await ask(
    `{ acts(objectId: "${id}", first: 1) { reason }
       auditEntries(filter: { action: "user.ban_requested", subject: "${id}" }, first: 1) { edges { node { reason } } } }`,
  );
  expect(data.acts).toEqual([{ reason: "ring of accounts" }]);
  expect(data.auditEntries.edges).toEqual([{ node: { reason: "ring of accounts" } }]);
});

test("a bulk act pauses when Clerk stops responding in the middle, and later continues with the same object", async () => {
  let isDown = true;
  answer = (id) => (isDown && id === people[4] ? [503, {}] : success(id));
  const { bulkId } = await start(people.slice(3));
  await run(bulkId);
  expect(await bulkOf(bulkId)).toMatchObject({
    ...{ state: "PAUSED", note: "Clerk does not answer. The worker tries again every minute." },
    items: [{ state: "DONE" }, { state: "PENDING" }, { state: "PENDING" }],
  });
  isDown = false;
  await run(bulkId);
  expect(await bulkOf(bulkId)).toMatchObject({ state: "DONE", note: null });
  expect(bans.filter((id) => id === people[3])).toHaveLength(1);
});

test("after a 429 in a bulk act, the worker waits for the Retry-After time, and each object is changed exactly once", async () => {
  let isFirst = true;
  answer = (id) => {
    if (!isFirst) return success(id);
    isFirst = false;
    return [429, clerkError("too_many_requests"), { "retry-after": "1" }];
  };
  const { bulkId } = await start(people.slice(4));
  const before = Date.now();
  await run(bulkId);
  expect(Date.now() - before).toBeGreaterThanOrEqual(1_000);
  expect(bans).toEqual([people[4], people[4], people[5]]);
  expect((await bulkOf(bulkId)).state).toBe("DONE");
});

test("after its worker was killed, a bulk act continues with the first object that has no result", async () => {
  const { bulkId } = await start(people.slice(3));
  await database().pool.query(
    "UPDATE bulk_act_items SET state = 'done' WHERE bulk_id = $1 AND position = 1",
    [bulkId],
  );
  await run(bulkId);
  expect(bans).toEqual(people.slice(4));
});

test("a bulk act stops when the admin who started it is demoted, and when an admin stops it", async () => {
  const { bulkId } = await start(people.slice(3));
  answer = (id) => {
    void database().pool.query("UPDATE users SET is_admin = false WHERE id = $1", [admin]);
    return success(id);
  };
  const slow = runBulk(bulkId, { pauseMs: 300, retryDelaysMs: [1, 1] });
  await slow;
  await database().pool.query("UPDATE users SET is_admin = true WHERE id = $1", [admin]);
  expect(await bulkOf(bulkId)).toMatchObject({
    ...{ state: "STOPPED", note: "The admin who started it is no longer a platform admin." },
    items: [{ state: "DONE" }, { state: "PENDING" }, { state: "PENDING" }],
  });
  const next = await start(people.slice(3));
  const { data } = await ask(`mutation { stopBulkAct(id: "${next.bulkId}") { state } }`);
  expect(data.stopBulkAct.state).toBe("STOPPED");
  bans.length = 0;
  await run(next.bulkId);
  expect(bans).toEqual([]);
});

const resume = async (id: string, sub = admin) =>
  (await askGraphQL({ sub }, `mutation { resumeBulkAct(id: "${id}") { bulkId error } }`)).data
    ?.resumeBulkAct;

test("a stopped bulk act goes on with the rest when another admin resumes it, in that admin's name", async () => {
  const { bulkId } = await start(people.slice(3));
  let count = 0;
  answer = (id) => {
    count += 1;
    if (count === 1) void ask(`mutation { stopBulkAct(id: "${bulkId}") { state } }`);
    return success(id);
  };
  await runBulk(bulkId, { pauseMs: 500, retryDelaysMs: [1, 1] });
  expect((await bulkOf(bulkId)).state).toBe("STOPPED");
  expect(await resume(bulkId, other)).toEqual({ bulkId, error: null });
  await run(bulkId);
  expect(bans).toEqual(people.slice(3));
  expect((await bulkOf(bulkId)).state).toBe("DONE");
  const acts = await database().prisma.act.findMany({
    where: { bulkId },
    orderBy: { requestedAt: "asc" },
  });
  expect(acts.map(({ actorId }) => actorId)).toEqual([admin, other, other]);
  const entries = await database().prisma.auditEntry.findMany({
    where: { subject: bulkId },
    orderBy: { id: "asc" },
  });
  expect(entries.map(({ actor, action }) => [actor, action])).toEqual([
    [admin, "bulk.user.ban_requested"],
    [admin, "bulk.user.ban_stopped"],
    [other, "bulk.user.ban_resumed"],
  ]);
  expect(await resume(bulkId)).toEqual({
    bulkId: null,
    error: "It runs, is done, or was stopped too long ago.",
  });
});

test("a bulk act that was stopped more than 7 days ago cannot be resumed, and loses its arguments", async () => {
  const { bulkId } = await start(people.slice(3), 'reason: "spam"');
  await ask(`mutation { stopBulkAct(id: "${bulkId}") { state } }`);
  await database().pool.query(
    `UPDATE bulk_acts SET ended_at = now() - interval '8 days', arguments = '{"role": "org:admin"}' WHERE id = $1`,
    [bulkId],
  );
  await clearStoppedBulk();
  expect((await resume(bulkId)).error).toMatch(/stopped too long ago/);
  const kept = await database().prisma.bulkAct.findUnique({ where: { id: bulkId } });
  expect(kept?.arguments).toEqual({});
});

test("an earlier run of the worker ends when another one takes over, so no object is done twice", async () => {
  const { bulkId } = await start(people.slice(3));
  let second: Promise<void> | null = null;
  answer = (id) => {
    second ??= new Promise((resolve) => setTimeout(resolve, 100)).then(() => run(bulkId));
    return success(id);
  };
  await runBulk(bulkId, { pauseMs: 400, retryDelaysMs: [1, 1] });
  await second;
  expect(bans).toEqual(people.slice(3));
});

test("500 objects: two 429s, an outage and a refusal in the middle lose none and do none twice", async () => {
  const many = Array.from({ length: 500 }, (_, at) => `user_bulk${at}`);
  await database().pool.query(
    "INSERT INTO users (id, version, first_name) SELECT id, 1, 'Many' FROM unnest($1::text[]) AS id",
    [many],
  );
  const faults = new Map<string, Answer[]>([
    ["user_bulk100", [[429, clerkError("too_many_requests"), { "retry-after": "0" }]]],
    ["user_bulk101", [[429, clerkError("too_many_requests"), { "retry-after": "0" }]]],
    [
      "user_bulk250",
      [
        [503, {}],
        [503, {}],
        [503, {}],
      ],
    ],
    ["user_bulk400", [[422, clerkError("not_allowed")]]],
  ]);
  answer = (id) => faults.get(id)?.shift() ?? success(id);
  const { bulkId } = await start(many);
  await run(bulkId);
  expect((await bulkOf(bulkId)).state).toBe("PAUSED");
  await run(bulkId);
  const { data } = await ask(
    `{ bulkAct(id: "${bulkId}") { state done: itemsCount(state: DONE) refused: itemsCount(state: REFUSED) pending: itemsCount(state: PENDING) } }`,
  );
  expect(data.bulkAct).toEqual({ state: "DONE", done: 499, refused: 1, pending: 0 });
  expect(new Set(bans).size).toBe(500);
  expect(bans).toHaveLength(500 + 2 + 3);
}, 60_000);

test("the list of bulk acts says who started each, and the items have the names of their objects", async () => {
  const { data } = await ask(
    "{ bulkActs { actorId actorName objectKind label itemsCount items { objectId objectName } } }",
  );
  expect(data.bulkActs.at(-1)).toMatchObject({
    ...{ actorId: admin, actorName: "Ada Lovelace", objectKind: "user", label: "Ban" },
    itemsCount: 4,
  });
  expect(data.bulkActs.at(-1).items[0]).toEqual({
    objectId: people[0],
    objectName: "Ada Lovelace",
  });
});

test("metadata set on many people is merged, and the arguments are gone when it is done", async () => {
  const bodies: unknown[] = [];
  const bansOnly = api.intercept;
  api.intercept = (response, url, request) => {
    const id = /users\/(\w+)\/metadata$/.exec(url.pathname)?.[1];
    if (request.method !== "PATCH" || !id) return bansOnly?.(response, url, request) ?? false;
    let text = "";
    request.on("data", (part) => (text += part));
    request.on("end", () => {
      bodies.push(JSON.parse(text));
      answerJson(response, 200, userJson({ id, updated_at: 1_790_000_009_000 }));
    });
    return true;
  };
  const args = JSON.stringify({ publicMetadata: '{"plan":"pro"}' }).replace(/"(\w+)":/, "$1:");
  const { data } = await ask(
    `mutation { startBulkAct(name: USER_MERGE_METADATA, objectIds: ${list(people.slice(4))}, arguments: ${args}) { bulkId error } }`,
  );
  expect(data.startBulkAct.error).toBeNull();
  const { bulkId } = data.startBulkAct;
  await run(bulkId);
  expect(bodies).toEqual([
    { public_metadata: { plan: "pro" } },
    { public_metadata: { plan: "pro" } },
  ]);
  const kept = await database().prisma.bulkAct.findUnique({ where: { id: bulkId } });
  expect(kept).toMatchObject({ state: "done", arguments: {} });
});

test("the dry run of a deletion names the only admin of an organization, and the stored note of the skipped item has no names", async () => {
  env().lastAdminPolicy = "refuse";
  const [sole, member, organizationId] = [clerkId("user"), clerkId("user"), clerkId("org")];
  await mirrorOrganization(organizationId, { name: "Harbour" });
  for (const userId of [sole, member]) {
    await mirrorUser(userId, { first_name: "Sylvia" });
    const role = userId === sole ? "org:admin" : "org:member";
    const json = membershipJson({ id: clerkId("orgmem"), userId, organizationId, role });
    await deliver(event("organizationMembership.created", json));
  }
  const { data } = await ask(
    `{ bulkPlan(name: USER_DELETE, objectIds: ${list([sole])}) { items { skipped } } }`,
  );
  expect(data.bulkPlan.items[0].skipped).toMatch(/^Sylvia .* is the only admin of Harbour\./);
  const started = await ask(
    `mutation { startBulkAct(name: USER_DELETE, objectIds: ${list([sole])}, reason: "spam") { bulkId } }`,
  );
  const { bulkId } = started.data.startBulkAct;
  await run(bulkId);
  const [item] = (await bulkOf(bulkId)).items;
  expect(item).toMatchObject({
    state: "SKIPPED",
    note: "The only admin of an organization. Make another member an admin first, or delete the organization.",
  });
});

test("only a platform admin can start, stop or resume a bulk act", async () => {
  const { bulkId } = await start(people.slice(3));
  for (const claims of [{ sub: people[0] }, { sub: admin, act: { sub: "user_support" } }]) {
    for (const mutation of [
      `startBulkAct(name: USER_UNBAN, objectIds: ["x"]) { error }`,
      `stopBulkAct(id: "${bulkId}") { id }`,
      `resumeBulkAct(id: "${bulkId}") { error }`,
    ]) {
      const { errors } = await askGraphQL(claims, `mutation { ${mutation} }`);
      expect(errors?.[0]?.extensions.code).toMatch(/FORBIDDEN/);
    }
  }
  await ask(`mutation { stopBulkAct(id: "${bulkId}") { id } }`);
});

test.each([
  ["without a reason", people.slice(0, 1), "", "reason"],
  ["without an object", [], 'reason: "x"', "objectIds"],
  [
    "with more than 1,000 objects",
    Array.from({ length: 1_001 }, (_, at) => `user_${at}`),
    'reason: "x"',
    "objectIds",
  ],
])("a bulk act is refused %s", async (_name, ids, rest, field) => {
  expect(await start(ids, rest)).toMatchObject({ bulkId: null, errorField: field });
});
