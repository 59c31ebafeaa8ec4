/**
 * Tests which jobs a committed change adds. The events go through the webhook route, and the jobs are added in the same statement
 * as the change.
 */
import { beforeEach, expect, test } from "vitest";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { replayDeliveries } from "../sync/inbox/replay";
import { changeKinds, effectTables } from "./object";
import { subscribe, unsubscribe } from "./subscribers";

const { pool, prisma } = database();
const all = effectTables.flatMap((table) => changeKinds.map((change) => ({ table, change })));
const T = 1_790_000_000_000;

beforeEach(async () => {
  await pool.query(
    "TRUNCATE users, organizations, memberships, invitations, versions, deliveries, effect_jobs, effect_subscribers CASCADE",
  );
  await subscribe(pool, "audit", all);
});

const send = async (type: string, data: object, timestamp?: number, id?: string) =>
  expect(await sendWebhook(event(type, data, timestamp), id ? { id } : {})).toBe(200);

async function jobsOf(objectId: string) {
  const jobs = await prisma.effectJob.findMany({ where: { objectId }, orderBy: { id: "asc" } });
  return jobs.map(({ change, cause, changed }) =>
    [change, cause, changed.join(" ")].join(" ").trim(),
  );
}

test("a user's events add one created job, the updated jobs in order, and one deleted job", async () => {
  const id = clerkId("user");
  await send("user.created", userJson({ id }), T);
  await send("user.updated", userJson({ id, first_name: "Grace", updated_at: T + 1 }), T + 1);
  await send("user.updated", userJson({ id, first_name: "Mary", updated_at: T + 2 }), T + 2);
  await send("user.deleted", deletedJson(id), T + 3);
  expect(await jobsOf(id)).toEqual([
    "created webhook",
    "updated webhook first_name updated_at",
    "updated webhook first_name updated_at",
    "deleted webhook",
  ]);
  const [created, updated, , deleted] = await prisma.effectJob.findMany({ orderBy: { id: "asc" } });
  expect(created).toMatchObject({ previous: null, current: { id, first_name: "Ada" } });
  expect(updated).toMatchObject({
    previous: { first_name: "Ada" },
    current: { first_name: "Grace" },
    userId: id,
  });
  expect(deleted).toMatchObject({ previous: { first_name: "Mary" }, current: null });
});

test("duplicates, stale events and replays add no job", async () => {
  const id = clerkId("user");
  const svixId = clerkId("msg");
  const created = userJson({ id });
  await send(
    "user.updated",
    userJson({ id, first_name: "Grace", updated_at: T + 1 }),
    T + 1,
    svixId,
  );
  await send(
    "user.updated",
    userJson({ id, first_name: "Grace", updated_at: T + 1 }),
    T + 1,
    svixId,
  );
  await send("user.created", created, T);
  await replayDeliveries({});
  expect(await jobsOf(id)).toEqual(["created webhook"]);
});

test("an event with a newer version but unchanged content adds no job", async () => {
  const id = clerkId("user");
  await send("user.created", userJson({ id }), T);
  await send("user.updated", userJson({ id, last_active_at: T + 9 }), T + 9);
  expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({
    eventTimestamp: BigInt(T + 9),
  });
  expect(await jobsOf(id)).toEqual(["created webhook"]);
});

test("a stub row (a user or organization known only by its id) adds no job, and neither does a tombstone without an earlier row", async () => {
  const [userId, organizationId, deleted] = [clerkId("user"), clerkId("org"), clerkId("user")];
  const membership = membershipJson({ id: clerkId("orgmem"), userId, organizationId });
  await send("organizationMembership.created", membership, T);
  await send("user.deleted", deletedJson(userId), T + 1);
  await send("user.deleted", deletedJson(deleted), T);
  await send("user.created", userJson({ id: deleted }), T + 1);
  expect(await jobsOf(membership.id)).toEqual(["created webhook"]);
  expect(await jobsOf(userId)).toEqual([]);
  expect(await jobsOf(deleted)).toEqual([]);
  expect(await jobsOf(organizationId)).toEqual([]);
});

