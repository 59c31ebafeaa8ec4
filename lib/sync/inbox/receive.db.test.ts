import { describe, expect, test } from "vitest";
import { POST } from "@/app/api/webhooks/clerk/route";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { type SignOptions, svixHeaders } from "@/dev/testing/sign";
import { database } from "../../db";

const secret = process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "";

function post(body: BodyInit, headers: Record<string, string>) {
  const url = "https://rollcall.test/api/webhooks/clerk";
  return POST(new Request(url, { method: "POST", body, headers, ...{ duplex: "half" } }));
}

async function deliver(payload: unknown, options: SignOptions = {}) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  return (await post(body, svixHeaders(body, secret, options))).status;
}

const findUser = (id: string) => database().prisma.user.findUnique({ where: { id } });
const findDelivery = (svixId: string) =>
  database().prisma.delivery.findUnique({ where: { svixId } });

async function rowCounts() {
  const { prisma } = database();
  return [
    await prisma.delivery.count(),
    await prisma.user.count(),
    await prisma.organization.count(),
    await prisma.membership.count(),
  ];
}

describe("a signed event", () => {
  test("a signed event is stored byte for byte and applied", async () => {
    const id = clerkId("user");
    const body = `  ${JSON.stringify(event("user.created", userJson({ id })))}\n`;
    expect(await deliver(body, { id: "msg_bytes" })).toBe(200);
    const delivery = await findDelivery("msg_bytes");
    expect(delivery).toMatchObject({
      type: "user.created",
      objectId: id,
      instanceId: "ins_test",
      outcome: "applied",
      occurredAt: new Date(1_790_000_000_000),
    });
    expect(Buffer.from(delivery?.body ?? []).toString()).toBe(body);
    expect(await findUser(id)).toMatchObject({
      email: `${id}@example.com`,
      firstName: "Ada",
      isAdmin: false,
      deleted: false,
      version: 1_790_000_000_000n,
      createdAt: new Date(1_790_000_000_000),
    });
  });

  test("a signed event whose times are in seconds is stored with the same times as an event in milliseconds", async () => {
    const id = clerkId("user");
    await deliver(
      event("user.created", userJson({ id, updated_at: 1_790_000_000 }), 1_790_000_000),
    );
    expect(await findUser(id)).toMatchObject({
      version: 1_790_000_000_000n,
      eventTimestamp: 1_790_000_000_000n,
    });
  });

  test("public metadata makes a mirrored user a platform admin, and metadata that clients can write does not", async () => {
    const [admin, pretender] = [clerkId("user"), clerkId("user")];
    await deliver(
      event("user.created", userJson({ id: admin, public_metadata: { role: "admin" } })),
    );
    await deliver(
      event("user.created", userJson({ id: pretender, unsafe_metadata: { role: "admin" } })),
    );
    expect(await findUser(admin)).toMatchObject({ isAdmin: true });
    expect(await findUser(pretender)).toMatchObject({ isAdmin: false });
  });

  test("a signed event with U+0000 or a lone surrogate in a name is applied with U+FFFD in its place", async () => {
    const id = clerkId("user");
    const body = JSON.stringify(
      event("user.created", userJson({ id, first_name: "A\u0000", last_name: "\ud800B" })),
    );
    expect(await deliver(body)).toBe(200);
    expect(await findUser(id)).toMatchObject({ firstName: "A\ufffd", lastName: "\ufffdB" });
  });
});

