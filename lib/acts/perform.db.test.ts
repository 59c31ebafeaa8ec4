/** Tests the acts of platform admins through the API's route, with a stub of Clerk's Backend API. */
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";
import { env } from "../env";
import { settleActs } from "./settle";

const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
afterAll(() => api.close());

const [admin, second, demotedAtClerk, member] = [1, 2, 3, 4].map(() => clerkId("user"));
const adminJson = (id = "") => ({
  ...userJson({ id, public_metadata: { role: "admin" } }),
  ...{ id, created_at: 1 },
});

beforeAll(async () => {
  await listening();
  for (const id of [admin, second, demotedAtClerk]) await mirrorAdmin(id ?? "");
  await mirrorUser(member ?? "");
  api.users.push(adminJson(admin), adminJson(second));
  api.users.push({ ...adminJson(demotedAtClerk), ...{ public_metadata: {} } });
  await caughtUp();
});

/** The requests to Clerk that change something. */
const changes: { path: string; body: string }[] = [];
type Answer = [status: number, body: object, headers?: object];
let answer: (path: string) => Answer | Promise<Answer> = () => [200, {}];

beforeEach(() => {
  changes.length = 0;
  api.intercept = (response, url, request) => {
    if (request.method === "GET") return false;
    void text(request).then(async (body) => {
      changes.push({ path: `${request.method} ${url.pathname}`, body });
      answerJson(response, ...(await answer(url.pathname)));
    });
    return true;
  };
});

const ask = (sub: string | undefined, query: string, claims: object = {}) =>
  askGraphQL({ sub, ...claims }, query);

const act = (name: string, objectId: string | null, rest = 'reason: "spam"') =>
  `mutation { performAct(name: ${name} ${objectId === null ? "" : `objectId: ${JSON.stringify(objectId)}`} ${rest})
   { actId state objectId isChanged error errorCode errorField url } }`;

const sql = async (statement: string, ...values: unknown[]) =>
  (await database().pool.query(statement, values)).rows;
const actsOf = (id: string) =>
  sql("SELECT name, actor_id, state, reason, error_code FROM acts WHERE object_id = $1", id);
const auditOf = (id: string) =>
  sql(
    "SELECT actor, action, detail - 'actId' AS detail FROM audit_log WHERE subject = $1 ORDER BY id",
    id,
  );

async function newUser(fields: object = {}) {
  const id = clerkId("user");
  await mirrorUser(id, { ...fields });
  return id;
}

const LATER = 1_790_000_009_000;
const answerUser = (id: string, fields: object) => {
  answer = () => [200, userJson({ id, updated_at: LATER, ...fields })];
};

test("a ban is sent to Clerk and changes no mirrored row, and is confirmed when its webhook has arrived", async () => {
  const id = await newUser();
  answerUser(id, { banned: true });
  const { data } = await ask(admin, act("USER_BAN", id));
  expect(data.performAct).toMatchObject({
    state: "SENT",
    objectId: id,
    isChanged: true,
    error: null,
  });
  expect(changes).toEqual([{ path: `POST /v1/users/${id}/ban`, body: "" }]);
  expect(await sql("SELECT is_banned FROM users WHERE id = $1", id)).toEqual([
    { is_banned: false },
  ]);
  expect(await actsOf(id)).toMatchObject([{ name: "user.ban", state: "sent", reason: "spam" }]);
  expect(await auditOf(id)).toEqual([
    { actor: admin, action: "user.ban_requested", detail: { reason: "spam" } },
    { actor: admin, action: "user.ban_done", detail: {} },
  ]);
  expect(await sql("SELECT DISTINCT session_id FROM audit_log WHERE subject = $1", id)).toEqual([
    { session_id: "sess_test" },
  ]);
  const state = async () =>
    (await ask(second, `{ acts(objectId: "${id}") { state actorName } }`)).data.acts;
  expect(await state()).toEqual([{ state: "SENT", actorName: "Ada Lovelace" }]);
  await deliver(event("user.updated", userJson({ id, banned: true, updated_at: LATER })));
  expect(await state()).toMatchObject([{ state: "CONFIRMED" }]);
  await settleActs();
  expect(await actsOf(id)).toMatchObject([{ state: "confirmed" }]);
});

