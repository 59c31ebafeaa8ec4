import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { specEvents, specExamples } from "@/dev/testing/clerk-spec";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { eventHandling, isKnownEventType } from "../event/event-types";
import { rebuildAndCompare } from "./rebuild";
import { replayDeliveries } from "./replay";

const ours = { instance_id: "ins_test" };
const findDelivery = (svixId: string) =>
  database().prisma.delivery.findUniqueOrThrow({ where: { svixId } });
const bodyOf = async (svixId: string) =>
  Buffer.from((await findDelivery(svixId)).body ?? []).toString();

describe("the examples of Clerk's description", () => {
  test("the examples in Clerk's webhook description cover every event type", () => {
    expect(new Set(specExamples.map(([type]) => type))).toEqual(new Set(specEvents));
  });

  test.each(specExamples)(
    "Clerk's example event %s is mirrored or ignored as eventHandling defines",
    async (type, example) => {
      const id = clerkId("msg");
      expect(await sendWebhook({ ...example, ...ours }, { id })).toBe(200);
      const handling = isKnownEventType(type) ? eventHandling[type] : undefined;
      const { outcome, error } = await findDelivery(id);
      expect({ error, outcome: outcome === "stale" ? "applied" : outcome }).toEqual({
        error: null,
        outcome: handling === "mirrored" ? "applied" : "ignored",
      });
    },
  );

  test("the examples in Clerk's webhook description write rows to every mirrored table", async () => {
    const { prisma } = database();
    expect(await prisma.invitation.findFirst()).toMatchObject({
      email: "jane.doe@acme.com",
      role: "org:member",
      status: expect.any(String),
    });
    expect(await prisma.paymentAttempt.findFirst()).toMatchObject({
      amount: 2200n,
      currency: "USD",
      userId: "user_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
      plans: ["Pro Plan"],
    });
    expect(await prisma.subscription.findFirst()).toMatchObject({
      userId: "user_34D368EufHwugfYh4yyGNEheM0S",
      organizationId: null,
    });
    expect(await prisma.subscriptionItem.findFirst()).toMatchObject({ planName: "Pro Plan" });
    expect(await prisma.session.findFirst()).toMatchObject({ deleted: true });
    expect(await prisma.domain.count()).toBe(2);
    expect(await prisma.role.count()).toBe(1);
    expect(await prisma.permission.count()).toBe(1);
  });

  test("a replay of the examples in Clerk's webhook description changes nothing, and a rebuild from them equals every table", async () => {
    const before = await database().prisma.delivery.groupBy({ by: ["outcome"], _count: true });
    await replayDeliveries({});
    const after = await database().prisma.delivery.groupBy({ by: ["outcome"], _count: true });
    const byOutcome = (groups: typeof before) =>
      Object.fromEntries(groups.map(({ outcome, _count }) => [outcome, _count]));
    expect(byOutcome(after)).toEqual(byOutcome(before));
    const { tables } = await rebuildAndCompare();
    expect(tables.filter(({ isEqual }) => !isEqual)).toEqual([]);
    expect(tables.filter(({ rows }) => rows === 0)).toEqual([]);
  });
});

test("a mirrored role has the keys of its permissions, and a deleted role has none", async () => {
  const id = clerkId("role");
  const permissions = [{ key: "org:posts:read" }, { key: "org:posts:edit" }];
  await sendWebhook(
    event("role.created", { id, key: "org:editor", permissions, updated_at: 9e11 }),
  );
  const find = () => database().prisma.role.findUnique({ where: { id } });
  expect(await find()).toMatchObject({ permissions: ["org:posts:edit", "org:posts:read"] });
  await sendWebhook(event("role.deleted", deletedJson(id)));
  expect(await find()).toMatchObject({ deleted: true, key: null, permissions: [] });
});

test("a mirrored session has the device and place of Clerk's latest activity, but no IP address", async () => {
  const id = clerkId("sess");
  const activity = {
    ...{ object: "session_activity", id: "sess_activity_1", is_mobile: false },
    ...{ device_type: "Macintosh", browser_name: "Chrome", browser_version: "128.0.0.0" },
    ...{ ip_address: "192.0.2.7", city: "Lisbon", country: "PT" },
  };
  const session = { id, user_id: clerkId("user"), status: "active", updated_at: 9e11 };
  await sendWebhook(event("session.created", { ...session, latest_activity: activity }));
  const { rows } = await database().pool.query("SELECT * FROM sessions WHERE id = $1", [id]);
  expect(rows[0]).toMatchObject({
    ...{ device_type: "Macintosh", browser_name: "Chrome", browser_version: "128.0.0.0" },
    ...{ city: "Lisbon", country: "PT" },
  });
  expect(Object.values(rows[0])).not.toContain("192.0.2.7");
});