describe("a request that is not a signed event", () => {
  const body = JSON.stringify(event("user.created", userJson({ id: clerkId("user") })));
  const good = () => svixHeaders(body, secret);
  const without = (name: string) =>
    Object.fromEntries(Object.entries(good()).filter(([key]) => key !== name));
  const other = `whsec_${Buffer.from("another secret of thirty-two byt").toString("base64")}`;

  test.each<[string, () => Record<string, string>, string?]>([
    ["svix-id missing", () => without("svix-id")],
    ["svix-timestamp missing", () => without("svix-timestamp")],
    ["svix-signature missing", () => without("svix-signature")],
    [
      "webhook-* names only",
      () =>
        Object.fromEntries(
          Object.entries(good()).map(([key, value]) => [key.replace("svix", "webhook"), value]),
        ),
    ],
    ["301 s old", () => svixHeaders(body, secret, { timestamp: new Date(Date.now() - 301_000) })],
    ["302 s ahead", () => svixHeaders(body, secret, { timestamp: new Date(Date.now() + 302_000) })],
    [
      "a timestamp with letters",
      () => {
        const headers = good();
        return { ...headers, "svix-timestamp": `${headers["svix-timestamp"]}abc` };
      },
    ],
    [
      "only a v2 signature",
      () => {
        const headers = good();
        return { ...headers, "svix-signature": headers["svix-signature"].replace("v1,", "v2,") };
      },
    ],
    ["another secret", () => svixHeaders(body, secret, { secret: other })],
    ["one space added", () => good(), `${body} `],
    ["keys in another order", () => good(), JSON.stringify(JSON.parse(body), null, 1)],
  ])(
    "a webhook with %s is refused with 400, and nothing is stored",
    async (_name, headers, sent = body) => {
      const before = await rowCounts();
      expect((await post(sent, headers())).status).toBe(400);
      expect(await rowCounts()).toEqual(before);
    },
  );

  test("a valid signature that is 400 s old is refused with a message that names the time as the cause, not the secret", async () => {
    const headers = svixHeaders(body, secret, { timestamp: new Date(Date.now() - 400_000) });
    const { error } = await (await post(body, headers)).json();
    expect(error).toMatch(/signature is good.*40[0-2] s ago.*clock/s);
    expect(error).not.toContain("CLERK_WEBHOOK_SIGNING_SECRET");
    const findFact = () =>
      database().prisma.syncFact.findUnique({ where: { name: "webhook skew" } });
    await expect.poll(findFact).toMatchObject({ value: { secondsAgo: expect.any(Number) } });
  });

  test("a webhook of 10 MB, chunked or not, is refused with 413, and nothing is stored", async () => {
    const before = await rowCounts();
    const large = Buffer.alloc(10 * 1024 * 1024, "x");
    const withLength = { ...good(), "content-length": String(large.byteLength) };
    expect((await post(large, withLength)).status).toBe(413);
    const chunks = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
    });
    expect((await post(chunks, good())).status).toBe(413);
    expect(await rowCounts()).toEqual(before);
  });
});

describe("a signature", () => {
  const payload = () => JSON.stringify(event("user.created", userJson({ id: clerkId("user") })));

  test("a webhook with a signature that is 299 s old is accepted", async () => {
    expect(await deliver(payload(), { timestamp: new Date(Date.now() - 299_000) })).toBe(200);
  });

  test("a webhook is accepted when one of several signatures in its header is valid", async () => {
    const body = payload();
    const headers = svixHeaders(body, secret);
    const list = `v1,AAAA v2,BBBB ${headers["svix-signature"]}`;
    expect((await post(body, { ...headers, "svix-signature": list })).status).toBe(200);
  });
});

describe("a signed message that is not mirrored", () => {
  test.each([
    ["null", "unreadable"],
    ["", "unreadable"],
    ["not json", "unreadable"],
    ["[]", "unreadable"],
    ["[".repeat(5_000) + "]".repeat(5_000), "unreadable"],
    [JSON.stringify(event("user.created", { object: "user" })), "unreadable"],
    [JSON.stringify(event("email.created", { id: "ema_1" })), "ignored"],
    [JSON.stringify(event("never.heardOf", { id: "x_1" })), "ignored"],
  ])("the signed message %.20s is acknowledged and recorded as %s", async (body, outcome) => {
    const id = clerkId("msg");
    expect(await deliver(body, { id })).toBe(200);
    expect(await findDelivery(id)).toMatchObject({ outcome });
  });
});

describe("one svix-id", () => {
  test("a delivery sent 50 times in parallel with one svix-id is stored once, and every response is 200", async () => {
    const id = clerkId("user");
    const body = JSON.stringify(event("user.created", userJson({ id })));
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => deliver(body, { id: "msg_fifty" })),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await database().prisma.delivery.count({ where: { svixId: "msg_fifty" } })).toBe(1);
    expect(await findUser(id)).toMatchObject({ deleted: false });
  });

  test("a delivery with a known svix-id but another body is refused with 400 and changes nothing", async () => {
    const id = clerkId("user");
    await deliver(event("user.created", userJson({ id, first_name: "First" })), {
      id: "msg_same",
    });
    const second = event("user.updated", userJson({ id, first_name: "Second", updated_at: 9e12 }));
    expect(await deliver(second, { id: "msg_same" })).toBe(400);
    expect(await findUser(id)).toMatchObject({ firstName: "First" });
  });
});

