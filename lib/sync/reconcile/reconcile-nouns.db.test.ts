import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import {
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { type ReconcileOptions, reconcile } from "./reconcile";

const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;

const at = 1_790_000_000_000;
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const { prisma } = database();

afterAll(() => clerk.close());
beforeEach(async () => {
  const nouns = ["users", "organizations", "memberships", "invitations", "domains", "roles"];
  for (const noun of [...nouns, "permissions"]) Object.assign(clerk, { [noun]: [] });
  await sql(
    `TRUNCATE ${nouns.join(", ")}, permissions, versions, deliveries, sync_runs, drift_findings CASCADE`,
  );
});
afterEach(() => {
  clerk.intercept = null;
});

const run = (options: Partial<ReconcileOptions> = {}) =>
  reconcile({
    mode: "repair",
    trigger: "command",
    calls: { perTenSeconds: 100_000, backoffMs: [5, 5], answerWithinMs: 2_000 },
    ...options,
  });
const findingsOf = async (runId: bigint) =>
  (await prisma.driftFinding.findMany({ where: { runId }, orderBy: { objectId: "asc" } })).map(
    ({ objectId, kind, cause, isRepaired, fields }) => ({
      objectId,
      kind,
      cause,
      isRepaired,
      fields: Object.keys(Object(fields)),
    }),
  );

const stamps = { created_at: at, updated_at: at };
const organization = { ...organizationJson({ id: "org_1" }), ...stamps };
const person = (n: number) => ({ ...userJson({ id: `user_${n}` }), ...stamps, id: `user_${n}` });
const invitation = (id: string, fields: object = {}) => ({
  id,
  organization_id: "org_1",
  email_address: `${id}@example.com`,
  role: "org:member",
  status: "pending",
  inviter_id: "user_1",
  expires_at: at + 86_400_000,
  ...stamps,
  ...fields,
});
const domain = (id: string, fields: object = {}) => ({
  id,
  organization_id: "org_1",
  name: `${id}.test`,
  enrollment_mode: "manual_invitation",
  affiliation_verification: { status: "verified" },
  ...stamps,
  ...fields,
});
const permission = (id: string, fields: object = {}) => ({
  id,
  key: `org:${id}`,
  name: id,
  description: "",
  type: "user",
  ...stamps,
  ...fields,
});
const role = (id: string, fields: object = {}) => ({
  ...permission(id),
  is_creator_eligible: true,
  permissions: [{ key: "org:b:read" }, { key: "org:a:read" }],
  ...fields,
});

describe("invitations, domains, roles and permissions", () => {
  beforeEach(() => {
    clerk.organizations = [organization];
    clerk.invitations = [invitation("orginv_1"), invitation("orginv_2")];
    clerk.domains = [domain("orgdmn_1"), domain("orgdmn_2")];
    clerk.roles = [role("role_1"), role("role_2")];
    clerk.permissions = [permission("perm_1"), permission("perm_2")];
  });

  test("a reconciliation mirrors invitations, domains, roles and permissions, and a second run finds no difference", async () => {
    const { counts } = await run();
    for (const noun of ["invitations", "domains", "roles", "permissions"] as const) {
      expect(counts[noun]).toMatchObject({ missing: 2, repaired: 2 });
    }
    expect(await prisma.invitation.findUnique({ where: { id: "orginv_1" } })).toMatchObject({
      email: "orginv_1@example.com",
      organizationId: "org_1",
      status: "pending",
    });
    expect(await prisma.domain.findUnique({ where: { id: "orgdmn_1" } })).toMatchObject({
      name: "orgdmn_1.test",
      verificationStatus: "verified",
    });
    expect(await prisma.role.findUnique({ where: { id: "role_1" } })).toMatchObject({
      isCreatorEligible: true,
      permissions: ["org:a:read", "org:b:read"],
    });
    expect(await findingsOf((await run()).runId)).toEqual([]);
  });

  test("a reconciliation compares invitations, domains, roles and permissions by field, and deletes them when Clerk responds with 404", async () => {
    await run();
    clerk.invitations = [invitation("orginv_1", { status: "expired" })];
    clerk.domains = [
      domain("orgdmn_1", { enrollment_mode: "automatic_invitation", updated_at: at + 1 }),
    ];
    clerk.roles = [role("role_1", { permissions: [] })];
    clerk.permissions = [permission("perm_1", { name: "Renamed", updated_at: at + 1 })];
    clerk.requests.length = 0;
    const { runId } = await run();
    expect(await findingsOf(runId)).toMatchObject([
      { objectId: "orgdmn_1", kind: "stale", fields: expect.arrayContaining(["enrollment_mode"]) },
      { objectId: "orgdmn_2", kind: "extra", isRepaired: true },
      { objectId: "orginv_1", kind: "different", fields: ["status"], isRepaired: true },
      { objectId: "orginv_2", kind: "extra", isRepaired: true },
      { objectId: "perm_1", kind: "stale", fields: expect.arrayContaining(["name"]) },
      { objectId: "perm_2", kind: "extra", isRepaired: true },
      { objectId: "role_1", kind: "different", fields: ["permissions"], isRepaired: true },
      { objectId: "role_2", kind: "extra", isRepaired: true },
    ]);
    expect(clerk.requests).toContain("GET /v1/organizations/org_1/invitations/orginv_2");
    expect(clerk.requests).toContain("GET /v1/organization_roles/role_2");
    expect(await prisma.invitation.findUnique({ where: { id: "orginv_2" } })).toMatchObject({
      deleted: true,
      email: null,
    });
    expect(await findingsOf((await run()).runId)).toEqual([]);
  });

  test("a reconciled invitation keeps the user who accepted it, which only events contain", async () => {
    const accepted = invitation("orginv_1", { status: "accepted", updated_at: at + 5 });
    const said = { ...accepted, user_id: "user_9" };
    await sendWebhook(event("organizationInvitation.accepted", said));
    clerk.invitations = [invitation("orginv_1", { ...accepted, role: "org:admin" })];
    expect((await run()).counts.invitations).toMatchObject({ different: 1, repaired: 1 });
    expect(await prisma.invitation.findUnique({ where: { id: "orginv_1" } })).toMatchObject({
      role: "org:admin",
      userId: "user_9",
    });
  });

  test("a reconciliation skips a list that the Clerk instance does not offer, and names it in the reason", async () => {
    await run();
    clerk.intercept = (response, url) => {
      if (!url.pathname.startsWith("/v1/organization_roles")) return false;
      return answerJson(response, 403, clerkError("feature_not_enabled"));
    };
    expect(await run()).toMatchObject({ status: "done", reason: expect.stringContaining("roles") });
    expect(await prisma.role.count({ where: { deleted: false } })).toBe(2);
  });

  test.each<[string, (response: ServerResponse) => void, string]>([
    ["down", (response) => response.destroy(), "cannot be reached"],
    ["broken", (response) => answerJson(response, 500, clerkError("oops")), "answers 500"],
    [
      "that answers HTML",
      (response) => response.end("<html>"),
      "not what its Backend API promises",
    ],
    [
      "that answers other JSON",
      (response) => answerJson(response, 200, { data: {} }),
      "not what its Backend",
    ],
    [
      "that refuses the key",
      (response) => answerJson(response, 401, clerkError("no")),
      "CLERK_SECRET_KEY",
    ],
  ])(
    "a reconciliation of a Clerk instance %s is paused with the reason, and can be resumed",
    async (_, answer, reason) => {
      clerk.intercept = (response, url) => {
        if (url.pathname !== "/v1/organization_domains") return false;
        answer(response);
        return true;
      };
      const paused = await run();
      expect(paused).toMatchObject({ status: "paused", reason: expect.stringContaining(reason) });
      expect(await prisma.invitation.count()).toBe(2);
      expect(await prisma.domain.count()).toBe(0);
      clerk.intercept = null;
      expect(await run()).toMatchObject({ status: "done", isResumed: true, runId: paused.runId });
      expect(await prisma.domain.count()).toBe(2);
    },
  );
});

describe("a local edit", () => {
  beforeEach(async () => {
    clerk.users = [1, 2, 3].map(person);
    for (const user of clerk.users) await sendWebhook(event("user.created", user));
  });

  test.each([
    ["that raises the version", "version = 9000000000000000", ["version"]],
    ["that lowers the version", "version = version - 5", []],
    ["that marks as deleted", "deleted = true", ["deleted"]],
    ["that marks as deleted and blanks", "deleted = true, email = NULL, version = 0", ["deleted"]],
    [
      "that sets a name and raises the version",
      "version = version + 1, first_name = 'X'",
      ["version"],
    ],
  ])("a reconciliation finds and repairs a local edit %s", async (_, change, fields) => {
    await sql(`UPDATE users SET ${change} WHERE id = 'user_2'`);
    const { runId } = await run();
    expect(await findingsOf(runId)).toMatchObject([
      { objectId: "user_2", cause: "local edit", isRepaired: true, fields },
    ]);
    expect(await prisma.user.findUnique({ where: { id: "user_2" } })).toMatchObject({
      deleted: false,
      version: BigInt(at),
      firstName: "Ada",
      email: "user_2@example.com",
    });
    expect(await findingsOf((await run()).runId)).toEqual([]);
  });

  test("a reconciliation reverts a local edit that marks a deleted user as not deleted", async () => {
    await sendWebhook(event("user.deleted", deletedJson("user_2")));
    clerk.users = [person(1), person(3)];
    await sql(
      "UPDATE users SET deleted = false, version = 7, first_name = 'X' WHERE id = 'user_2'",
    );
    expect((await run()).counts.users).toMatchObject({ extra: 1, repaired: 1 });
    expect(await prisma.user.findUnique({ where: { id: "user_2" } })).toMatchObject({
      deleted: true,
      firstName: null,
    });
  });

  test("a local edit in a table without versions is detected by comparison with the delivery that wrote the row", async () => {
    clerk.permissions = [permission("perm_1")];
    await sendWebhook(event("permission.created", permission("perm_1")));
    await sql("UPDATE permissions SET version = version + 1, name = 'X'");
    expect(await findingsOf((await run()).runId)).toMatchObject([
      { objectId: "perm_1", cause: "local edit", isRepaired: true },
    ]);
    expect(await prisma.permission.findFirst()).toMatchObject({ name: "perm_1" });
  });

  test("a row whose event arrived after Clerk's list was read is not reported as a local edit", async () => {
    const newer = { ...person(2), first_name: "New", updated_at: at + 9 };
    await sendWebhook(event("user.updated", newer));
    expect(await findingsOf((await run()).runId)).toEqual([]);
    expect(await prisma.user.findUnique({ where: { id: "user_2" } })).toMatchObject({
      firstName: "New",
    });
  });
});

describe("the deletion limit", () => {
  test("the deletion limit allows a run to delete one of ten rows, and fails a run that would delete two", async () => {
    clerk.users = Array.from({ length: 10 }, (_, n) => person(n));
    await run();
    clerk.users = clerk.users.slice(1);
    expect(await run()).toMatchObject({ status: "done", counts: { users: { repaired: 1 } } });
    clerk.users = clerk.users.slice(2);
    expect(await run()).toMatchObject({ status: "failed", counts: { users: { repaired: 0 } } });
  });

  test("the deletion limit refuses every deletion when Clerk lists none of our rows, however many it lists", async () => {
    clerk.users = [person(1)];
    await run();
    clerk.users = Array.from({ length: 100 }, (_, n) => person(n + 2));
    expect(await run()).toMatchObject({ status: "failed" });
    expect(await prisma.user.findUnique({ where: { id: "user_1" } })).toMatchObject({
      deleted: false,
    });
  });

  test("the deletion limit does not count memberships of a deleted organization, and the run makes no requests for them", async () => {
    clerk.users = Array.from({ length: 10 }, (_, n) => person(n));
    clerk.organizations = [organization];
    clerk.memberships = clerk.users.map(({ id: userId }) => ({
      ...membershipJson({ id: `orgmem_${userId}`, userId, organizationId: "org_1" }),
      ...stamps,
      id: `orgmem_${userId}`,
    }));
    clerk.invitations = [invitation("orginv_1")];
    await run();
    await sendWebhook(event("organization.deleted", deletedJson("org_1")));
    Object.assign(clerk, { organizations: [], memberships: [], invitations: [] });
    clerk.requests.length = 0;
    const { status, counts } = await run();
    expect(status).toBe("done");
    expect(counts.memberships).toMatchObject({ extra: 10, repaired: 10 });
    expect(counts.invitations).toMatchObject({ extra: 1, repaired: 1 });
    expect(
      clerk.requests.filter((request) => request.startsWith("GET /v1/organizations/org_1")),
    ).toEqual([]);
  });
});

describe("a list is read to its end", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => index);

  test("a reconciliation reads a list to its end although more objects than fit on a page cannot be read", async () => {
    clerk.organizations = [organization];
    clerk.invitations = many(1_200).map((n) => {
      const id = `orginv_${String(n).padStart(5, "0")}`;
      return { ...invitation(id), ...stamps, updated_at: n >= 400 && n < 1_100 ? {} : at };
    });
    const { status, counts } = await run();
    expect({ status, ...counts.invitations }).toMatchObject({
      status: "done",
      read: 500,
      unreadable: 700,
      missing: 500,
    });
    expect(await prisma.invitation.count()).toBe(500);
  });

  test("a dry run counts an object only once when it is on two pages of a list", async () => {
    clerk.organizations = [organization];
    clerk.users = many(1_100).map((n) => ({ ...person(n), created_at: at + Math.floor(n / 2) }));
    clerk.invitations = many(1_100).map((n) => invitation(`orginv_${String(n).padStart(5, "0")}`));
    const { counts } = await run({ mode: "dry-run" });
    expect(counts.users).toMatchObject({ read: 1_100, missing: 1_100 });
    expect(counts.invitations).toMatchObject({ read: 1_100, missing: 1_100 });
  });

  test("a reconciliation reads a list to its end although the last user on a page has a creation time in the future", async () => {
    const future = Date.now() + 400 * 86_400_000;
    clerk.users = many(700).map((n) => {
      const created_at = n === 499 ? future : at + n;
      return { ...person(n), created_at };
    });
    // The stub of Clerk lists users in this order: the user with the future `created_at` is the last one of the first page.
    clerk.intercept = (response, url) => {
      const after = Number(url.searchParams.get("created_at_after") ?? 0);
      if (url.pathname !== "/v1/users") return false;
      const offset = Number(url.searchParams.get("offset") ?? 0);
      const listed = clerk.users.filter(({ created_at }) => created_at > after);
      return answerJson(response, 200, listed.slice(offset, offset + 500));
    };
    const { status, counts } = await run();
    expect({ status, ...counts.users }).toMatchObject({ status: "done", missing: 700, extra: 0 });
    expect(await prisma.user.count()).toBe(700);
  });
});
