/**
 * Tests that one unreadable attribute never keeps an object out of the mirror. Each attribute of Clerk's example events is
 * replaced in turn by values that Clerk's description does not allow. Only an unreadable id, `updated_at` or required reference
 * may make an event unreadable.
 */
import { expect, test } from "vitest";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { oddObjects } from "@/dev/testing/odd-objects";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";

/** One event type for each kind of object, with the paths of the attributes that its row requires. */
const types: Record<string, string[]> = {
  "user.updated": [],
  "organization.updated": [],
  "organizationMembership.updated": ["organization", "public_user_data"],
  "organizationInvitation.created": [],
  "organizationDomain.updated": [],
  "role.updated": [],
  "permission.updated": [],
  "session.created": ["user_id"],
  "subscription.updated": [],
  "subscriptionItem.updated": [],
  "paymentAttempt.updated": [],
};

test.each(Object.entries(types))(
  "a %s event is applied when any one of its optional attributes has an unexpected value",
  async (type, required) => {
    const sent = oddObjects(type, required).map((each) => ({ ...each, svixId: clerkId("msg") }));
    const queue = [...sent];
    const sendQueued = async () => {
      for (let next = queue.pop(); next; next = queue.pop()) {
        await sendWebhook(event(type, next.object), { id: next.svixId });
      }
    };
    await Promise.all(Array.from({ length: 10 }, sendQueued));
    const applied = await database().prisma.delivery.findMany({
      where: { svixId: { in: sent.map(({ svixId }) => svixId) }, outcome: "applied" },
      select: { svixId: true },
    });
    const reached = new Set(applied.map(({ svixId }) => svixId));
    expect(sent.length).toBeGreaterThan(15);
    const lost = sent.filter(({ svixId }) => !reached.has(svixId));
    expect(lost.map(({ attribute }) => attribute)).toEqual([]);
  },
);

test("a delivery with 400 unreadable attributes lists the first paths and counts the others", async () => {
  const [id, svixId] = [clerkId("user"), clerkId("msg")];
  const email_addresses = Array.from({ length: 400 }, () => null);
  await sendWebhook(event("user.created", userJson({ id, email_addresses })), { id: svixId });
  const delivery = await database().prisma.delivery.findUnique({ where: { svixId } });
  expect(delivery?.outcome).toBe("applied");
  expect(delivery?.unread?.split(", ")).toHaveLength(21);
  expect(delivery?.unread).toMatch(/^email_addresses\.399, .*, … and 380 more$/);
});

test.each<[string, (payload: ReturnType<typeof event>) => string, object]>([
  ["a byte order mark", (payload) => `\ufeff${JSON.stringify(payload)}`, { outcome: "applied" }],
  [
    "a version stamp of digits as text",
    (payload) => JSON.stringify(payload).replace(/"updated_at":(\d+)/, '"updated_at":"$1"'),
    { outcome: "applied", unread: null },
  ],
  [
    "an empty instance id",
    (payload) => JSON.stringify({ ...payload, instance_id: "" }),
    { outcome: "applied", instanceId: null },
  ],
  [
    "a number that JSON does not have",
    (payload) => JSON.stringify(payload).replace('"banned":false', '"banned":NaN'),
    { outcome: "unreadable", unread: "(the body is not JSON)" },
  ],
  [
    "a list in the place of the object",
    (payload) => JSON.stringify({ ...payload, data: [] }),
    { outcome: "unreadable", unread: "data" },
  ],
])(
  "a signed body with %s is recorded with the expected outcome",
  async (_name, write, expected) => {
    const [id, svixId] = [clerkId("user"), clerkId("msg")];
    expect(await sendWebhook(write(event("user.created", userJson({ id }))), { id: svixId })).toBe(
      200,
    );
    const delivery = await database().prisma.delivery.findUnique({ where: { svixId } });
    expect(delivery).toMatchObject(expected);
    const isApplied =
      (await database().prisma.user.count({ where: { id, version: { gt: 0 } } })) === 1;
    expect(isApplied).toBe(delivery?.outcome === "applied");
  },
);