test("an event that the database refuses does not fail the other events of its batch", async () => {
  await database().pool.query(
    "ALTER TABLE users ADD CONSTRAINT no_poison CHECK (first_name <> 'poison') NOT VALID",
  );
  const sent = Array.from({ length: 20 }, (_, index) => ({
    id: clerkId("user"),
    svixId: `msg_together_${index}`,
    first_name: index === 11 ? "poison" : "Ada",
  }));
  const answers = await Promise.all(
    sent.map(({ id, svixId, first_name }) =>
      deliver(event("user.created", userJson({ id, first_name })), { id: svixId }),
    ),
  );
  await database().pool.query("ALTER TABLE users DROP CONSTRAINT no_poison");
  expect(new Set(answers)).toEqual(new Set([200]));
  for (const { id, svixId, first_name } of sent) {
    const isGood = first_name === "Ada";
    expect(await findDelivery(svixId)).toMatchObject({
      objectId: id,
      outcome: isGood ? "applied" : "pending",
    });
    expect((await findUser(id))?.firstName).toBe(isGood ? "Ada" : undefined);
  }
});

describe("order", () => {
  test("an older user.updated does not overwrite a newer one, and is recorded as stale", async () => {
    const id = clerkId("user");
    const at = (updated_at: number, first_name: string) =>
      event("user.updated", userJson({ id, updated_at, first_name }));
    await deliver(at(2_000_000_000_000, "New"));
    expect(await deliver(at(1_900_000_000_000, "Old"), { id: "msg_stale" })).toBe(200);
    expect(await findUser(id)).toMatchObject({ firstName: "New" });
    expect(await findDelivery("msg_stale")).toMatchObject({ outcome: "stale" });
  });

  test("a user.updated that arrives before the older user.created is not overwritten by it", async () => {
    const id = clerkId("user");
    await deliver(event("user.updated", userJson({ id, first_name: "New", updated_at: 2e12 })));
    await deliver(event("user.created", userJson({ id })));
    expect(await findUser(id)).toMatchObject({ firstName: "New" });
  });

  test("a late user.updated after user.deleted is ignored, and the user's data stays deleted", async () => {
    const id = clerkId("user");
    await deliver(event("user.created", userJson({ id })));
    await deliver(event("user.deleted", deletedJson(id)));
    await deliver(event("user.updated", userJson({ id, updated_at: 2_000_000_000_000 })));
    expect(await findUser(id)).toMatchObject({ deleted: true, email: null, firstName: null });
  });

  test("an organization.created that arrives after organization.deleted is ignored", async () => {
    const id = clerkId("org");
    await deliver(event("organization.deleted", deletedJson(id)));
    await deliver(event("organization.created", organizationJson({ id })));
    const row = await database().prisma.organization.findUnique({ where: { id } });
    expect(row).toMatchObject({ deleted: true, name: null });
  });

  test("a membership that arrives before its user and organization is applied", async () => {
    const [userId, organizationId, id] = [clerkId("user"), clerkId("org"), clerkId("orgmem")];
    await deliver(
      event("organizationMembership.created", membershipJson({ id, userId, organizationId })),
    );
    expect(await findUser(userId)).toMatchObject({ version: 0n, deleted: false });
    await deliver(event("user.created", userJson({ id: userId })));
    await deliver(event("organization.created", organizationJson({ id: organizationId })));
    const membership = await database().prisma.membership.findUnique({
      where: { id },
      include: { user: true, organization: true },
    });
    expect(membership).toMatchObject({
      role: "org:member",
      user: { firstName: "Ada" },
      organization: { name: "Analytical Engines" },
    });
  });

  test("after a user rejoins, the late deletion of the old membership does not delete the new membership", async () => {
    const [userId, organizationId] = [clerkId("user"), clerkId("org")];
    const [old, rejoined] = [clerkId("orgmem"), clerkId("orgmem")];
    const membership = (id: string) => membershipJson({ id, userId, organizationId });
    await deliver(event("organizationMembership.created", membership(old)));
    await deliver(event("organizationMembership.created", membership(rejoined)));
    await deliver(event("organizationMembership.deleted", membership(old)));
    const rows = await database().prisma.membership.findMany({ where: { userId } });
    expect(new Map(rows.map((row) => [row.id, row.deleted]))).toEqual(
      new Map([
        [old, true],
        [rejoined, false],
      ]),
    );
  });
});
