/**
 * Tests acts on many users, with a stub of Clerk's API: the dry run, the worker's task, stopping, and failures of Clerk in the
 * middle of a bulk act.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, userJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";
import { runBulk } from "./bulk";

const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
afterAll(() => api.close());

const admin = clerkId("user");
const people = Array.from({ length: 6 }, () => clerkId("user"));
const banned = people[1] ?? "";

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  for (const id of people) await mirrorUser(id, id === banned ? { banned: true } : {});
  api.users.push({
    ...userJson({ id: admin, public_metadata: { role: "admin" } }),
    id: admin,
    created_at: 1,
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
      { objectId: admin, objectName: admin, skipped: "You cannot ban yourself." },
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
  const other = await start(people.slice(3));
  const { data } = await ask(`mutation { stopBulkAct(id: "${other.bulkId}") { state } }`);
  expect(data.stopBulkAct.state).toBe("STOPPED");
  bans.length = 0;
  await run(other.bulkId);
  expect(bans).toEqual([]);
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
