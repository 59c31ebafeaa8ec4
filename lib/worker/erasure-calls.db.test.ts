/** Tests what an erasure changes at Clerk: invitations to the erased address, and organizations without an admin. */
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { answerJson, clerkError, startBackendApi } from "../../dev/testing/backend-api";
import { clerkId, deletedJson, event, membershipJson } from "../../dev/testing/clerk-payloads";
import { deliver, mirrorOrganization, mirrorUser } from "../../dev/testing/mirror";
import { database } from "../db";
import { env } from "../env";
import { runErasures } from "../erasure/erase";
import { readErasureFacts } from "../erasure/facts";
import { undoErasure } from "../erasure/hold";
import { runErasureCalls } from "./erasure-calls";

const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
afterAll(() => api.close());

const { pool } = database();
const T = 1_790_000_000_000;

/** The method and path of each request to Clerk that is not a GET. */
const changes: string[] = [];
let answer: (path: string) => [number, object] = () => [200, {}];

beforeEach(async () => {
  changes.length = 0;
  answer = () => [200, { id: "x", object: "x" }];
  api.intercept = (response, url, request) => {
    if (request.method === "GET") return false;
    changes.push(`${request.method} ${url.pathname}`);
    return answerJson(response, ...answer(url.pathname));
  };
  env().lastAdminPolicy = "refuse";
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await pool.query(
    "TRUNCATE users, organizations, memberships, invitations, erasures, erasure_calls CASCADE",
  );
});

const join = (userId: string, organizationId: string, role: string, at = 1) => {
  const id = clerkId("orgmem");
  const json = { ...membershipJson({ id, userId, organizationId, role }), created_at: T + at };
  return deliver(event("organizationMembership.created", json)).then(() => id);
};

async function invite(email: string, organizationId: string, status = "pending"): Promise<string> {
  const id = clerkId("orginv");
  const json = {
    object: "organization_invitation",
    ...{ id, organization_id: organizationId, email_address: email, role: "org:member", status },
    ...{ created_at: T, updated_at: T },
  };
  await deliver(event("organizationInvitation.created", json));
  return id;
}

async function eraseUser(id: string): Promise<void> {
  await deliver(event("user.deleted", deletedJson(id)));
  await runErasures();
}

/** Makes the calls due that have a time. A call without a time waits for the end of a holdback. */
const makeDue = () =>
  // The column has milliseconds, so "now" may be rounded up to a time that has not come yet.
  pool.query("UPDATE erasure_calls SET next_at = now() - interval '1 s' WHERE next_at IS NOT NULL");

async function runCalls(): Promise<Date | null> {
  await makeDue();
  return runErasureCalls();
}

const audited = async (subject: string) =>
  (
    await pool.query("SELECT action FROM audit_log WHERE actor = 'erasure' AND subject = $1", [
      subject,
    ])
  ).rows.map(({ action }) => action);

/** Creates an organization with this admin and two members. The member `first` joined before `second`. */
async function organizationOf(admin: string) {
  const [id, first, second] = [clerkId("org"), clerkId("user"), clerkId("user")];
  await mirrorOrganization(id);
  for (const user of [admin, first, second]) await mirrorUser(user);
  const adminMembership = await join(admin, id, "org:admin");
  await join(second, id, "org:member", 9);
  await join(first, id, "org:member", 2);
  return { id, first, second, adminMembership };
}

test("an erasure revokes the pending invitation to the erased address at Clerk, but no accepted invitation and none to another address", async () => {
  const [user, organizationId] = [clerkId("user"), clerkId("org")];
  await mirrorUser(user);
  await mirrorOrganization(organizationId);
  const pending = await invite(`${user}@EXAMPLE.com`, organizationId);
  await invite(`${user}@example.com`, organizationId, "accepted");
  await invite("third@example.com", organizationId);
  await eraseUser(user);
  expect(await runCalls()).toBeNull();
  expect(changes).toEqual([
    `POST /v1/organizations/${organizationId}/invitations/${pending}/revoke`,
  ]);
  expect(await audited(pending)).toEqual(["invitation.revoked"]);
});

test("an erasure completes while Clerk does not respond, and its call to Clerk is made once when Clerk responds again", async () => {
  const [user, organizationId] = [clerkId("user"), clerkId("org")];
  await mirrorUser(user);
  await mirrorOrganization(organizationId);
  const pending = await invite(`${user}@example.com`, organizationId);
  answer = () => [503, clerkError("unavailable")];
  await eraseUser(user);
  expect(await runCalls()).toBeInstanceOf(Date);
  const left = await pool.query(
    "SELECT attempts, error, next_at > now() AS waits FROM erasure_calls",
  );
  expect(left.rows).toEqual([{ attempts: 1, error: "503", waits: true }]);
  const failing = async () => (await readErasureFacts()).failingCalls;
  expect(await failing()).toEqual([]);
  for (let tries = 0; tries < 2; tries++) await runCalls();
  expect(await failing()).toEqual([{ call: "revoke_invitation", count: 1, error: "503" }]);
  const { rows } = await pool.query("SELECT deleted, email FROM invitations");
  expect(rows).toEqual([{ deleted: true, email: null }]);
  answer = () => [200, { id: pending }];
  changes.length = 0;
  expect(await runCalls()).toBeNull();
  expect(await runCalls()).toBeNull();
  expect(changes).toHaveLength(1);
});

