/**
 * Tests an erasure from `user.deleted` until no table holds the person's data, and the late events that must not restore that
 * data.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Canary, makeCanary } from "../../dev/testing/canary-person";
import {
  clerkId,
  deletedJson,
  emailJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "../../dev/testing/clerk-payloads";
import { findInDatabase } from "../../dev/testing/personal-data-scan";
import { sendWebhook } from "../../dev/testing/webhook";
import { database } from "../db";
import { type Handler, onMembership, onUser } from "../effects/effect";
import { createRegistry } from "../effects/registry";
import { EffectRunner } from "../effects/runner";
import { subscribeHandlers } from "../effects/subscribers";
import { rebuildAndCompare } from "../sync/inbox/rebuild";
import { replayDeliveries } from "../sync/inbox/replay";
import { startWorker } from "../worker/start";
import { runErasures } from "./erase";
import { recordErasureRequest } from "./request";

const { pool, prisma } = database();
const T = 1_790_000_000_000;
const sql = (text: string, values: unknown[] = []) => pool.query(text, values);

beforeEach(async () => {
  await sql(
    `TRUNCATE users, organizations, memberships, invitations, sessions, payment_attempts, versions, deliveries, effect_jobs,
     effect_subscribers, erasures, erasure_calls, erased_ids, late_events, intents, handles, provisionings, profile_handles, sync_runs CASCADE`,
  );
});
afterEach(() => vi.restoreAllMocks());

const send = async (type: string, data: object, timestamp = T + 5) =>
  expect(await sendWebhook(event(type, data, timestamp))).toBe(200);

const deleteUser = (id: string) => send("user.deleted", deletedJson(id));

async function register(...handlers: Handler[]) {
  const registry = createRegistry(handlers);
  await subscribeHandlers(registry);
  return registry;
}

/** Moves all erasures back in time by `seconds`, so that deadlines pass, and makes them due. */
const age = (seconds: number) =>
  sql(
    `UPDATE erasures SET deleted_at = deleted_at - $1 * interval '1 s', next_at = CASE WHEN next_at IS NOT NULL THEN now() END`,
    [seconds],
  );

/** Runs all erasures until they are done, as if 60 s had passed. */
async function finish(): Promise<void> {
  await runErasures();
  await age(60);
  expect(await runErasures()).toBeNull();
}

const erasureOf = (id: string) => prisma.erasure.findFirstOrThrow({ where: { subjectId: id } });

test("before the erasure, the canary person's data is in the tables that the other tests check", async () => {
  const canary = await makeCanary();
  const places = (await findInDatabase(canary.traces)).map((place) => place.split(".")[1]);
  expect(places).toEqual(expect.arrayContaining(["profiles", "profile_handles"])); // part of the sample product
  const ofTheMirror = ["deliveries", "drift_findings", "handles", "intents", "invitations"];
  expect(places).toEqual(expect.arrayContaining(ofTheMirror));
  expect(places).toEqual(expect.arrayContaining(["memberships", "users", "versions"]));
});