test("a session that was revoked is not reopened by a later session.created", async () => {
  const session = { id: clerkId("sess"), user_id: clerkId("user"), status: "active" };
  await sendWebhook(event("session.revoked", { ...session, status: "revoked", updated_at: 9e11 }));
  await sendWebhook(event("session.created", { ...session, updated_at: 10e11 }));
  const row = await database().prisma.session.findUnique({ where: { id: session.id } });
  expect(row).toMatchObject({ deleted: true, status: "revoked", userId: session.user_id });
});

describe("a secret in a payload", () => {
  test.each([
    [
      "email.created",
      { id: "ema_1", subject: "884422 is your code", data: { otp_code: "884422" } },
    ],
    ["sms.created", { id: "sms_1", message: "Your code is 884422", user_id: "user_sms" }],
    ["organizationInvitation.created", { id: "orginv_x", url: "https://x.test/?ticket=884422" }],
    ["waitlistEntry.updated", { id: "w_1", invitation: { url: "https://x.test/?ticket=884422" } }],
    ["unheard.of", { id: "u_1", nested: [{ ticket: "884422" }] }],
    [
      "user.updated",
      { ...userJson({ id: "user_secret" }), phone_numbers: [{ backup_codes: ["884422"] }] },
    ],
    [
      "user.updated",
      { ...userJson({ id: "user_secret" }), web3_wallets: [{ verification: { nonce: "884422" } }] },
    ],
  ])(
    "the secret in %s is not stored, and the stored hash is of the original body",
    async (type, data) => {
      const id = clerkId("msg");
      const payload = JSON.stringify(event(type, data));
      expect(await sendWebhook(payload, { id })).toBe(200);
      expect(await bodyOf(id)).not.toContain("884422");
      const { sha256, isRedacted } = await findDelivery(id);
      expect(isRedacted).toBe(true);
      expect(Buffer.from(sha256)).toEqual(createHash("sha256").update(payload).digest());
      expect(await sendWebhook(payload, { id })).toBe(200);
    },
  );

  test("a body without a secret is stored unchanged", async () => {
    const id = clerkId("msg");
    const phones = [{ backup_codes: null, verification: { nonce: null } }];
    await sendWebhook(
      event("user.updated", { ...userJson({ id: "user_secret" }), phone_numbers: phones }),
      { id },
    );
    expect((await findDelivery(id)).isRedacted).toBe(false);
  });

  test("a secret nested 5,000 levels deep in a payload is not stored", async () => {
    const id = clerkId("msg");
    const deep = `${'{"a":'.repeat(5_000)}{"token":"884422"}${"}".repeat(5_000)}`;
    await sendWebhook(`{"type":"deep.event","data":${deep}}`, { id });
    expect(await bodyOf(id)).not.toContain("884422");
  });
});

test("an event of another instance is quarantined", async () => {
  const [id, userId] = [clerkId("msg"), clerkId("user")];
  const foreign = { ...event("user.deleted", { id: userId }), instance_id: "ins_other" };
  expect(await sendWebhook(foreign, { id })).toBe(200);
  expect(await findDelivery(id)).toMatchObject({ outcome: "quarantined" });
  expect(await database().prisma.user.findUnique({ where: { id: userId } })).toBeNull();
});

test("a second delivery with the same svix-id but another body adds an audit row, which cannot be changed or deleted", async () => {
  const id = clerkId("msg");
  await sendWebhook(event("unheard.of", { id: "a_1" }), { id });
  expect(await sendWebhook(event("unheard.of", { id: "a_2" }), { id })).toBe(400);
  const { prisma } = database();
  const where = { action: "delivery.conflict", subject: id };
  expect(await prisma.auditEntry.count({ where })).toBe(1);
  for (const change of ["DELETE FROM audit_log", "UPDATE audit_log SET actor = 'x'"]) {
    await expect(database().pool.query(change)).rejects.toThrow("append-only");
  }
});