test("an event that Clerk sent before the act does not confirm it, even with the same updated_at", async () => {
  const id = await newUser({ updated_at: LATER });
  answerUser(id, { banned: true });
  await ask(admin, act("USER_BAN", id));
  await settleActs();
  expect(await actsOf(id)).toMatchObject([{ state: "sent" }]);
});

test.each([
  ["a user who is no admin", () => ask(member, act("USER_BAN", member ?? ""))],
  ["an admin whom Clerk has demoted", () => ask(demotedAtClerk, act("USER_BAN", member ?? ""))],
  [
    "a session that impersonates an admin",
    () => ask(admin, act("USER_BAN", member ?? ""), { act: { sub: "user_support" } }),
  ],
])(
  "an act is refused with FORBIDDEN for %s, without a request to Clerk or a record",
  async (_who, send) => {
    const { errors } = await send();
    expect(errors[0].extensions.code).toBe("FORBIDDEN");
    expect(changes).toEqual([]);
    expect(await actsOf(member ?? "")).toEqual([]);
  },
);

test("an admin who was demoted in the mirror is refused with FORBIDDEN, even while the cached viewer is still an admin", async () => {
  const demoted = clerkId("user");
  await mirrorAdmin(demoted);
  api.users.push(adminJson(demoted));
  await caughtUp();
  await ask(demoted, "{ viewer { id } }");
  await sql("UPDATE users SET is_admin = false WHERE id = $1", demoted);
  const { errors } = await ask(demoted, act("USER_BAN", member ?? ""));
  expect(errors[0].extensions.code).toBe("FORBIDDEN");
  expect(changes).toEqual([]);
});

describe("acts that are refused before Clerk is called", () => {
  const refused = async (query: string) => {
    const { data, errors } = await ask(admin, query);
    expect(errors).toBeUndefined();
    expect(changes).toEqual([]);
    expect(data.performAct).toMatchObject({ actId: null, state: null });
    return data.performAct;
  };

  test("an act on an object that does not exist, is deleted or is of another kind is refused without a request to Clerk", async () => {
    const deleted = await newUser();
    await deliver(event("user.deleted", deletedJson(deleted)));
    const organization = clerkId("org");
    await mirrorOrganization(organization);
    const ids = [
      clerkId("user"),
      deleted,
      organization,
      "",
      "' OR true --",
      "a\u0000",
      "x".repeat(10_000),
    ];
    for (const id of ids) {
      const { error, errorField } = await refused(act("USER_BAN", id));
      expect([error, errorField]).toEqual([
        "There is no user with this id. It may be deleted.",
        "objectId",
      ]);
    }
  });

  test("an act that requires a reason is refused without a request to Clerk if the reason is missing, only white space, or has an e-mail address", async () => {
    const named = 'reason: "jane@example.com asked for it"';
    for (const reason of ["", 'reason: ""', 'reason: "  \\u0000 "', named])
      expect((await refused(act("USER_BAN", member ?? "", reason))).errorField).toBe("reason");
  });

  test("acts by which admins would lock themselves out are refused without a request to Clerk", async () => {
    for (const name of ["USER_BAN", "USER_LOCK", "USER_DELETE"])
      expect((await refused(act(name, admin ?? ""))).error).toMatch(/^You cannot \w+ yourself\.$/);
    expect((await refused(act("USER_END_SESSIONS", admin ?? ""))).error).toBe(
      "End your own sessions on your account page.",
    );
    const metadata = 'arguments: { publicMetadata: "{}" }';
    expect((await refused(act("USER_SET_METADATA", admin ?? "", metadata))).errorField).toBe(
      "publicMetadata",
    );
  });

  test.each([
    ["USER_SET_METADATA", "{}", null],
    ["USER_SET_METADATA", '{ publicMetadata: "[1]" }', "publicMetadata"],
    ["USER_SET_METADATA", '{ publicMetadata: "{" }', "publicMetadata"],
    ["USER_SET_METADATA", `{ publicMetadata: "${"x".repeat(9_000)}" }`, "publicMetadata"],
    ["USER_BAN", '{ role: "org:admin" }', "role"],
    ["USER_SET_EXTERNAL_ID", '{ externalId: "a\\nb" }', "externalId"],
  ])(
    "the act %s is refused without a request to Clerk if it has the arguments %s",
    async (name, given, field) => {
      const query = act(name, member ?? "", `arguments: ${given} reason: "x"`);
      expect((await refused(query)).errorField).toBe(field);
    },
  );
});