test("after user.deleted no table holds the person's data, and the data of other users is unchanged", async () => {
  const seen: unknown[] = [];
  const registry = await register(
    onUser("created", "failing", () => Promise.reject(new Error()), { maxAttempts: 1 }),
    onUser("updated", "log-update", async () => undefined),
    onUser("deleted", "goodbye", async ({ previous }) => void seen.push(previous.firstName)),
    onMembership("deleted", "free-seat", async ({ previous }) => void seen.push(previous.role)),
  );
  const canary = await makeCanary();
  await new EffectRunner(registry).runDue(new AbortController().signal);
  await deleteUser(canary.id);
  await runErasures();
  await new EffectRunner(registry).runDue(new AbortController().signal);
  await finish();
  expect(await findInDatabase(canary.traces)).toEqual([]);
  expect(new Set(seen)).toEqual(new Set(["org:member", canary.userObject.first_name]));
  expect(await erasureOf(canary.id)).toMatchObject({
    step: "done",
    reason: "unknown",
    addresses: [],
    erasedAt: expect.any(Date),
    acknowledgements: { goodbye: "done" },
    counts: { deliveries: expect.any(Number), memberships: 1, payment_attempts: 1, sessions: 1 },
  });
  expect(await prisma.membership.count({ where: { deleted: false } })).toBe(1);
  expect(await prisma.invitation.findMany({ where: { deleted: false } })).toMatchObject([
    { id: canary.sentInvitationId, email: "third@example.com" },
  ]);
  expect(await prisma.paymentAttempt.findMany()).toMatchObject([
    { userId: canary.id, amount: null, status: null },
  ]);
  expect(
    await prisma.version.count({ where: { userId: canary.friendId, state: { not: undefined } } }),
  ).toBe(2);
});

test("with a running worker, no table holds a deleted user's data after 60 s", async () => {
  const canary = await makeCanary();
  const worker = await startWorker();
  try {
    await deleteUser(canary.id);
    const step = async () => (await erasureOf(canary.id)).step;
    await expect.poll(step, { timeout: 60_000, interval: 250 }).toBe("done");
    expect(await findInDatabase(canary.traces)).toEqual([]);
  } finally {
    await worker.stop();
  }
}, 90_000);

test("database notifications and log lines of an erasure contain the person's id but none of their data", async () => {
  const canary = await makeCanary();
  const written: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  const listener = await pool.connect();
  listener.on("notification", ({ payload }) => written.push(payload ?? ""));
  await listener.query("LISTEN rollcall; LISTEN rollcall_effects");
  await deleteUser(canary.id);
  await finish();
  await listener.query("SELECT 1");
  listener.release(true);
  expect(written.join("\n")).toContain(canary.id);
  for (const trace of canary.traces) expect(written.join("\n")).not.toContain(trace);
});

test("stored webhooks that only name an address are erased in any spelling of JSON, and those of similar addresses stay", async () => {
  const id = clerkId("user");
  const own = "ann.b+c@example.com";
  await send("user.created", userJson({ id, email_addresses: [emailJson("idn_1", own)] }));
  const named: [string, boolean][] = [
    ['{"to":"ann.b+c@example.com"}', true],
    [String.raw`{"to":"Ann \u003cANN.b+c@example.com\u003e"}`, true],
    [String.raw`{"text":"Dear Ann,\nann.b+c@example.com."}`, true],
    ["éann.b+c@example.com", true],
    ['{"to":"joann.b+c@example.com"}', false],
    ['{"to":"ann.b+c@example.com.au"}', false],
    ['{"to":"annxb+c@example.com"}', false],
  ];
  for (const [index, [body]] of named.entries())
    await sql(
      "INSERT INTO deliveries (svix_id, sha256, body, type, outcome) VALUES ($1, '', convert_to($2, 'UTF8'), 'some.event', 'ignored')",
      [`msg_${index}`, body],
    );
  const organizationId = clerkId("org");
  await send("organization.created", organizationJson({ id: organizationId }));
  const invite = (invitationId: string, email_address: string) =>
    send("organizationInvitation.created", {
      ...{ object: "organization_invitation", id: invitationId, email_address },
      ...{ organization_id: organizationId, role: "org:member", status: "pending" },
      ...{ created_at: T, updated_at: T },
    });
  await invite("orginv_own", own);
  await invite("orginv_other", `jo${own}`);
  await deleteUser(id);
  await finish();
  const { rows } = await sql(
    "SELECT body IS NULL AS gone FROM deliveries WHERE type = 'some.event' ORDER BY svix_id",
  );
  expect(rows.map(({ gone }) => gone)).toEqual(named.map(([, isErased]) => isErased));
  const invitations = await sql(
    `SELECT i.id, i.email, d.body IS NULL AS gone FROM invitations i JOIN deliveries d ON d.object_id = i.id ORDER BY i.id`,
  );
  expect(invitations.rows).toEqual([
    { id: "orginv_other", email: `jo${own}`, gone: false },
    { id: "orginv_own", email: null, gone: true },
  ]);
});