test.each([
  [404, "resource_not_found"],
  [400, "organization_invitation_not_pending"],
])(
  "an invitation that Clerk refuses to revoke with %i %s counts as revoked",
  async (status, code) => {
    const [user, organizationId] = [clerkId("user"), clerkId("org")];
    await mirrorUser(user);
    await mirrorOrganization(organizationId);
    const pending = await invite(`${user}@example.com`, organizationId);
    answer = () => [status, clerkError(code)];
    await eraseUser(user);
    expect(await runCalls()).toBeNull();
    expect(await audited(pending)).toEqual([]);
  },
);

test("an organization whose last admin is erased is recorded in the audit log, and nothing is changed at Clerk by default", async () => {
  const admin = clerkId("user");
  const { id } = await organizationOf(admin);
  await eraseUser(admin);
  expect(await runCalls()).toBeNull();
  expect(changes).toEqual([]);
  expect(await audited(id)).toEqual(["organization.left_without_admin"]);
});

test("with LAST_ADMIN_POLICY=promote, the erasure of an organization's last admin makes the member who joined first an admin", async () => {
  env().lastAdminPolicy = "promote";
  const admin = clerkId("user");
  const { id, first } = await organizationOf(admin);
  await eraseUser(admin);
  expect(await runCalls()).toBeNull();
  expect(changes).toEqual([`PATCH /v1/organizations/${id}/memberships/${first}`]);
  expect(await audited(first)).toEqual(["membership.promoted"]);
});

test("with LAST_ADMIN_POLICY=delete, the erasure of an organization's last admin deletes the organization at Clerk", async () => {
  env().lastAdminPolicy = "delete";
  const admin = clerkId("user");
  const { id } = await organizationOf(admin);
  await eraseUser(admin);
  expect(await runCalls()).toBeNull();
  expect(changes).toEqual([`DELETE /v1/organizations/${id}`]);
  expect(await audited(id)).toEqual(["organization.deleted"]);
});

test("with LAST_ADMIN_POLICY=delete, an organization stays while the deletion of its other admin can be undone", async () => {
  env().lastAdminPolicy = "delete";
  const [first, second] = [clerkId("user"), clerkId("user")];
  const { id } = await organizationOf(first);
  await mirrorUser(second);
  await join(second, id, "org:admin", 3);
  await pool.query(
    `INSERT INTO sync_facts (name, value) VALUES ('erasure_settings', '{"holdbackSeconds":3600}')`,
  );
  await deliver(event("user.deleted", deletedJson(second)));
  await pool.query("DELETE FROM sync_facts WHERE name = 'erasure_settings'");
  await eraseUser(first);
  await runCalls();
  expect(changes).toEqual([]);
  await pool.query("UPDATE erasures SET next_at = now() WHERE subject_id = $1", [second]);
  await runErasures();
  await runCalls();
  expect(changes).toEqual([`DELETE /v1/organizations/${id}`]);
});

test("LAST_ADMIN_POLICY also applies when Clerk deleted the admin's membership before the user", async () => {
  env().lastAdminPolicy = "delete";
  const admin = clerkId("user");
  const { id, adminMembership } = await organizationOf(admin);
  const ended = membershipJson({ id: adminMembership, userId: admin, organizationId: id });
  await deliver(event("organizationMembership.deleted", { ...ended, updated_at: T + 50 }));
  await eraseUser(admin);
  await runCalls();
  expect(changes).toEqual([`DELETE /v1/organizations/${id}`]);
});

test("LAST_ADMIN_POLICY changes nothing while the organization has another admin, or when the erased member was no admin", async () => {
  env().lastAdminPolicy = "delete";
  const admin = clerkId("user");
  const { id, first, second } = await organizationOf(admin);
  await eraseUser(second);
  expect(await runCalls()).toBeNull();
  await join(first, id, "org:admin", 20);
  await eraseUser(admin);
  expect(await runCalls()).toBeNull();
  expect(changes).toEqual([]);
  expect(await audited(id)).toEqual([]);
});

test("an erasure of the last admin leaves no call to Clerk when the organization is erased too", async () => {
  const admin = clerkId("user");
  const { id } = await organizationOf(admin);
  await deliver(event("user.deleted", deletedJson(admin)));
  await deliver(event("organization.deleted", { ...deletedJson(id), object: "organization" }));
  await runErasures();
  const { rows } = await pool.query("SELECT FROM erasure_calls");
  expect(rows).toEqual([]);
});

test("during a holdback, the last admin's organization keeps its admin's place until the erasure begins, and undo forgets the call", async () => {
  env().lastAdminPolicy = "delete";
  await pool.query(
    `INSERT INTO sync_facts (name, value) VALUES ('erasure_settings', '{"holdbackSeconds":3600}')`,
  );
  const [undone, erased] = [clerkId("user"), clerkId("user")];
  await organizationOf(undone);
  const { id } = await organizationOf(erased);
  for (const user of [undone, erased]) await deliver(event("user.deleted", deletedJson(user)));
  expect(await runErasureCalls()).toBeNull();
  expect(changes).toEqual([]);
  await undoErasure(undone, { actor: "user_admin", reason: "wrong file" });
  await pool.query("UPDATE erasures SET next_at = now() WHERE step = 'held'");
  await runErasures();
  expect(await runCalls()).toBeNull();
  expect(changes).toEqual([`DELETE /v1/organizations/${id}`]);
  expect((await pool.query("SELECT FROM erasure_calls")).rows).toEqual([]);
  await pool.query("DELETE FROM sync_facts WHERE name = 'erasure_settings'");
});