test("a refusal by Clerk is returned and recorded with Clerk's own error code and message", async () => {
  const id = await newUser();
  answer = () => [
    422,
    { errors: [{ code: "form_param_invalid", message: "no", long_message: "Clerk says no." }] },
  ];
  const { data } = await ask(admin, act("USER_LOCK", id));
  expect(data.performAct).toMatchObject({
    ...{ state: "REFUSED", error: "Clerk says no.", errorCode: "form_param_invalid" },
  });
  expect(await actsOf(id)).toMatchObject([{ state: "refused", error_code: "form_param_invalid" }]);
  expect((await auditOf(id)).at(-1)).toMatchObject({
    ...{ action: "user.lock_refused", detail: { code: "form_param_invalid" } },
  });
});

test("a refusal by Clerk that names an e-mail address is returned with it, and recorded without it", async () => {
  const organizationId = clerkId("org");
  await mirrorOrganization(organizationId);
  const error = { code: "already_a_member_in_organization", message: "is a member" };
  answer = () => [
    422,
    { errors: [{ ...error, long_message: "Ann@example.com is already a member." }] },
  ];
  const given = 'arguments: { email: "ann@example.com", role: "org:member" }';
  const { data } = await ask(admin, act("ORGANIZATION_INVITE", organizationId, given));
  expect(data.performAct.error).toBe("Ann@example.com is already a member.");
  expect(await sql("SELECT error_message FROM acts WHERE object_id = $1", organizationId)).toEqual([
    { error_message: "[e-mail address] is already a member." },
  ]);
});

test("an act during an outage of Clerk is recorded as unanswered, because Clerk may have run it", async () => {
  const id = await newUser();
  answer = () => [503, {}];
  expect((await ask(admin, act("USER_LOCK", id))).data.performAct.state).toBe("UNANSWERED");
  expect(await actsOf(id)).toMatchObject([{ state: "unanswered", error_code: "unavailable" }]);
});

test("after a 429 with a short Retry-After an act is sent once more, and with a long one it is refused with the time to wait", async () => {
  const id = await newUser();
  let isFirst = true;
  answer = () => {
    if (!isFirst) return [200, userJson({ id, locked: true, updated_at: LATER })];
    isFirst = false;
    return [429, clerkError("too_many_requests"), { "retry-after": "1" }];
  };
  expect((await ask(admin, act("USER_LOCK", id))).data.performAct.state).toBe("SENT");
  expect(changes.length).toBe(2);
  answer = () => [429, clerkError("too_many_requests"), { "retry-after": "42" }];
  expect((await ask(admin, act("USER_LOCK", id))).data.performAct).toMatchObject({
    ...{ state: "REFUSED", errorCode: "rate_limited" },
    error: "Clerk allows no more requests right now. Try again in 42 s.",
  });
  expect(changes.length).toBe(3);
});

test("deleting a user records that an admin requested the erasure, and the act is confirmed by the tombstone", async () => {
  const id = await newUser();
  answer = () => [200, deletedJson(id)];
  expect((await ask(admin, act("USER_DELETE", id))).data.performAct.state).toBe("SENT");
  expect(
    await sql("SELECT reason, requested_by, step FROM erasures WHERE subject_id = $1", id),
  ).toEqual([{ reason: "admin_action", requested_by: admin, step: "requested" }]);
  await deliver(event("user.deleted", deletedJson(id)));
  await settleActs();
  expect(await actsOf(id)).toMatchObject([{ state: "confirmed" }]);
});