/** Sends an invitation to a new organization that was made at `createdAt`. Resolves to its id. */
async function invite(email_address: string, createdAt: number): Promise<string> {
  const [id, organization_id] = [clerkId("orginv"), clerkId("org")];
  await send("organization.created", organizationJson({ id: organization_id }));
  await send(
    "organizationInvitation.created",
    {
      ...{ object: "organization_invitation", id, email_address, organization_id },
      ...{ role: "org:member", status: "pending", created_at: createdAt, updated_at: createdAt },
    },
    createdAt,
  );
  return id;
}

const addressOf = async (invitationId: string) =>
  (await prisma.invitation.findUnique({ where: { id: invitationId } }))?.email;

/** Stores a delivery that could not be applied yet. */
const storePending = (type: string, data: { id: string }) =>
  sql(
    `INSERT INTO deliveries (svix_id, sha256, body, type, object_id, user_id, outcome, occurred_at, settled_at)
     VALUES ('msg_pending', '', convert_to($1, 'UTF8'), $2, $3, $4, 'pending', now(), NULL)`,
    [
      JSON.stringify(event(type, data, T + 40)),
      type,
      data.id,
      type.startsWith("user.") ? data.id : null,
    ],
  );

test("an erasure leaves alone what is about somebody who has signed up with the same address since", async () => {
  const [id, strangerId] = [clerkId("user"), clerkId("user")];
  const address = "ann@example.com";
  const person = { email_addresses: [emailJson("idn_1", address)] };
  await send("user.created", userJson({ id, ...person }), T);
  const own = await invite(address, T + 1);
  await deleteUser(id);
  const stranger = userJson({ id: strangerId, ...person, created_at: T + 20, updated_at: T + 20 });
  await send("user.created", stranger, T + 20);
  const ofStranger = await invite(address, T + 30);
  await storePending("user.updated", stranger);
  await finish();
  expect(await addressOf(own)).toBeNull();
  expect(await addressOf(ofStranger)).toBe(address);
  expect(await prisma.user.findUnique({ where: { id: strangerId } })).toMatchObject({
    email: address,
  });
  expect(await prisma.delivery.findUnique({ where: { svixId: "msg_pending" } })).toMatchObject({
    outcome: "pending",
    body: expect.any(Uint8Array),
  });
  const { rows } = await sql("SELECT object_id AS id FROM erasure_calls");
  expect(rows.map((row) => row.id)).toEqual([own]);
});

test("an erasure leaves alone an invitation to an address that the person had not verified", async () => {
  const id = clerkId("user");
  const unverified = { ...emailJson("idn_2", "boss@example.com"), verification: null };
  const email_addresses = [emailJson("idn_1", "ann@example.com"), unverified];
  const [own, ofBoss] = [await invite("ann@example.com", T), await invite("boss@example.com", T)];
  await send("user.created", userJson({ id, email_addresses }), T);
  await deleteUser(id);
  await finish();
  expect([await addressOf(own), await addressOf(ofBoss)]).toEqual([null, "boss@example.com"]);
  const { rows } = await sql("SELECT object_id AS id FROM erasure_calls");
  expect(rows.map((row) => row.id)).toEqual([own]);
});

test("a delivery that has still to be applied stays, although it names the erased person as a creator", async () => {
  const [id, organizationId] = [clerkId("user"), clerkId("org")];
  await send("user.created", userJson({ id }), T);
  await storePending(
    "organization.created",
    organizationJson({ id: organizationId, created_by: id }),
  );
  await deleteUser(id);
  await finish();
  await replayDeliveries({});
  expect(await prisma.organization.findUnique({ where: { id: organizationId } })).toMatchObject({
    version: expect.any(BigInt),
    deleted: false,
  });
});