test("when a membership arrives before its user, one created job is added for the user, by user.created", async () => {
  const [userId, organizationId] = [clerkId("user"), clerkId("org")];
  const membership = membershipJson({ id: clerkId("orgmem"), userId, organizationId });
  await send("organizationMembership.created", membership, T);
  await send("user.created", userJson({ id: userId }), T);
  await send("organization.created", organizationJson({ id: organizationId }), T);
  expect(await jobsOf(userId)).toEqual(["created webhook"]);
  expect(await jobsOf(organizationId)).toEqual(["created webhook"]);
});

test("deleting a user adds no updated job for the user's membership, although its metadata is cleared", async () => {
  const [userId, organizationId] = [clerkId("user"), clerkId("org")];
  const membership = membershipJson({
    id: clerkId("orgmem"),
    userId,
    organizationId,
    public_metadata: { seat: 1 },
  });
  await send("user.created", userJson({ id: userId }), T);
  await send("organizationMembership.created", membership, T);
  await send("user.deleted", deletedJson(userId), T + 1);
  expect(await prisma.membership.findFirst()).toMatchObject({ publicMetadata: null });
  expect(await jobsOf(membership.id)).toEqual(["created webhook"]);
});

test("parallel user.updated events of a new user add one created job", async () => {
  const id = clerkId("user");
  await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      send("user.updated", userJson({ id, first_name: `Ada ${at}`, updated_at: T + at }), T + at),
    ),
  );
  const jobs = await prisma.effectJob.findMany({ where: { objectId: id }, orderBy: { id: "asc" } });
  expect(jobs.map(({ change }) => change)).toEqual([
    "created",
    ...jobs.slice(1).map(() => "updated"),
  ]);
  for (const [at, job] of jobs.entries()) {
    expect(job.previous).toEqual(jobs[at - 1]?.current ?? null);
  }
});

test("without a handler that subscribes to the object and change, no job is added", async () => {
  await unsubscribe(pool, "audit");
  await subscribe(pool, "goodbye", [{ table: "users", change: "deleted" }]);
  const id = clerkId("user");
  await send("user.created", userJson({ id }), T);
  await send("user.updated", userJson({ id, first_name: "Grace", updated_at: T + 1 }), T + 1);
  await send("user.deleted", deletedJson(id), T + 2);
  expect(await jobsOf(id)).toEqual(["deleted webhook"]);
});

test("a change adds one job for each subscribed handler, each with its own key", async () => {
  await subscribe(pool, "feed:partner", [{ table: "users", change: "created" }]);
  const id = clerkId("user");
  await send("user.created", userJson({ id }), T);
  const jobs = await prisma.effectJob.findMany({ orderBy: { handler: "asc" } });
  expect(jobs.map(({ key }) => key)).toEqual([`audit:${id}:created`, `feed:partner:${id}:created`]);
});

test("a local edit adds no job, and a replay adds jobs only with withEffects", async () => {
  const id = clerkId("user");
  await send("user.created", userJson({ id }), T);
  await pool.query("UPDATE users SET first_name = 'Edited', version = 1");
  await pool.query("DELETE FROM effect_jobs");
  await replayDeliveries({});
  expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ firstName: "Ada" });
  expect(await jobsOf(id)).toEqual([]);
  await pool.query("UPDATE users SET first_name = 'Edited', version = 1");
  await replayDeliveries({ withEffects: true });
  expect(await jobsOf(id)).toEqual(["updated replay first_name"]);
});

test("a delivery that could not be applied at first adds its jobs when a retry applies it", async () => {
  const id = clerkId("user");
  await pool.query("ALTER TABLE users ADD CONSTRAINT no_ada CHECK (first_name <> 'Ada') NOT VALID");
  try {
    await send("user.created", userJson({ id }), T);
  } finally {
    await pool.query("ALTER TABLE users DROP CONSTRAINT no_ada");
  }
  expect(await jobsOf(id)).toEqual([]);
  await replayDeliveries({ list: "pending" });
  expect(await jobsOf(id)).toEqual(["created webhook"]);
});
