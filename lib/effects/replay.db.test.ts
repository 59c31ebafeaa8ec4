/** Tests that handlers run again on an operator's command, and that new handlers run for earlier changes. */
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
import { type Handler, onInvitation, onMembership, onUser } from "./effect";
import { createRegistry } from "./registry";
import { forgetHandler, replayDead, replayFrom } from "./replay";
import { deleteSettledJobs } from "./retention";
import { EffectRunner } from "./runner";
import { subscribeHandlers, unsubscribeRemoved } from "./subscribers";
import { summarizeHandlers } from "./summary";

const { pool, prisma } = database();
const T = 1_790_000_000_000;
const longAgo = new Date(0);

beforeEach(async () => {
  await pool.query(
    "TRUNCATE users, organizations, memberships, invitations, versions, deliveries, effect_jobs, effect_subscribers CASCADE",
  );
});

const send = async (type: string, data: object, timestamp = T) =>
  expect(await sendWebhook(event(type, data, timestamp))).toBe(200);

const rename = (id: string, first_name: string, at: number) =>
  send("user.updated", userJson({ id, first_name, updated_at: T + at }), T + at);

const runDue = (...handlers: Handler[]) =>
  new EffectRunner(createRegistry(handlers)).runDue(new AbortController().signal);

test("a new handler runs for earlier changes only in a replay, in the order of the changes and with their original keys", async () => {
  const seen: unknown[] = [];
  const audit = onUser("updated", "audit", async ({ previous, current, changed, cause, key }) => {
    seen.push([previous.firstName, current.firstName, changed.join(" "), cause]);
    expect(current.createdAt).toEqual(new Date(T));
    expect(key).toMatch(new RegExp(`^audit:${id}:updated:${T + seen.length}-msg_`));
  });
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await rename(id, "Grace", 1);
  await rename(id, "Mary", 2);
  await subscribeHandlers(createRegistry([audit]));
  await rename(id, "Joan", 3);
  expect(await replayFrom("audit", audit.subscriptions, longAgo)).toEqual({ again: 0, added: 2 });
  await runDue(audit);
  expect(seen).toEqual([
    ["Ada", "Grace", "firstName updatedAt", "replay"],
    ["Grace", "Mary", "firstName updatedAt", "replay"],
    ["Mary", "Joan", "firstName updatedAt", "webhook"],
  ]);
  expect(await replayFrom("audit", audit.subscriptions, longAgo)).toEqual({ again: 3, added: 0 });
});

test("a replay from a given time runs only later changes", async () => {
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await rename(id, "Grace", 1);
  await pool.query("UPDATE versions SET received_at = received_at - interval '1 day'");
  await rename(id, "Mary", 2);
  const seen: (string | null)[] = [];
  const audit = onUser(
    "updated",
    "audit",
    async ({ current }) => void seen.push(current.firstName),
  );
  const anHourAgo = new Date(Date.now() - 3_600_000);
  expect(await replayFrom("audit", audit.subscriptions, anHourAgo)).toEqual({ again: 0, added: 1 });
  await runDue(audit);
  expect(seen).toEqual(["Mary"]);
});

test("a replay adds no effects for a deleted user", async () => {
  const [gone, alive] = [clerkId("user"), clerkId("user")];
  for (const id of [gone, alive]) await send("user.created", userJson({ id }));
  await send("user.deleted", deletedJson(gone), T + 1);
  const seen: string[] = [];
  const welcome = onUser("created", "welcome", async ({ current }) => void seen.push(current.id));
  const goodbye = onUser("deleted", "goodbye", async ({ previous }) => void seen.push(previous.id));
  await replayFrom("welcome", welcome.subscriptions, longAgo);
  await replayFrom("goodbye", goodbye.subscriptions, longAgo);
  await runDue(welcome, goodbye);
  expect(seen).toEqual([alive]);
});