test("when Clerk refuses a deletion, the request is forgotten, and a later deletion by somebody else has the reason unknown", async () => {
  const id = await newUser();
  answer = () => [422, clerkError("form_param_invalid")];
  expect((await ask(admin, act("USER_DELETE", id))).data.performAct.state).toBe("REFUSED");
  await deliver(event("user.deleted", deletedJson(id)));
  expect(await sql("SELECT reason, requested_by FROM erasures WHERE subject_id = $1", id)).toEqual([
    { reason: "unknown", requested_by: null },
  ]);
});

test("a user whose deletion was undone is deleted here when Clerk answers that there is no such user", async () => {
  const id = await newUser();
  await sql(
    "INSERT INTO erasures (subject_kind, subject_id, step, next_at) VALUES ('user', $1, 'undone', NULL)",
    id,
  );
  answer = () => [404, clerkError("resource_not_found")];
  expect((await ask(admin, act("USER_DELETE", id))).data.performAct.state).toBe("SENT");
  expect(await sql("SELECT deleted FROM users WHERE id = $1", id)).toEqual([{ deleted: true }]);
  expect(await sql("SELECT reason, step FROM erasures WHERE subject_id = $1", id)).toMatchObject([
    { reason: "admin_action", step: "rows" },
  ]);
});

test.each([429, 500])(
  "after Clerk has answered %s, a user whose deletion was undone can still be deleted",
  async (status) => {
    const id = await newUser();
    await sql(
      "INSERT INTO erasures (subject_kind, subject_id, step, next_at) VALUES ('user', $1, 'undone', NULL)",
      id,
    );
    answer = () => [status, clerkError("failed")];
    await ask(admin, act("USER_DELETE", id));
    expect(await sql("SELECT step FROM erasures WHERE subject_id = $1", id)).toEqual([
      { step: "undone" },
    ]);
    answer = () => [404, clerkError("resource_not_found")];
    expect((await ask(admin, act("USER_DELETE", id))).data.performAct.state).toBe("SENT");
    expect(await sql("SELECT deleted FROM users WHERE id = $1", id)).toEqual([{ deleted: true }]);
  },
);

test("deleting as a policy violation records that reason for the archive, and in the audit log; another reason is refused", async () => {
  const id = await newUser();
  answer = () => [200, deletedJson(id)];
  const as = (reason: string) => `reason: "spam" arguments: { deletionReason: "${reason}" }`;
  for (const reason of ["user_requested", "unknown", ""]) {
    const refused = (await ask(admin, act("USER_DELETE", id, as(reason)))).data.performAct;
    expect(refused).toMatchObject({ state: null, errorField: "deletionReason" });
  }
  expect(changes).toEqual([]);
  await ask(admin, act("USER_DELETE", id, as("policy_violation")));
  expect(await sql("SELECT reason FROM erasures WHERE subject_id = $1", id)).toEqual([
    { reason: "policy_violation" },
  ]);
  expect((await auditOf(id))[0]).toMatchObject({
    ...{ action: "user.delete_requested" },
    detail: { reason: "spam", deletionReason: "policy_violation" },
  });
});

test("deleting the only admin of an organization with other members is refused with what to do, and allowed if LAST_ADMIN_POLICY is promote", async () => {
  const [sole, other] = [await newUser({ first_name: "Ada" }), await newUser()];
  const organization = clerkId("org");
  await mirrorOrganization(organization, { name: "Harbour" });
  const join = (userId: string, role: string) => {
    const json = membershipJson({
      id: clerkId("orgmem"),
      userId,
      organizationId: organization,
      role,
    });
    return deliver(event("organizationMembership.created", json));
  };
  for (const userId of [sole, other]) await join(userId, "org:admin");
  answer = (path) => [200, deletedJson(path.split("/").at(-1) ?? "")];
  // Clerk has deleted the other admin, but its webhook has not arrived.
  expect((await ask(admin, act("USER_DELETE", other))).data.performAct.state).toBe("SENT");
  await join(await newUser(), "org:member");
  changes.length = 0;
  const refused = (await ask(admin, act("USER_DELETE", sole))).data.performAct;
  expect(refused.state).toBeNull();
  expect(refused.error).toMatch(
    /is the only admin of Harbour\. Make another member an admin first/,
  );
  expect(changes).toEqual([]);
  expect(await sql("SELECT FROM erasures WHERE subject_id = $1", sole)).toEqual([]);
  env().lastAdminPolicy = "promote";
  expect((await ask(admin, act("USER_DELETE", sole))).data.performAct.state).toBe("SENT");
  env().lastAdminPolicy = "refuse";
});

