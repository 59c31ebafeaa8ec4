/**
 * Tests the change feed from the webhook route to a local HTTP server. The tests verify the received messages with the svix
 * library.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Webhook } from "svix";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { type Received, startFeedReceiver } from "@/dev/testing/feed-receiver";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { findHealth } from "../../sync/monitoring/health";
import { commandsIn } from "../../sync/monitoring/verdict";
import { registry } from "../handlers";
import { claimJobs, effectOf } from "../jobs";
import { EffectRunner } from "../runner";
import { deliver, feed } from "./deliver";
import {
  addEndpoint,
  disableEndpoint,
  enableEndpoint,
  FAILING_LIMIT_MS,
  feedKinds,
  removeEndpoint,
  requireEndpoint,
  retireOldSecret,
  rotateSecret,
} from "./endpoints";
import { sendTest } from "./send-test";

// Set this variable before the first call of env(), which caches the environment.
process.env.MIRROR_PRIVATE_METADATA = "true";
const { pool, prisma } = database();
const receiver = await startFeedReceiver();
afterAll(() => receiver.close());

const T = 1_790_000_000_000;
let secret: string;

const endpoint = {
  name: "crm",
  url: receiver.url,
  kinds: feedKinds,
  sendsPrivateMetadata: false,
  allowsPrivateAddress: true,
};

beforeEach(async () => {
  await pool.query(
    `TRUNCATE users, organizations, memberships, invitations, versions, deliveries, effect_jobs, effect_subscribers,
     feed_endpoints CASCADE`,
  );
  receiver.received.length = 0;
  receiver.answer = null;
  secret = await addEndpoint(endpoint);
});

const change = async (type: string, data: object, at = T) =>
  expect(await sendWebhook(event(type, data, at))).toBe(200);

/** Sends one created and one updated event of a user. Resolves to the id of the user. */
async function changeTwice(id = clerkId("user")): Promise<string> {
  await change("user.created", userJson({ id }));
  await change("user.updated", userJson({ id, first_name: "Grace", updated_at: T + 1 }), T + 1);
  return id;
}

/** Runs due jobs until none is due. */
const runDue = () => new EffectRunner(registry).runDue(new AbortController().signal);
/** Makes the endpoint look as if it had failed for two minutes, and postpones all messages by a day. */
async function outage(): Promise<void> {
  await pool.query("UPDATE effect_jobs SET run_at = now() + interval '1 day'");
  await pool.query(
    "UPDATE feed_endpoints SET failing_since = failing_since - interval '2 minutes'",
  );
}
/** Makes postponed messages due, as if the delay after a failure had passed. */
const makeDue = () => pool.query("UPDATE effect_jobs SET run_at = now()");

const messageShape = z.object({
  type: z.string(),
  timestamp: z.string(),
  cause: z.string(),
  data: z.object({
    id: z.string(),
    current: z.record(z.string(), z.unknown()).nullable(),
    previous: z.record(z.string(), z.unknown()).nullable(),
    changed: z.array(z.string()),
  }),
});
const read = ({ body, headers }: Received, with_ = secret) =>
  messageShape.parse(new Webhook(with_).verify(body, headers));

const received = () => receiver.received.map((each) => read(each));
const answering = (status: number) => {
  receiver.answer = (response) => response.writeHead(status).end();
};