test("an erasure also finds invitations to an address that the person gave up, unless another user has it since", async () => {
  const id = clerkId("user");
  const at = (time: number, ...addresses: string[]) => ({
    email_addresses: addresses.map((address, index) => emailJson(`idn_${index + 1}`, address)),
    created_at: T,
    updated_at: T + time,
  });
  await send("user.created", userJson({ id, ...at(0, "old@example.com", "taken@example.com") }), T);
  const [toOld, toTaken] = [
    await invite("old@example.com", T),
    await invite("taken@example.com", T),
  ];
  await send("user.updated", userJson({ id, ...at(1, "new@example.com") }), T + 1);
  await send(
    "user.created",
    userJson({ id: clerkId("user"), ...at(2, "taken@example.com") }),
    T + 2,
  );
  await deleteUser(id);
  await finish();
  expect(await addressOf(toOld)).toBeNull();
  expect(await addressOf(toTaken)).toBe("taken@example.com");
});

test("an address that another user took after the deletion, before the erasure, still belongs to the erased user", async () => {
  const [id, otherId] = [clerkId("user"), clerkId("user")];
  const having = (time: number, ...addresses: string[]) => ({
    email_addresses: addresses.map((address, index) => emailJson(`idn_${index + 1}`, address)),
    created_at: T,
    updated_at: T + time,
  });
  const address = "later@example.com";
  await send("user.created", userJson({ id: otherId, ...having(0, "other@example.com") }), T);
  await send("user.created", userJson({ id, ...having(0, address) }), T);
  const own = await invite(address, T);
  await deleteUser(id);
  const taken = having(100, "other@example.com", address);
  await send("user.updated", userJson({ id: otherId, ...taken }), T + 100);
  await finish();
  expect(await addressOf(own)).toBeNull();
});

test("an erasure waits for a transaction that wrote before the deletion, and then erases what that transaction wrote", async () => {
  const canary = await makeCanary();
  const writer = await pool.connect();
  await writer.query("BEGIN");
  await writer.query(
    `INSERT INTO deliveries (svix_id, sha256, body, type, object_id, user_id, outcome) VALUES ('msg_open', '', convert_to($2, 'UTF8'), 'user.updated', $1, $1, 'stale')`,
    [canary.id, JSON.stringify(canary.userObject)],
  );
  try {
    await deleteUser(canary.id);
    await runErasures();
    await age(60);
    expect(await runErasures()).toBeInstanceOf(Date);
    expect(await erasureOf(canary.id)).toMatchObject({ step: "sweep" });
  } finally {
    await writer.query("COMMIT");
    writer.release();
  }
  expect(await findInDatabase(canary.traces)).not.toEqual([]);
  await finish();
  expect(await findInDatabase(canary.traces)).toEqual([]);
});

describe("an erasure that fails", () => {
  async function checkpointsOf(canary: Canary): Promise<string[]> {
    const names: string[] = [];
    await deleteUser(canary.id);
    await runErasures((name) => void names.push(name));
    await age(60);
    await runErasures((name) => void names.push(name));
    return names;
  }

  test("an erasure that fails at any checkpoint resumes and leaves no data of the person", async () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const names = await checkpointsOf(await makeCanary());
    expect(names.length).toBeGreaterThan(8);
    for (const [index, name] of names.entries()) {
      const canary = await makeCanary();
      await deleteUser(canary.id);
      let passed = 0;
      const failOnce = () => {
        if (passed++ === index) throw new Error(`planted after ${name}`);
      };
      for (let run = 0; run < 4; run += 1) {
        await runErasures(failOnce);
        await age(60);
      }
      expect(passed, name).toBeGreaterThan(index);
      expect(await findInDatabase(canary.traces), name).toEqual([]);
      expect(await erasureOf(canary.id), name).toMatchObject({ step: "done" });
    }
  }, 120_000);
});

