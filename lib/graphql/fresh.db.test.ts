/**
 * Tests the freshness contract: with webhooks stopped, a sensitive field asks Clerk whether the viewer still has the right, and
 * refuses when Clerk says no or does not answer.
 */
import { isObjectType } from "graphql";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { POST } from "@/app/api/graphql/route";
import { adminJson, startClerkWithAdmins } from "@/dev/testing/admins-at-clerk";
import { answerJson, clerkError } from "@/dev/testing/backend-api";
import { clerkId, event, membershipJson, userJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";
import { freshOf } from "./fresh";
import { schema } from "./schema";

const api = await startClerkWithAdmins();
const [organization, boss] = [clerkId("org"), clerkId("user")];
const UUID = "00000000-0000-4000-8000-000000000000";

/** Mirrors an admin as Clerk has them, with an event of two months ago. */
async function newAdmin(): Promise<string> {
  const id = clerkId("user");
  await mirrorAdmin(id);
  api.users.push(adminJson(id));
  await caughtUp();
  return id;
}

/** Revokes the role at Clerk alone, as when webhooks have stopped. */
function revokeAtClerk(id: string) {
  const at = api.users.findIndex((each) => each.id === id);
  api.users[at] = { ...adminJson(id), ...{ public_metadata: {} } };
}

beforeAll(async () => {
  await listening();
  await mirrorUser(boss);
  await mirrorOrganization(organization);
  const membership = { userId: boss, organizationId: organization, role: "org:admin" };
  await deliver(
    event(
      "organizationMembership.created",
      membershipJson({ id: clerkId("orgmem"), ...membership }),
    ),
  );
  await caughtUp();
});

beforeEach(() => {
  api.requests.length = 0;
  api.intercept = null;
});

const reason = 'reason: "ticket 4711"';
const own = `organizationId: "${organization}"`;
const selection = 'selection: { ids: ["msg_unknown"] }';

/** An operation for each field with `@fresh`. */
const platformFields: Record<string, string> = {
  archive: "{ archive { __typename } }",
  performAct: `mutation { performAct(name: USER_LOCK, objectId: "${boss}") { state } }`,
  startBulkAct: `mutation { startBulkAct(name: USER_BAN, objectIds: ["${boss}"], ${reason}) { bulkId } }`,
  resumeBulkAct: `mutation { resumeBulkAct(id: "${UUID}") { bulkId } }`,
  lookUpArchive: `mutation { lookUpArchive(search: "${boss}", ${reason}) { entry { id } } }`,
  addArchiveNote: `mutation { addArchiveNote(id: "${UUID}", text: "A note") { id } }`,
  holdArchiveEntry: `mutation { holdArchiveEntry(id: "${UUID}", ${reason}) { id } }`,
  releaseArchiveEntry: `mutation { releaseArchiveEntry(id: "${UUID}", ${reason}) { id } }`,
  purgeArchiveEntry: `mutation { purgeArchiveEntry(id: "${UUID}", ${reason}) }`,
  revealDeliveryPayload: 'mutation { revealDeliveryPayload(id: "msg_unknown") { text } }',
  replayDeliveries: `mutation { replayDeliveries(${selection}, ${reason}) { count } }`,
  dismissDeliveries: `mutation { dismissDeliveries(${selection}, ${reason}) }`,
  disableFeedEndpoint: `mutation { disableFeedEndpoint(name: "none", ${reason}) }`,
  enableFeedEndpoint: `mutation { enableFeedEndpoint(name: "none", ${reason}) }`,
  replayDeadEffects: `mutation { replayDeadEffects(handler: "none", ${reason}) }`,
  releaseErasureBrake: `mutation { releaseErasureBrake(${reason}) }`,
  undoErasure: `mutation { undoErasure(id: "1", ${reason}) }`,
  requestReconciliation: `mutation { requestReconciliation(${reason}) }`,
};
const organizationFields: Record<string, string> = {
  inviteToOrganization: `mutation { inviteToOrganization(${own}, email: "a@example.com", role: "org:member") { error } }`,
  revokeInvitation: `mutation { revokeInvitation(${own}, invitationId: "orginv_1") { error } }`,
  resendInvitation: `mutation { resendInvitation(${own}, invitationId: "orginv_1") { error } }`,
  changeMemberRole: `mutation { changeMemberRole(${own}, membershipId: "orgmem_1", role: "org:member") { error } }`,
  removeMember: `mutation { removeMember(${own}, membershipId: "orgmem_1") { error } }`,
};
const cases = [...Object.entries(platformFields), ...Object.entries(organizationFields)];

/** Mutations of platform admins without `@fresh`, each with the reason. */
const exempt = {
  createConsoleView: "only saves a view of a list",
  updateConsoleView: "only saves a view of a list",
  deleteConsoleView: "only saves a view of a list",
  rememberConsoleLayout: "only saves a view of a list",
  previewReplay: "is rolled back",
  retryProvisioning: "asks Clerk itself",
  sendTestDelivery: "works on development instances only",
  stopBulkAct: "only stops what another act began",
  verifyErasureReceipts: "only reads",
};

const administering = z.object({
  pothosOptions: z.object({ authScopes: z.object({ administer: z.literal(true) }) }),
});

const rootFields = (name: "Query" | "Mutation") => {
  const type = schema.getType(name);
  return isObjectType(type) ? Object.values(type.getFields()) : [];
};

test("every mutation for platform admins is @fresh, except those whose loss of a right does no harm", () => {
  const isForAdmins = (extensions: unknown) => administering.safeParse(extensions).success;
  const lacking = rootFields("Mutation")
    .filter((field) => isForAdmins(field.extensions) && !freshOf(field))
    .map(({ name }) => name);
  expect(lacking.sort()).toEqual(Object.keys(exempt).sort());
  const marked = [...rootFields("Query"), ...rootFields("Mutation")].filter((field) =>
    freshOf(field),
  );
  expect(marked.map(({ name }) => name).sort()).toEqual(cases.map(([name]) => name).sort());
});

const codeOf = async (sub: string, query: string) => {
  const { errors } = await askGraphQL({ sub }, query);
  return errors?.[0].extensions.code ?? null;
};

describe("with webhooks stopped", () => {
  test("a platform admin whose role was revoked at Clerk is refused by every @fresh field", async () => {
    const admin = await newAdmin();
    revokeAtClerk(admin);
    for (const [name, query] of Object.entries(platformFields))
      expect([name, await codeOf(admin, query)]).toEqual([name, "FORBIDDEN"]);
  });

  test("an organization admin whose membership was removed at Clerk is refused by every @fresh field", async () => {
    for (const [name, query] of Object.entries(organizationFields))
      expect([name, await codeOf(boss, query)]).toEqual([name, "FORBIDDEN"]);
  });

  test.each([
    ["answers with 503", 503],
    ["refuses the key", 401],
  ])("while Clerk %s, every @fresh field is UNAVAILABLE", async (_how, status) => {
    const admin = await newAdmin();
    api.intercept = (response) => answerJson(response, status, {});
    for (const [name, query] of cases) {
      const viewer = name in platformFields ? admin : boss;
      expect([name, await codeOf(viewer, query)]).toEqual([name, "UNAVAILABLE"]);
    }
    expect(await askGraphQL({ sub: admin }, "{ viewer { id } }")).toEqual({
      data: { viewer: { id: admin } },
    });
  });

  test("a platform admin whom Clerk confirms may act, and 20 parallel requests ask Clerk once", async () => {
    const admin = await newAdmin();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => askGraphQL({ sub: admin }, platformFields.archive ?? "")),
    );
    for (const { errors } of answers) expect(errors).toBeUndefined();
    expect(api.requests).toEqual([`GET /v1/users/${admin}`]);
    await askGraphQL({ sub: admin }, platformFields.archive ?? "");
    expect(api.requests.length).toBe(1);
  });

  test("a user who does not exist at Clerk any more is FORBIDDEN", async () => {
    const admin = clerkId("user");
    await mirrorAdmin(admin);
    await caughtUp();
    expect(await codeOf(admin, platformFields.archive ?? "")).toBe("FORBIDDEN");
  });

  test("a viewer without the right is refused without a question to Clerk", async () => {
    expect(await codeOf(boss, platformFields.archive ?? "")).toBe("FORBIDDEN");
    expect(api.requests).toEqual([]);
  });

  test("while Clerk accepts requests and never answers, the field is UNAVAILABLE within 3 s, and at most 10 questions are open", async () => {
    const admins = await Promise.all(Array.from({ length: 15 }, newAdmin));
    api.intercept = () => true;
    const startedAt = performance.now();
    const codes = await Promise.all(admins.map((sub) => codeOf(sub, platformFields.archive ?? "")));
    expect(new Set(codes)).toEqual(new Set(["UNAVAILABLE"]));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(api.requests.length).toBe(10);
  });
});