test("an act replaces metadata at Clerk, and neither the act's record nor the audit log contains the values", async () => {
  const id = await newUser();
  answerUser(id, {});
  const given = 'arguments: { privateMetadata: "{ \\"note\\": \\"secret-note\\" }" }';
  await ask(admin, act("USER_SET_METADATA", id, given));
  expect(changes).toMatchObject([{ path: `PUT /v1/users/${id}/metadata` }]);
  expect(JSON.parse(changes[0]?.body ?? "")).toEqual({ private_metadata: { note: "secret-note" } });
  const [record] = await sql(
    "SELECT to_jsonb(a)::text AS text FROM acts a WHERE object_id = $1",
    id,
  );
  expect(record.text).not.toContain("secret-note");
  expect(await auditOf(id)).toMatchObject([{ detail: { fields: "privateMetadata" } }, {}]);
});

test("a user whom an admin creates is pending until the webhook arrives", async () => {
  const id = clerkId("user");
  answerUser(id, {});
  const given = 'arguments: { email: " New@Example.com", firstName: "<b>\u202eN" }';
  const { data } = await ask(admin, act("USER_CREATE", null, given));
  expect(data.performAct).toMatchObject({ state: "SENT", objectId: id });
  expect(JSON.parse(changes[0]?.body ?? "")).toMatchObject({ email_address: ["new@example.com"] });
  expect(await actsOf(id)).toMatchObject([{ name: "user.create", state: "sent" }]);
});

test("the act that impersonates a user needs a reason, returns Clerk's link once and stores it nowhere", async () => {
  const id = await newUser();
  answer = () => [
    200,
    { id: "act_1", status: "pending", user_id: id, url: "https://clerk.test/ticket-1" },
  ];
  const { data } = await ask(admin, act("USER_IMPERSONATE", id, 'reason: "ticket 12"'));
  expect(data.performAct).toMatchObject({ state: "CONFIRMED", url: "https://clerk.test/ticket-1" });
  expect(JSON.parse(changes[0]?.body ?? "")).toMatchObject({
    ...{ user_id: id, actor: { sub: admin }, session_max_duration_in_seconds: 1800 },
  });
  const stored = await sql(
    "SELECT (SELECT jsonb_agg(to_jsonb(a)) FROM acts a)::text || (SELECT jsonb_agg(to_jsonb(l)) FROM audit_log l)::text AS text",
  );
  expect(stored[0].text).not.toContain("ticket-1");
  expect((await auditOf(id))[0]).toMatchObject({ actor: admin, detail: { reason: "ticket 12" } });
});

test("of two admins who delete the same user at once, one succeeds and the other reads Clerk's refusal; both are audited", async () => {
  const id = await newUser();
  let isFirst = true;
  answer = () => {
    const answered: Answer = isFirst
      ? [200, deletedJson(id)]
      : [404, clerkError("resource_not_found")];
    isFirst = false;
    return answered;
  };
  const answers = await Promise.all(
    [admin, second].map(async (sub) => (await ask(sub, act("USER_DELETE", id))).data.performAct),
  );
  expect(answers.map(({ state }) => state).sort()).toEqual(["REFUSED", "SENT"]);
  expect(answers.find(({ state }) => state === "REFUSED").error).toBe("resource_not_found");
  const actors = (await auditOf(id)).map(({ actor, action }) => `${actor} ${action}`);
  expect(actors.sort()).toEqual(
    expect.arrayContaining([`${admin} user.delete_requested`, `${second} user.delete_requested`]),
  );
  expect(actors).toHaveLength(4);
});