test("two processes never delete the rows of one erasure at the same time", async () => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const canaries = [await makeCanary(), await makeCanary(), await makeCanary()];
  for (const { id } of canaries) await deleteUser(id);
  const deleted: string[] = [];
  const note = (name: string, id: string) => {
    if (name === "batches") deleted.push(id);
  };
  await Promise.all([runErasures(note), runErasures(note), runErasures(note)]);
  expect(deleted.length).toBe(3);
  expect(new Set(deleted).size).toBe(3);
  await finish();
  for (const { traces } of canaries) expect(await findInDatabase(traces)).toEqual([]);
});

describe("effect handlers of deleted", () => {
  test("an erasure waits for a handler of deleted until the deadline; after it, the handler gets only ids", async () => {
    const got: unknown[] = [];
    const registry = await register(
      onUser(
        "deleted",
        "goodbye",
        async ({ previous }) => void got.push([previous.id, previous.email]),
      ),
    );
    // A handler that is not here: the invitation to the person is found by its address, which is erased first.
    await sql("INSERT INTO effect_subscribers VALUES ('invitations', 'deleted', 'absent')");
    const canary = await makeCanary();
    await deleteUser(canary.id);
    await runErasures();
    expect(await erasureOf(canary.id)).toMatchObject({ step: "effects" });
    expect(await findInDatabase(canary.traces)).toEqual(
      expect.arrayContaining([expect.stringContaining("effect_jobs")]),
    );
    await age(45);
    await runErasures();
    expect(await findInDatabase(canary.traces)).toEqual([]);
    expect((await erasureOf(canary.id)).acknowledgements).toEqual({ goodbye: "pending" });
    await new EffectRunner(registry).runDue(new AbortController().signal);
    expect(got).toEqual([[canary.id, null]]);
  });
});

describe("after an erasure", () => {
  async function erased(): Promise<Canary> {
    const canary = await makeCanary();
    await deleteUser(canary.id);
    await finish();
    return canary;
  }

  test("late events about an erased person store none of the person's data", async () => {
    const canary = await erased();
    const { id, organizationId, membershipId, invitationId, userObject, traces } = canary;
    const publicUser = { user_id: id, identifier: traces[0], first_name: traces[0] };
    await send("user.created", { ...userObject, updated_at: T + 9 }, T + 9);
    await send("user.updated", { ...userObject, updated_at: T + 10 }, T + 10);
    await send(
      "organizationMembership.updated",
      membershipJson({
        id: membershipId,
        userId: id,
        organizationId,
        public_user_data: publicUser,
        updated_at: T + 10,
        public_metadata: { a: traces[0] },
      }),
    );
    await send(
      "organizationMembership.created",
      membershipJson({
        id: clerkId("orgmem"),
        userId: id,
        organizationId,
        public_user_data: publicUser,
        public_metadata: { a: traces[0] },
      }),
    );
    await send("session.created", {
      object: "session",
      id: clerkId("sess"),
      user_id: id,
      client_id: "c",
      status: "active",
      created_at: T,
      updated_at: T,
      user: userObject,
    });
    await send("organizationInvitation.accepted", {
      object: "organization_invitation",
      id: invitationId,
      organization_id: organizationId,
      email_address: `x${traces[0]}@example.org`,
      user_id: id,
      status: "accepted",
      created_at: T,
      updated_at: T + 9,
    });
    await finish();
    expect(await findInDatabase(traces)).toEqual([]);
    expect(await prisma.session.count({ where: { userId: id } })).toBe(0);
    expect(await prisma.membership.count({ where: { userId: id, deleted: false } })).toBe(0);
    expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({
      deleted: true,
      email: null,
    });
  });

  test("a late event about an erased person that cannot be applied is discarded, and its body is removed", async () => {
    const { id, userObject } = await erased();
    await sql("ALTER TABLE users ADD CONSTRAINT poison CHECK (first_name <> 'poison') NOT VALID");
    const late = event("user.updated", { ...userObject, first_name: "poison", updated_at: T + 30 });
    expect(await sendWebhook(late, { id: "msg_poison" })).toBe(200);
    await sql("ALTER TABLE users DROP CONSTRAINT poison");
    await finish();
    expect(await prisma.delivery.findUnique({ where: { svixId: "msg_poison" } })).toMatchObject({
      outcome: "discarded",
      userId: id,
      body: null,
    });
  });

  test("a replay and a rebuild restore no data of an erased person", async () => {
    const canary = await erased();
    await replayDeliveries({});
    await finish();
    const { tables } = await rebuildAndCompare();
    expect(tables.filter(({ isEqual }) => !isEqual)).toEqual([]);
    expect(await findInDatabase(canary.traces)).toEqual([]);
  });

  test("an erased person who signs up again with the same e-mail address is a new user without any earlier data", async () => {
    const canary = await erased();
    const id = clerkId("user");
    await send("user.created", { ...canary.userObject, id, updated_at: T + 20 }, T + 20);
    expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ deleted: false });
    expect(await prisma.membership.count({ where: { userId: id } })).toBe(0);
    expect(await prisma.wishlistItem.count({ where: { userId: id } })).toBe(0); // part of the sample product
    expect(await prisma.profile.count({ where: { userId: id } })).toBe(0); // part of the sample product
  });
});