describe("a message", () => {
  test("a user's events arrive as one created message, the updated messages in order and one deleted message, each verified by svix", async () => {
    const id = clerkId("user");
    const created = userJson({ id });
    await change("user.created", created);
    await change("user.created", created);
    const updated = userJson({ id, first_name: "Grace", last_sign_in_at: T, updated_at: T + 1 });
    await change("user.updated", updated, T + 1);
    await change("user.updated", created);
    await change("user.deleted", deletedJson(id), T + 2);
    await runDue();
    const messages = received();
    expect(messages.map(({ type }) => type)).toEqual([
      "user.created",
      "user.updated",
      "user.deleted",
    ]);
    expect(
      messages.map(({ data }) => [data.previous?.first_name, data.current?.first_name]),
    ).toEqual([
      [undefined, "Ada"],
      ["Ada", "Grace"],
      ["Grace", undefined],
    ]);
    expect(messages[1]).toEqual({
      type: "user.updated",
      timestamp: new Date(T + 1).toISOString(),
      cause: "webhook",
      data: {
        id,
        current: expect.objectContaining({
          id,
          email: `${id}@example.com`,
          created_at: new Date(T).toISOString(),
          is_banned: false,
          public_metadata: {},
        }),
        previous: expect.objectContaining({ id, last_sign_in_at: null }),
        changed: ["first_name", "last_sign_in_at", "updated_at"],
      },
    });
    const ids = receiver.received.map((each) => each.id);
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toBe(`feed:crm:${id}:created`);
    expect(ids.join()).not.toContain(".");
  });

  test("each kind of object has its own message type, and an endpoint receives only the kinds it was added with", async () => {
    await addEndpoint({ ...endpoint, name: "orgs", kinds: ["organization"] });
    const [userId, organizationId] = [clerkId("user"), clerkId("org")];
    await change("organization.created", organizationJson({ id: organizationId }));
    const membership = membershipJson({ id: clerkId("orgmem"), userId, organizationId });
    await change("organizationMembership.created", membership);
    const invitation = {
      id: clerkId("orginv"),
      object: "organization_invitation",
      email_address: "new@example.com",
      organization_id: organizationId,
      role: "org:member",
      status: "pending",
      created_at: T,
      updated_at: T,
    };
    await change("organizationInvitation.created", invitation);
    await runDue();
    const typesFor = (name: string) =>
      receiver.received
        .filter(({ id }) => id.startsWith(`feed:${name}:`))
        .map(({ body }) => messageShape.parse(JSON.parse(body)).type)
        .toSorted();
    expect(typesFor("crm")).toEqual([
      "invitation.created",
      "membership.created",
      "organization.created",
    ]);
    expect(typesFor("orgs")).toEqual(["organization.created"]);
  });

  test("private metadata is sent only to an endpoint that was added with --private-metadata", async () => {
    await addEndpoint({ ...endpoint, name: "hr", sendsPrivateMetadata: true });
    const id = clerkId("user");
    await change("user.created", userJson({ id, private_metadata: { salary: 1 } }));
    const raised = userJson({ id, private_metadata: { salary: 2 }, updated_at: T + 1 });
    await change("user.updated", raised, T + 1);
    await runDue();
    const bodiesFor = (name: string) =>
      receiver.received
        .filter((each) => each.id.startsWith(`feed:${name}:`))
        .map(({ body }) => body);
    expect(bodiesFor("crm")).toHaveLength(2);
    expect(bodiesFor("crm").join()).not.toMatch(/private_metadata|salary/);
    expect(bodiesFor("hr").join()).toMatch(/"private_metadata":\{"salary":2\}/);
    expect(bodiesFor("hr")[1]).toMatch(/"changed":\["private_metadata","updated_at"\]/);
  });

  test("a change adds no feed job when no endpoint exists", async () => {
    await removeEndpoint("crm");
    await changeTwice();
    expect(await prisma.effectJob.count()).toBe(0);
  });
});