test("a replay also adds effects for memberships and invitations", async () => {
  const [userId, organizationId] = [clerkId("user"), clerkId("org")];
  await send("organization.created", organizationJson({ id: organizationId }));
  const membership = membershipJson({ id: clerkId("orgmem"), userId, organizationId });
  await send("organizationMembership.created", membership);
  const invitation = {
    object: "organization_invitation",
    id: clerkId("orginv"),
    organization_id: organizationId,
    email_address: "grace@example.com",
    role: "org:member",
    status: "pending",
    created_at: T,
    updated_at: T,
  };
  await send("organizationInvitation.created", invitation);
  const seen: unknown[] = [];
  const joined = onMembership("created", "joined", async ({ current }) => {
    seen.push([current.userId, current.role]);
  });
  const invited = onInvitation("created", "invited", async ({ current }) => {
    seen.push([current.email, current.createdAt]);
  });
  for (const { name, subscriptions } of [joined, invited]) {
    await replayFrom(name, subscriptions, longAgo);
    await runDue(joined, invited);
  }
  expect(seen).toEqual([
    [userId, "org:member"],
    ["grace@example.com", new Date(T)],
  ]);
});

test("a replay of one handler runs its dead letters again, and not those of another handler", async () => {
  let isBroken = true;
  const seen: string[] = [];
  const failing = (name: string) =>
    onUser(
      "created",
      name,
      async ({ key }) => {
        if (isBroken) throw new Error("broken");
        seen.push(key);
      },
      { maxAttempts: 1 },
    );
  const handlers = [failing("welcome"), failing("bill")];
  await subscribeHandlers(createRegistry(handlers));
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await runDue(...handlers);
  isBroken = false;
  expect(await replayDead("welcome")).toBe(1);
  await runDue(...handlers);
  expect(seen).toEqual([`welcome:${id}:created`]);
  expect(await summarizeHandlers(createRegistry(handlers))).toMatchObject([
    { handler: "bill", pending: 0, dead: 1, done: 0 },
    { handler: "welcome", pending: 0, dead: 0, done: 1 },
  ]);
  expect(await prisma.auditEntry.findFirst({ orderBy: { id: "desc" } })).toMatchObject({
    action: "effects.dead-replayed",
    subject: "welcome",
    detail: { count: 1 },
  });
});

test("npm run effects lists a removed handler with its pending jobs, and npm run effects -- forget deletes both", async () => {
  const removed = onUser("created", "removed", async () => undefined);
  await subscribeHandlers(createRegistry([removed]));
  await send("user.created", userJson({ id: clerkId("user") }));
  const none = createRegistry([]);
  expect(await summarizeHandlers(none)).toMatchObject([
    { handler: "removed", pending: 1, isRunning: false },
  ]);
  expect(await forgetHandler("removed")).toBe(1);
  expect(await summarizeHandlers(none)).toEqual([]);
});

test("a handler that no process has registered for a day is unsubscribed, unless it is a member of a family", async () => {
  await subscribeHandlers(createRegistry([onUser("created", "kept", async () => undefined)]));
  await pool.query(
    `INSERT INTO effect_subscribers (object_table, change, handler, seen_at) VALUES
     ('users', 'created', 'removed', now() - interval '25 hours'),
     ('users', 'created', 'feed:partner', now() - interval '25 hours')`,
  );
  await unsubscribeRemoved(createRegistry([], [{ prefix: "feed:", run: async () => undefined }]));
  const names = await prisma.effectSubscriber.findMany({ orderBy: { handler: "asc" } });
  expect(names.map(({ handler }) => handler)).toEqual(["feed:partner", "kept"]);
});

test("retention deletes finished jobs and dead letters after the retention period, and keeps pending jobs", async () => {
  const day = 86_400_000;
  const welcome = onUser("created", "welcome", async () => undefined);
  await subscribeHandlers(createRegistry([welcome]));
  for (let users = 0; users < 3; users += 1) {
    await send("user.created", userJson({ id: clerkId("user") }));
  }
  await pool.query(
    `UPDATE effect_jobs SET
       done_at = CASE WHEN n = 1 THEN now() END, dead_at = CASE WHEN n = 2 THEN now() END
     FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM effect_jobs) numbered WHERE numbered.id = effect_jobs.id`,
  );
  expect(await deleteSettledJobs(90)).toBe(0);
  expect(await deleteSettledJobs(90, new Date(Date.now() + 91 * day))).toBe(2);
  expect(await prisma.effectJob.findMany()).toMatchObject([{ doneAt: null, deadAt: null }]);
});