test("a user.deleted that arrives before any other event of the user also completes an erasure", async () => {
  const id = clerkId("user");
  await deleteUser(id);
  await finish();
  expect(await erasureOf(id)).toMatchObject({ step: "done" });
});

test("an erasure begins only with the deletion, and keeps the reason that was recorded before it", async () => {
  const canary = await makeCanary();
  await recordErasureRequest({ id: canary.id, reason: "user_requested", requestedBy: canary.id });
  await runErasures();
  expect(await prisma.user.findUnique({ where: { id: canary.id } })).toMatchObject({
    deleted: false,
  });
  expect((await findInDatabase(canary.traces)).length).toBeGreaterThan(5);
  await deleteUser(canary.id);
  await finish();
  await recordErasureRequest({ id: canary.id, reason: "admin_action", requestedBy: "user_admin" });
  expect(await erasureOf(canary.id)).toMatchObject({
    step: "done",
    reason: "user_requested",
    requestedBy: canary.id,
  });
  expect(await findInDatabase(canary.traces)).toEqual([]);
});

test("a late event does not begin an erasure that is only requested", async () => {
  const canary = await makeCanary();
  await recordErasureRequest({ id: canary.id, reason: "user_requested", requestedBy: canary.id });
  await sql("INSERT INTO late_events (erasure_id) SELECT id FROM erasures");
  expect(await runErasures()).toBeNull();
  expect(await erasureOf(canary.id)).toMatchObject({ step: "requested" });
  expect(await prisma.session.count({ where: { userId: canary.id } })).toBe(1);
});

test("a second user.deleted does not change a completed erasure", async () => {
  const canary = await makeCanary();
  await deleteUser(canary.id);
  await finish();
  const before = await erasureOf(canary.id);
  await deleteUser(canary.id);
  await finish();
  expect(await erasureOf(canary.id)).toMatchObject({ erasedAt: before.erasedAt, step: "done" });
});