describe("a failure", () => {
  test("a feed message that fails is sent again with the same id before the next message of its object, and does not delay other objects", async () => {
    const id = await changeTwice();
    receiver.answer = (response, { body }) =>
      response.writeHead(body.includes(id) ? 500 : 204).end();
    const other = clerkId("user");
    await change("user.created", userJson({ id: other }));
    await runDue();
    const first = receiver.received.filter(({ body }) => body.includes(id));
    expect(first.map(({ id }) => id)).toEqual([`feed:crm:${id}:created`]);
    expect(receiver.received.map(({ id }) => id)).toContain(`feed:crm:${other}:created`);
    await makeDue();
    await runDue();
    receiver.answer = null;
    await makeDue();
    await runDue();
    const sent = receiver.received
      .filter(({ body }) => body.includes(id))
      .map((each) => read(each));
    expect(sent.map(({ type }) => type)).toEqual([
      ...Array(3).fill("user.created"),
      "user.updated",
    ]);
    expect(await prisma.effectJob.count({ where: { doneAt: null } })).toBe(0);
  });

  test("the first success after an outage makes all messages that wait for a retry due at once", async () => {
    answering(503);
    for (let user = 0; user < 3; user += 1) {
      await change("user.created", userJson({ id: clerkId("user") }));
    }
    await runDue();
    expect(await requireEndpoint("crm")).toMatchObject({
      failingSince: expect.any(Date),
      lastFailure: "answered 503",
    });
    await outage();
    receiver.answer = null;
    await change("user.created", userJson({ id: clerkId("user") }));
    await runDue();
    expect(await prisma.effectJob.count({ where: { doneAt: null } })).toBe(0);
    expect(await requireEndpoint("crm")).toMatchObject({ failingSince: null, lastFailure: null });
  });

  test("a message that the endpoint refuses while it accepts other messages keeps the delays between its tries", async () => {
    const refused = clerkId("user");
    receiver.answer = (response, { body }) =>
      response.writeHead(body.includes(refused) ? 422 : 204).end();
    await change("user.created", userJson({ id: refused }));
    await runDue();
    await pool.query("UPDATE effect_jobs SET run_at = now() + interval '2 minutes'");
    for (let other = 0; other < 3; other += 1) {
      await change("user.created", userJson({ id: clerkId("user") }));
      await runDue();
    }
    expect(await prisma.effectJob.findMany({ where: { doneAt: null } })).toMatchObject([
      { objectId: refused, attempts: 1 },
    ]);
  });

  test("a successful test message makes all messages that wait for a retry due at once", async () => {
    answering(503);
    await change("user.created", userJson({ id: clerkId("user") }));
    await runDue();
    await outage();
    expect(await sendTest("crm")).toMatchObject({ outcome: "failed", reason: "answered 503" });
    receiver.answer = null;
    expect(await sendTest("crm")).toMatchObject({ outcome: "accepted" });
    await runDue();
    expect(await prisma.effectJob.count({ where: { doneAt: null } })).toBe(0);
  });

  test("enabling a failing endpoint makes its pending messages due, and restarts the five days after which it is disabled", async () => {
    answering(503);
    await change("user.created", userJson({ id: clerkId("user") }));
    await runDue();
    await pool.query("UPDATE effect_jobs SET run_at = now() + interval '1 day'");
    expect(await enableEndpoint("crm", null)).toEqual({
      missed: 0,
      missedSince: null,
      replayed: 0,
    });
    expect((await requireEndpoint("crm")).failingSince).toBeNull();
    receiver.answer = null;
    await runDue();
    expect(await prisma.effectJob.count({ where: { doneAt: null } })).toBe(0);
  });

  test("the retries of one message take longer than the five days after which an endpoint is disabled", () => {
    const { maxAttempts = 0, backoffMs = () => 0 } = feed;
    const total = Array.from({ length: maxAttempts - 1 }, (_, index) => backoffMs(index + 1));
    expect(total.reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(FAILING_LIMIT_MS);
    expect(maxAttempts).toBe(8);
  });

  test("the feed opens no connection to a private address after the endpoint lost its permission for private addresses", async () => {
    await prisma.feedEndpoint.updateMany({ data: { allowsPrivateAddress: false } });
    await changeTwice();
    await runDue();
    expect(receiver.received).toEqual([]);
    expect((await requireEndpoint("crm")).lastFailure).toBe(
      "was not called: the URL leads to a private address, which was not allowed for it",
    );
  });

  test("the log of a failed message contains the endpoint's name, but not its URL, its secret or the user's data", async () => {
    await prisma.feedEndpoint.updateMany({ data: { url: `${receiver.url}/T0P?token=hidden` } });
    answering(500);
    const written: string[] = [];
    const stderr = vi.spyOn(process.stderr, "write").mockImplementation((line) => {
      written.push(String(line));
      return true;
    });
    await changeTwice();
    await runDue();
    answering(410);
    await makeDue();
    await runDue();
    stderr.mockRestore();
    expect(written.join()).toContain("HTTP_500");
    expect(written.join()).toContain('"endpoint":"crm"');
    expect(written.join()).not.toMatch(/T0P|hidden|127\.0\.0\.1|whsec_|example\.com|Ada|Grace/);
    expect(written.join()).not.toContain(secret.slice(6));
  });

  test("when a worker is killed during a request, another worker sends the message with the same id", async () => {
    const id = clerkId("user");
    await change("user.created", userJson({ id }));
    const arrived = new Promise<void>((resolve) => {
      receiver.answer = () => resolve();
    });
    const worker = spawn(process.execPath, ["--import", "tsx", "lib/command/worker.ts"], {
      env: process.env,
      stdio: "ignore",
    });
    await arrived;
    const ended = once(worker, "exit");
    worker.kill("SIGKILL");
    await ended;
    receiver.answer = null;
    // Ends the killed worker's lease.
    await pool.query("UPDATE effect_jobs SET locked_until = now() - interval '1 s'");
    await runDue();
    const key = `feed:crm:${id}:created`;
    expect(receiver.received.map((each) => each.id)).toEqual([key, key]);
    expect(await prisma.effectJob.count({ where: { doneAt: null } })).toBe(0);
  });
});

describe("a rotation", () => {
  test("during a secret rotation, messages verify with both secrets until the old secret is retired", async () => {
    const next = await rotateSecret("crm");
    await change("user.created", userJson({ id: clerkId("user") }));
    await runDue();
    const [during] = receiver.received;
    if (!during) throw new Error("nothing was received");
    expect([read(during, secret).type, read(during, next).type]).toEqual([
      "user.created",
      "user.created",
    ]);
    await expect(rotateSecret("crm")).rejects.toThrow("npm run feed -- retire-old-secret crm");
    await retireOldSecret("crm");
    await expect(retireOldSecret("crm")).rejects.toThrow("there is no old one");
    await change("user.created", userJson({ id: clerkId("user") }));
    await runDue();
    const [, after] = receiver.received;
    if (!after) throw new Error("nothing was received");
    expect(read(after, next).type).toBe("user.created");
    expect(() => read(after, secret)).toThrow("No matching signature");
  });
});

describe("an endpoint is disabled", () => {
  const findingOf = async (code: string) =>
    (await findHealth()).findings.find((finding) => finding.code === code);

  test("an endpoint that responds with 410 is disabled at once, and a replay sends its messages in order with the same ids", async () => {
    answering(410);
    const id = await changeTwice();
    await runDue();
    expect(receiver.received).toHaveLength(1);
    expect(await requireEndpoint("crm")).toMatchObject({
      disabledAt: expect.any(Date),
      disabledReason: "gone",
    });
    expect(await prisma.effectJob.count({ where: { doneAt: null } })).toBe(0);
    expect(await findingOf("feed-disabled")).toMatchObject({ state: "bad" });
    expect(commandsIn((await findingOf("feed-disabled"))?.remedy ?? null)).toEqual([
      "npm run feed -- enable crm",
      "npm run feed -- remove crm",
    ]);
    await change("user.deleted", deletedJson(id), T + 2);
    await runDue();
    expect(receiver.received).toHaveLength(1);
    receiver.answer = null;
    const { missed, missedSince } = await enableEndpoint("crm", null);
    expect(missed).toBe(3);
    expect(await findingOf("feed-disabled")).toBeUndefined();
    await runDue();
    expect(receiver.received).toHaveLength(1);
    // The stored versions of the deleted user are cleared, so this user's messages are not sent again. Check the replay with
    // another user.
    const kept = await changeTwice();
    await runDue();
    receiver.received.length = 0;
    const { replayed } = await enableEndpoint("crm", missedSince);
    await runDue();
    const types = received().flatMap(({ type, data }) => (data.id === kept ? [type] : []));
    expect(types).toEqual(["user.created", "user.updated"]);
    expect(receiver.received.map((each) => each.id)).toContain(`feed:crm:${kept}:created`);
    expect(receiver.received).toHaveLength(replayed);
  });

  test("a replay also sends changes from before the endpoint was added, with the ids that their messages would have had", async () => {
    await removeEndpoint("crm");
    const id = await changeTwice();
    secret = await addEndpoint({ ...endpoint, kinds: ["user"] });
    await runDue();
    expect(receiver.received).toEqual([]);
    expect(await enableEndpoint("crm", new Date(0))).toMatchObject({ replayed: 2 });
    await runDue();
    expect(received().map(({ type, cause }) => [type, cause])).toEqual([
      ["user.created", "replay"],
      ["user.updated", "replay"],
    ]);
    expect(receiver.received[0]?.id).toBe(`feed:crm:${id}:created`);
  });

  test("an endpoint is disabled after five days of failures, and a success restarts the five days", async () => {
    answering(500);
    await change("user.created", userJson({ id: clerkId("user") }));
    const slots = { handlers: new Map(), families: new Map([["feed:", 1]]) };
    const [job] = await claimJobs("test", slots, 60_000);
    if (!job) throw new Error("no job");
    const effect = effectOf(job, new AbortController().signal);
    const first = Date.now();
    const at = (ms: number) => deliver("crm", effect, { now: new Date(first + ms) });
    await expect(at(0)).rejects.toThrow("did not accept");
    await expect(at(FAILING_LIMIT_MS - 1)).rejects.toThrow("did not accept");
    receiver.answer = null;
    await at(FAILING_LIMIT_MS - 1);
    answering(500);
    const again = FAILING_LIMIT_MS;
    await expect(at(again)).rejects.toThrow("did not accept");
    await expect(at(again + FAILING_LIMIT_MS - 1)).rejects.toThrow("did not accept");
    expect((await requireEndpoint("crm")).disabledAt).toBeNull();
    await at(again + FAILING_LIMIT_MS);
    expect(await requireEndpoint("crm")).toMatchObject({
      disabledReason: "failing",
      lastFailure: "answered 500",
    });
    const count = receiver.received.length;
    await at(again + FAILING_LIMIT_MS + 1);
    expect(receiver.received).toHaveLength(count);
    const audited = await prisma.auditEntry.findFirst({ orderBy: { id: "desc" } });
    expect(audited).toMatchObject({ action: "feed.disabled", subject: "crm" });
  });

  test("npm run feed disable adds no health finding, and clears the finding of an endpoint that responded with 410", async () => {
    answering(410);
    await changeTwice();
    await runDue();
    expect(await findingOf("feed-disabled")).toBeDefined();
    await disableEndpoint("crm");
    expect(await findingOf("feed-disabled")).toBeUndefined();
    await changeTwice();
    await runDue();
    expect(receiver.received).toHaveLength(1);
  });

  test("removing an endpoint deletes its subscriptions and its pending messages", async () => {
    answering(500);
    await changeTwice();
    await runDue();
    await removeEndpoint("crm");
    await makeDue();
    await runDue();
    expect(await prisma.effectJob.count()).toBe(0);
    expect(await prisma.effectSubscriber.count()).toBe(0);
    expect(receiver.received).toHaveLength(1);
    await expect(requireEndpoint("crm")).rejects.toThrow("There is none yet.");
  });
});

test("the API's database role has no privilege on feed_endpoints", async () => {
  const { rows } = await pool.query(
    `SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
     WHERE has_table_privilege(viewer_role(), 'feed_endpoints', privilege)`,
  );
  expect(rows).toEqual([]);
});
