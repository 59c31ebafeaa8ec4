/** Tests the viewer's own account in the API: sessions, purchases, and the deletion of the account. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, deletedJson, event } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../../db";
import { env } from "../../env";
import { undoErasure } from "../../erasure/hold";
import { OnlyAdmin } from "../../erasure/last-admin";
import { recordErasureRequest } from "../../erasure/request";
import { runErasureCalls } from "../../worker/erasure-calls";

// The variable is set before the first call of env(), which caches the environment.
const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
afterAll(() => api.close());

const sql = async (text: string, values: unknown[] = []) =>
  (await database().pool.query(text, values)).rows;

const codeOf = async (claims: Record<string, unknown>, query: string) =>
  (await askGraphQL(claims, query)).errors?.[0].extensions.code;

const openSession = (id: string, userId: string, status = "active", deleted = false) =>
  sql("INSERT INTO sessions (id, version, user_id, status, deleted) VALUES ($1, 1, $2, $3, $4)", [
    id,
    userId,
    status,
    deleted,
  ]);

let person = "";
let other = "";
let current = "";
let phone = "";
let foreign = "";

beforeEach(async () => {
  [person, other] = [clerkId("user"), clerkId("user")];
  [current, phone, foreign] = [clerkId("sess"), clerkId("sess"), clerkId("sess")];
  await mirrorAdmin(person);
  await mirrorUser(other);
  await openSession(current, person);
  await openSession(phone, person);
  await openSession(clerkId("sess"), person, "ended");
  await openSession(clerkId("sess"), person, "revoked", true);
  await openSession(foreign, other);
  api.requests.length = 0;
  api.intercept = (response, url) =>
    (url.pathname.endsWith("/revoke") || url.pathname.endsWith(person)) &&
    answerJson(response, 200, { id: "ok", object: "session", deleted: true });
});

const self = () => ({ sub: person, sid: current });
const calls = () => api.requests.filter((request) => !request.startsWith("GET"));

describe("sessions", () => {
  test("viewer.sessions returns only the viewer's own open sessions, even to a platform admin", async () => {
    const { data } = await askGraphQL(self(), "{ viewer { sessions { id isCurrent } } }");
    expect(data.viewer.sessions).toHaveLength(2);
    expect(data.viewer.sessions).toEqual(
      expect.arrayContaining([
        { id: current, isCurrent: true },
        { id: phone, isCurrent: false },
      ]),
    );
  });

  test("a session has the device and place of its sign-in, or null if Clerk did not send them", async () => {
    await sql(
      "UPDATE sessions SET device_type = 'iPhone', browser_name = 'Safari', browser_version = '18.1', city = 'Lisbon', country = 'PT' WHERE id = $1",
      [phone],
    );
    const { data } = await askGraphQL(self(), "{ viewer { sessions { id device place } } }");
    expect(data.viewer.sessions).toEqual(
      expect.arrayContaining([
        { id: current, device: null, place: null },
        { id: phone, device: "Safari 18 on iPhone", place: "Lisbon, Portugal" },
      ]),
    );
  });

  test("endSession revokes the session at Clerk and writes the audit log", async () => {
    const { data } = await askGraphQL(self(), `mutation { endSession(id: "${phone}") }`);
    expect(data.endSession).toEqual([phone]);
    expect(calls()).toEqual([`POST /v1/sessions/${phone}/revoke`]);
    const audit = await sql("SELECT actor, action FROM audit_log WHERE subject = $1", [phone]);
    expect(audit).toEqual([{ actor: person, action: "session.end" }]);
  });

  test("endSession refuses a session of another user, even to a platform admin", async () => {
    expect(await codeOf(self(), `mutation { endSession(id: "${foreign}") }`)).toBe(
      "BAD_USER_INPUT",
    );
    expect(calls()).toEqual([]);
  });

  test("endOtherSessions ends all of the viewer's sessions except the current one", async () => {
    const { data } = await askGraphQL(self(), "mutation { endOtherSessions }");
    expect(data.endOtherSessions).toEqual([phone]);
    expect(calls()).toEqual([`POST /v1/sessions/${phone}/revoke`]);
  });

  test("endOtherSessions is refused with FORBIDDEN in an impersonated session", async () => {
    const claims = { ...self(), act: { sub: "user_support" } };
    expect(await codeOf(claims, "mutation { endOtherSessions }")).toBe("FORBIDDEN");
    expect(calls()).toEqual([]);
  });

  test("endSession returns UNAVAILABLE when Clerk responds with an error", async () => {
    api.intercept = (response) => answerJson(response, 422, clerkError("session_not_found"));
    expect(await codeOf(self(), `mutation { endSession(id: "${phone}") }`)).toBe("UNAVAILABLE");
  });
});

test("the API returns the viewer's own purchases and plans, not those of other users or of an organization", async () => {
  const pay = (id: string, userId: string | null) =>
    sql(
      "INSERT INTO payment_attempts (id, version, user_id, organization_id, status, amount, currency, plans) VALUES ($1, 1, $2, 'org_x', 'paid', 1250, 'usd', '{Pro}')",
      [id, userId],
    );
  await pay(`pay_${person}`, person);
  await pay(`pay_${other}`, other);
  await pay(`pay_org_${person}`, null);
  await sql(
    "INSERT INTO subscription_items (id, version, user_id, plan_name, status) VALUES ($1, 1, $2, 'Pro', 'active'), ($3, 1, $4, 'Pro', 'active')",
    [`item_${person}`, person, `item_${other}`, other],
  );
  const selection = "{ viewer { payments { id amount currency } subscriptionItems { id } } }";
  const { data } = await askGraphQL(self(), selection);
  expect(data.viewer.payments).toEqual([{ id: `pay_${person}`, amount: 1250, currency: "usd" }]);
  expect(data.viewer.subscriptionItems).toEqual([{ id: `item_${person}` }]);
});

describe("deleting the account", () => {
  const deletion = "mutation { deleteAccount }";

  test("deleteAccount deletes the user at Clerk and writes the user's request to the audit log", async () => {
    const { deleteAccount: token } = (await askGraphQL(self(), deletion)).data;
    const receipt = `{ erasureReceipt(token: "${token}") { isFinished line } }`;
    expect((await askGraphQL({ sub: other }, receipt)).data).toEqual({
      erasureReceipt: { isFinished: false, line: null },
    });
    expect(calls()).toEqual([`DELETE /v1/users/${person}`]);
    const audit = await sql("SELECT actor, action FROM audit_log WHERE subject = $1", [person]);
    expect(audit).toEqual([{ actor: person, action: "account.delete" }]);
    const request = await sql("SELECT reason, requested_by FROM erasures WHERE subject_id = $1", [
      person,
    ]);
    expect(request).toEqual([{ reason: "user_requested", requested_by: person }]);
  });

  test("deleteAccount while Clerk is away ends access at once, records the request, and leaves a call that the worker repeats", async () => {
    await listening();
    api.intercept = (response) => answerJson(response, 503, clerkError("unavailable"));
    const { data, errors } = await askGraphQL(self(), deletion);
    expect(errors).toBeUndefined();
    expect(data.deleteAccount).toMatch(/^[0-9a-f-]{36}$/);
    expect(await sql("SELECT deleted, email FROM users WHERE id = $1", [person])).toEqual([
      { deleted: true, email: null },
    ]);
    expect(
      await sql("SELECT reason, requested_by, cause, step FROM erasures WHERE subject_id = $1", [
        person,
      ]),
    ).toEqual([{ reason: "user_requested", requested_by: person, cause: "account", step: "rows" }]);
    await caughtUp();
    expect(await codeOf(self(), "{ viewer { isReverified } }")).toBe("UNAUTHENTICATED");
    const call = () => sql("SELECT call FROM erasure_calls WHERE object_id = $1", [person]);
    expect(await call()).toEqual([{ call: "delete_user" }]);
    await sql("UPDATE erasure_calls SET next_at = now() - interval '1 s'");
    await runErasureCalls();
    expect(await call()).toEqual([{ call: "delete_user" }]);
    api.intercept = (response) => answerJson(response, 200, deletedJson(person));
    api.requests.length = 0;
    await sql("UPDATE erasure_calls SET next_at = now() - interval '1 s'");
    await runErasureCalls();
    expect(calls()).toEqual([`DELETE /v1/users/${person}`]);
    expect(await call()).toEqual([]);
    await deliver(event("user.deleted", deletedJson(person)));
    expect(
      await sql("SELECT count(*)::int AS n FROM erasures WHERE subject_id = $1", [person]),
    ).toEqual([{ n: 1 }]);
  });

  test("deleteAccount during a holdback asks Clerk at once, and undo drops a call that Clerk has not answered", async () => {
    await sql(
      `INSERT INTO sync_facts (name, value) VALUES ('erasure_settings', '{"holdbackSeconds":3600}')`,
    );
    await askGraphQL(self(), deletion);
    expect(calls()).toEqual([`DELETE /v1/users/${person}`]);
    api.intercept = (response) => answerJson(response, 503, clerkError("unavailable"));
    await askGraphQL({ ...self(), sub: other }, deletion);
    await undoErasure(other, { actor: "user_admin", reason: "asked us" });
    await sql("DELETE FROM sync_facts WHERE name = 'erasure_settings'");
    expect(
      await sql("SELECT FROM erasure_calls WHERE object_id = ANY ($1)", [[person, other]]),
    ).toEqual([]);
    expect(await sql("SELECT FROM users WHERE id = $1 AND NOT deleted", [other])).toHaveLength(1);
  });

  test("deleteAccount is refused with REVERIFICATION_REQUIRED unless a factor was verified in the last 10 minutes", async () => {
    const claims = { ...self(), fva: [11, -1] };
    expect(await codeOf(claims, deletion)).toBe("REVERIFICATION_REQUIRED");
    expect((await askGraphQL(claims, "{ viewer { isReverified } }")).data.viewer.isReverified).toBe(
      false,
    );
    expect(calls()).toEqual([]);
  });

  test("deleteAccount by an organization's only admin is refused with the organization's name if LAST_ADMIN_POLICY is refuse, and succeeds if it is promote", async () => {
    await sql(
      `WITH made AS (INSERT INTO organizations (id, version, name) VALUES ('org_sole', 1, 'Northwind'), ('org_alone', 1, 'Alone'), ('org_two', 1, 'Two') RETURNING id)
       INSERT INTO memberships (id, version, user_id, organization_id, role) SELECT m.id, 1, m.user_id, m.organization_id, m.role FROM (VALUES
         ('m1', $1, 'org_sole', 'org:admin'), ('m2', $2, 'org_sole', 'org:member'), ('m3', $1, 'org_alone', 'org:admin'),
         ('m4', $1, 'org_two', 'org:admin'), ('m5', $2, 'org_two', 'org:admin')) AS m (id, user_id, organization_id, role), (SELECT count(*) FROM made) AS c`,
      [person, other],
    );
    const { errors } = await askGraphQL(self(), deletion);
    expect(errors[0].extensions.code).toBe("BAD_USER_INPUT");
    expect(errors[0].message).toContain("the only admin of Northwind.");
    expect(calls()).toEqual([]);
    expect(await sql("SELECT FROM erasures WHERE subject_id = $1", [person])).toEqual([]);
    env().lastAdminPolicy = "promote";
    expect((await askGraphQL(self(), deletion)).errors).toBeUndefined();
    env().lastAdminPolicy = "refuse";
    await sql(
      "DELETE FROM memberships WHERE organization_id IN ('org_sole', 'org_alone', 'org_two')",
      [],
    );
  });

  /** Makes an organization Northwind whose admins are `person` and `other`, and which has a third member. */
  async function makeOrganizationOfTwoAdmins(id: string): Promise<void> {
    const member = clerkId("user");
    await mirrorUser(member);
    await sql("INSERT INTO organizations (id, version, name) VALUES ($1, 1, 'Northwind')", [id]);
    await sql(
      `INSERT INTO memberships (id, version, user_id, organization_id, role) VALUES
         ($1 || '1', 1, $2, $1, 'org:admin'), ($1 || '2', 1, $3, $1, 'org:admin'), ($1 || '3', 1, $4, $1, 'org:member')`,
      [id, person, other, member],
    );
  }

  test("an admin whose deletion is held back or not finished is no other admin for LAST_ADMIN_POLICY", async () => {
    await makeOrganizationOfTwoAdmins("org_held");
    await sql(
      `INSERT INTO sync_facts (name, value) VALUES ('erasure_settings', '{"holdbackSeconds":3600}')`,
    );
    expect((await askGraphQL({ ...self(), sub: other }, deletion)).errors).toBeUndefined();
    await sql("DELETE FROM sync_facts WHERE name = 'erasure_settings'");
    const { errors } = await askGraphQL(self(), deletion);
    expect(errors[0].message).toContain("the only admin of Northwind.");
    await sql("DELETE FROM memberships WHERE organization_id = 'org_held'");
  });

  test("the user's own request does not replace the reason of an admin whose deletion is under way", async () => {
    const reason = "policy_violation" as const;
    await recordErasureRequest({ id: person, reason, requestedBy: "user_admin" });
    await askGraphQL(self(), deletion);
    expect(
      await sql("SELECT reason, requested_by FROM erasures WHERE subject_id = $1", [person]),
    ).toEqual([{ reason, requested_by: "user_admin" }]);
  });

  test("of two admins who delete their accounts at the same time, one is refused if LAST_ADMIN_POLICY is refuse", async () => {
    await makeOrganizationOfTwoAdmins("org_pair");
    // Both have passed the check that comes before the request, and the other one's request is stored first.
    await recordErasureRequest({ id: other, reason: "user_requested", requestedBy: other });
    await expect(
      recordErasureRequest({ id: person, reason: "user_requested", requestedBy: person }),
    ).rejects.toThrow(OnlyAdmin);
    expect(
      await sql("SELECT subject_id FROM erasures WHERE subject_id = ANY ($1)", [[person, other]]),
    ).toEqual([{ subject_id: other }]);
    await sql("DELETE FROM memberships WHERE organization_id = 'org_pair'");
  });

  test("deleteAccount is refused with FORBIDDEN in an impersonated session, and if Clerk forbids the user to delete the account", async () => {
    const claims = { ...self(), act: { sub: "user_support" } };
    expect(await codeOf(claims, deletion)).toBe("FORBIDDEN");
    await sql("UPDATE users SET delete_self_enabled = false WHERE id = $1", [person]);
    expect(await codeOf(self(), deletion)).toBe("FORBIDDEN");
    expect(calls()).toEqual([]);
  });
});