describe("the freshness of the mirror", () => {
  const freshness = "{ freshness { asOf lagMs } }";
  const now = () => Date.now() - 100;
  const arrive = (at: number) =>
    deliver(event("user.created", userJson({ id: clerkId("user") }), at));
  const sql = (text: string, ...values: unknown[]) => database().pool.query(text, values);
  /** A reading serves for a second, so a test that changes rows waits until a reading sees them. */
  const untilLag = (sub: string, isExpected: (lagMs: number) => boolean) =>
    expect
      .poll(async () => isExpected((await askGraphQL({ sub }, freshness)).data.freshness.lagMs), {
        timeout: 5_000,
      })
      .toBe(true);

  test("the newest event's time is asOf, and a pending older delivery moves it back", async () => {
    const admin = await newAdmin();
    const stale = (await askGraphQL({ sub: admin }, freshness)).data.freshness;
    expect(stale.asOf).toBe("2026-09-21T14:13:20.000Z");
    expect(stale.lagMs).toBeGreaterThan(86_400_000);
    await arrive(now());
    await untilLag(admin, (lagMs) => lagMs < 5_000);
    await sql(
      `INSERT INTO deliveries (svix_id, sha256, outcome, occurred_at, received_at, settled_at)
       VALUES ('msg_open', '', 'pending', now() - interval '1 minute', now() - interval '59 s', NULL)`,
    );
    await untilLag(admin, (lagMs) => lagMs > 59_000);
    await sql("UPDATE deliveries SET outcome = 'discarded' WHERE svix_id = 'msg_open'");
    await untilLag(admin, (lagMs) => lagMs < 30_000);
  });

  test("a complete reconciliation is evidence too", async () => {
    const admin = await newAdmin();
    await sql("UPDATE deliveries SET occurred_at = now() - interval '1 day'");
    await untilLag(admin, (lagMs) => lagMs > 80_000_000);
    await sql(
      "INSERT INTO sync_runs (mode, status, trigger, holder, cursor, counts, started_at, ended_at) VALUES ('repair', 'done', 'test', 'test', '{}', '{}', now() - interval '10 s', now())",
    );
    await untilLag(admin, (lagMs) => lagMs >= 10_000 && lagMs < 30_000);
    await sql("DELETE FROM sync_runs");
  });

  test("while the mirror is at most 5 s behind, Clerk is not asked; later it is", async () => {
    const admin = await newAdmin();
    await arrive(now());
    await untilLag(admin, (lagMs) => lagMs < 4_000);
    api.requests.length = 0;
    expect(await codeOf(admin, platformFields.archive ?? "")).toBe(null);
    expect(api.requests).toEqual([]);
    await sql(
      "UPDATE deliveries SET occurred_at = now() - interval '6 s', received_at = now() - interval '6 s'",
    );
    await untilLag(admin, (lagMs) => lagMs > 5_000);
    revokeAtClerk(admin);
    expect(await codeOf(admin, platformFields.archive ?? "")).toBe("FORBIDDEN");
  });

  test("a request with extensions.freshness gets it in the response's extensions, and a guest does not", async () => {
    const admin = await newAdmin();
    const send = async (authorization: string) => {
      const body = JSON.stringify({
        query: "{ countries { id } }",
        extensions: { freshness: true },
      });
      const headers = {
        "content-type": "application/json",
        ...(authorization && { authorization }),
      };
      const request = new Request("https://rollcall.test/api/graphql", {
        method: "POST",
        headers,
        body,
      });
      return (await POST(request)).json();
    };
    const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: admin });
    const { extensions } = await send(`Bearer ${token}`);
    expect(extensions.freshness).toEqual({
      asOf: expect.stringMatching(/^20\d\d-.*Z$/),
      lagMs: expect.any(Number),
    });
    expect((await send("")).extensions).toBeUndefined();
  });
});

test("after a 429, Clerk is not asked again before its Retry-After has passed", async () => {
  const [first, second] = [await newAdmin(), await newAdmin()];
  await database().pool.query("UPDATE deliveries SET occurred_at = now() - interval '1 day'");
  api.requests.length = 0;
  api.intercept = (response) =>
    answerJson(response, 429, clerkError("too_many_requests"), { "retry-after": "60" });
  expect(await codeOf(first, platformFields.archive ?? "")).toBe("UNAVAILABLE");
  api.intercept = null;
  expect(await codeOf(second, platformFields.archive ?? "")).toBe("UNAVAILABLE");
  expect(api.requests).toEqual([`GET /v1/users/${first}`]);
});