test.each([
  "organizationMembership.created",
  "organizationInvitation.created",
  "organizationDomain.created",
  "paymentAttempt.updated",
])("a late %s with a new id brings nothing of an erased organization back", async (type) => {
  const [id, member] = [clerkId("org"), clerkId("user")];
  const name = `Aviary${clerkId("n")}`;
  await send("user.created", userJson({ id: member }));
  await send("organization.created", organizationJson({ id, name }));
  await send("organization.deleted", { ...deletedJson(id), object: "organization" });
  await finish();
  expect(await findInDatabase([name])).toEqual([]);
  const times = { created_at: T, updated_at: T };
  const late: Record<string, object> = {
    "organizationMembership.created": membershipJson({
      id: clerkId("orgmem"),
      userId: member,
      organizationId: id,
      organization: organizationJson({ id, name }),
      public_metadata: { team: name },
    }),
    "organizationInvitation.created": {
      ...{ object: "organization_invitation", id: clerkId("orginv"), organization_id: id },
      ...{ email_address: `a@${name}.test`, role: "org:member", status: "pending", ...times },
    },
    "organizationDomain.created": {
      ...{ object: "organization_domain", id: clerkId("orgdmn"), organization_id: id },
      ...{ name: `${name}.test`, ...times },
    },
    "paymentAttempt.updated": {
      ...{ object: "commerce_payment_attempt", id: clerkId("pay"), status: "paid", ...times },
      payer: { organization_id: id, organization_name: name },
    },
  };
  await send(type, late[type] ?? {});
  expect(await prisma.delivery.findFirst({ where: { type, organizationId: id } })).toMatchObject({
    outcome: "applied",
    body: null,
    headers: null,
  });
  await finish();
  expect(await findInDatabase([name])).toEqual([]);
  expect(await prisma.membership.count({ where: { organizationId: id, deleted: false } })).toBe(0);
  expect(await prisma.user.findUnique({ where: { id: member } })).toMatchObject({ deleted: false });
});

test("an event about an erased organization that could not be applied before is discarded", async () => {
  const [id, member] = [clerkId("org"), clerkId("user")];
  const name = `Aviary${clerkId("n")}`;
  const organization = organizationJson({ id, name });
  await sql("ALTER TABLE memberships ADD CONSTRAINT poison CHECK (deleted) NOT VALID");
  await send(
    "organizationMembership.created",
    membershipJson({ id: clerkId("orgmem"), userId: member, organizationId: id, organization }),
  );
  await sql("ALTER TABLE memberships DROP CONSTRAINT poison");
  expect(await prisma.delivery.findMany({ select: { outcome: true } })).toEqual([
    { outcome: "pending" },
  ]);
  await send("organization.deleted", { ...deletedJson(id), object: "organization" });
  await finish();
  expect(await findInDatabase([name])).toEqual([]);
  expect(await prisma.delivery.count({ where: { outcome: "discarded", body: null } })).toBe(1);
});

test("after organization.deleted no table holds the organization's data, and its members are not erased", async () => {
  const organizationId = clerkId("org");
  const canary = await makeCanary();
  const name = `Aviary ${clerkId("n")}`;
  await send("organization.created", organizationJson({ id: organizationId, name, slug: name }));
  await send(
    "organizationMembership.created",
    membershipJson({
      id: clerkId("orgmem"),
      userId: canary.friendId,
      organizationId,
      organization: organizationJson({ id: organizationId, name }),
    }),
  );
  await send("organizationDomain.created", {
    object: "organization_domain",
    id: clerkId("orgdmn"),
    organization_id: organizationId,
    name: `${name}.test`,
    created_at: T,
    updated_at: T,
  });
  await send("organizationInvitation.created", {
    object: "organization_invitation",
    id: clerkId("orginv"),
    organization_id: organizationId,
    email_address: `a@${name}`,
    role: "org:member",
    status: "pending",
    created_at: T,
    updated_at: T,
  });
  await send("organization.deleted", { ...deletedJson(organizationId), object: "organization" });
  await finish();
  expect(await findInDatabase([name])).toEqual([]);
  expect(await prisma.user.findUnique({ where: { id: canary.friendId } })).toMatchObject({
    deleted: false,
    firstName: "Fringilla",
  });
  expect((await findInDatabase(canary.traces)).length).toBeGreaterThan(5);
});