describe("invitations to the app", () => {
  const invitation = (fields: object) => ({
    ...{ object: "invitation", id: "inv_1", email_address: "guest@example.com" },
    ...{ status: "pending", created_at: 1_790_000_000_000, updated_at: 1_790_000_000_000 },
    ...{ public_metadata: {}, ...fields },
  });
  let listed: Answer = [200, { data: [invitation({})], total_count: 1 }];

  beforeEach(() => {
    listed = [200, { data: [invitation({})], total_count: 1 }];
    const others = api.intercept;
    api.intercept = (response, url, request) =>
      request.method === "GET" && url.pathname === "/v1/invitations"
        ? answerJson(response, ...listed)
        : (others?.(response, url, request) ?? false);
  });

  const list = async (sub = admin) =>
    await ask(
      sub,
      "{ appInvitations { totalCount error invitations { id email status createdAt } } }",
    );

  test("the list is read from Clerk; while Clerk is down it says so, and members may not read it", async () => {
    expect((await list()).data.appInvitations).toEqual({
      ...{ totalCount: 1, error: null },
      invitations: [
        {
          ...{ id: "inv_1", email: "guest@example.com", status: "PENDING" },
          createdAt: "2026-09-21T14:13:20.000Z",
        },
      ],
    });
    listed = [503, {}];
    expect((await list()).data.appInvitations).toMatchObject({
      error: "Clerk is not available right now. Try again.",
    });
    expect((await list(member)).errors[0].extensions.code).toBe("FORBIDDEN");
  });

  test("one is sent again by a revocation and a new invitation, and revoked once", async () => {
    answer = (path) => [
      200,
      path.endsWith("/revoke")
        ? invitation({ status: "revoked" })
        : invitation({ id: "inv_2", created_at: 1_790_000_001_000 }),
    ];
    const sent = (await ask(admin, act("APP_INVITATION_RESEND", "inv_1", ""))).data.performAct;
    expect(sent).toMatchObject({ state: "CONFIRMED", objectId: "inv_2", error: null });
    expect(changes.map(({ path }) => path)).toEqual([
      "POST /v1/invitations/inv_1/revoke",
      "POST /v1/invitations",
    ]);
    expect(JSON.parse(changes[1]?.body ?? "")).toMatchObject({
      ...{ email_address: "guest@example.com", redirect_url: expect.stringMatching(/\/sign-up$/) },
    });
    expect((await auditOf("inv_1"))[0]).toMatchObject({
      ...{ actor: admin, action: "app_invitation.resend_requested" },
    });
  });

  test.each([
    ["Clerk does not know", [200, { data: [], total_count: 0 }] as Answer, /no app invitation/],
    ["Clerk cannot be asked about", [503, {}] as Answer, /Clerk is not available/],
  ])("one that %s is neither revoked nor recorded", async (_name, answered, message) => {
    listed = answered;
    const { data } = await ask(admin, act("APP_INVITATION_REVOKE", "inv_9", ""));
    expect(data.performAct).toMatchObject({ state: null, error: expect.stringMatching(message) });
    expect(changes).toEqual([]);
    expect(await actsOf("inv_9")).toEqual([]);
  });
});

test("possibleActs returns a sentence for each act: what it would do, or why there is nothing to do", async () => {
  const id = await newUser({ first_name: "<i>Zoë\u200b", last_name: null, banned: true });
  const query = `{ possibleActs(kind: USER, id: "${id}") { name sentence skipped reason isIrreversible objectName } }`;
  const found = (await ask(admin, query)).data.possibleActs;
  expect(found.find((each: { name: string }) => each.name === "USER_BAN")).toEqual({
    ...{ name: "USER_BAN", skipped: "Banned already", reason: "REQUIRED", isIrreversible: false },
    objectName: "<i>Zoë\u200b",
    sentence: expect.stringMatching(/^<i>Zoë\u200b is signed out everywhere and cannot sign in/),
  });
  expect((await ask(admin, query, { act: { sub: "user_support" } })).data.possibleActs).toEqual([]);
});

test("an act whose process died before Clerk responded is recorded as unanswered", async () => {
  const id = clerkId("user");
  await sql(
    `INSERT INTO acts (name, actor_id, object_kind, object_id, requested_at)
     VALUES ('user.ban', 'user_1', 'user', $1, now() - interval '1 hour')`,
    id,
  );
  await settleActs();
  expect(await actsOf(id)).toMatchObject([{ state: "unanswered", error_code: "interrupted" }]);
});
