/**
 * Tests the acts of an organization's admin on the organization's invitations and members, through the API's route, with a stub
 * of Clerk's Backend API.
 */
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, deletedJson, event, membershipJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";

const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
afterAll(() => api.close());

const [boss, member, demoted, stranger] = [1, 2, 3, 4].map(() => clerkId("user"));
const [org, other] = [clerkId("org"), clerkId("org")];
const made = clerkId("orginv");

function membershipOf(userId = "", role: string, organizationId = org) {
  return {
    ...membershipJson({ id: clerkId("orgmem"), userId, organizationId, role }),
    created_at: 1,
  };
}

const membershipOfUser = (id: string, userId: string, role: string, at = 1_790_000_000_000) => ({
  ...membershipJson({ id, userId, organizationId: org, role }),
  ...{ created_at: 1_790_000_000_000, updated_at: at },
});

beforeAll(async () => {
  await listening();
  for (const id of [boss, member, demoted, stranger]) await mirrorUser(id ?? "");
  for (const id of [org, other]) await mirrorOrganization(id);
  const join = (json: object) => deliver(event("organizationMembership.created", json));
  await join(membershipOf(boss, "org:admin"));
  await join(membershipOf(member, "org:member"));
  await join(membershipOf(demoted, "org:admin"));
  await join(membershipOf(stranger, "org:admin", other));
  api.memberships.push(
    membershipOf(boss, "org:admin"),
    membershipOf(member, "org:admin"),
    membershipOf(demoted, "org:member"),
    membershipOf(stranger, "org:admin", other),
  );
  await caughtUp();
});

/** The requests to Clerk that change something, with path and body. */
const changes: { path: string; body: string }[] = [];
let answer: (path: string) => [number, object, object?] = () => [200, {}];

beforeEach(() => {
  changes.length = 0;
  answer = () => [200, { id: made, object: "organization_invitation" }];
  api.intercept = (response, url, request) => {
    if (request.method !== "POST") return false;
    void text(request).then((body) => {
      changes.push({ path: url.pathname, body });
      answerJson(response, ...answer(url.pathname));
    });
    return true;
  };
});

const ask = (sub: string | undefined, query: string, claims: object = {}) =>
  askGraphQL({ sub, ...claims }, query);

const invite = (email = "New@Example.com ", role = "org:member", organizationId = org) =>
  `mutation { inviteToOrganization(organizationId: "${organizationId}", email: "${email}", role: "${role}")
   { invitationId isChanged error errorField } }`;
const revoke = (id = made) =>
  `mutation { revokeInvitation(organizationId: "${org}", invitationId: "${id}")
   { invitationId isChanged error errorField } }`;

const audited = async (actor = "") =>
  (
    await database().pool.query(
      "SELECT action, subject, detail - 'actId' AS detail FROM audit_log WHERE actor = $1 ORDER BY id DESC LIMIT 2",
      [actor],
    )
  ).rows;

test("inviteToOrganization invites through Clerk's Backend API as the viewer, and audits both the request and the result", async () => {
  const { data } = await ask(boss, invite());
  expect(data.inviteToOrganization).toEqual({
    ...{ invitationId: made, isChanged: true, error: null, errorField: null },
  });
  expect(changes.map(({ path }) => path)).toEqual([`/v1/organizations/${org}/invitations`]);
  expect(JSON.parse(changes[0]?.body ?? "")).toMatchObject({
    ...{ email_address: "new@example.com", role: "org:member", inviter_user_id: boss },
    redirect_url: expect.stringMatching(new RegExp(`/invitation\\?organization=${org}$`)),
  });
  const detail = { organizationId: org, role: "org:member" };
  expect(await audited(boss)).toEqual([
    { action: "organization.invite_done", subject: org, detail: { organizationId: org } },
    { action: "organization.invite_requested", subject: org, detail },
  ]);
  const { rows } = await database().pool.query("SELECT FROM invitations WHERE id = $1", [made]);
  expect(rows).toEqual([]);
});

test.each([
  ["a member whom only Clerk calls an admin", member],
  ["an admin whom Clerk has demoted, before the webhook comes", demoted],
  ["an admin of another organization", stranger],
])("inviting and revoking are refused with FORBIDDEN for %s", async (_name, viewer) => {
  for (const query of [invite(), revoke()]) {
    const { errors } = await ask(viewer, query);
    expect(errors[0].extensions.code).toBe("FORBIDDEN");
  }
  expect(changes).toEqual([]);
});

test("inviting is refused with FORBIDDEN in a session that impersonates an admin", async () => {
  const { errors } = await ask(boss, invite(), { act: { sub: "user_support" } });
  expect(errors[0].extensions.code).toBe("FORBIDDEN");
  expect(changes).toEqual([]);
});

test.each([
  ["someone", "EMAIL"],
  ["", "EMAIL"],
  [`${"a".repeat(250)}@example.com`, "EMAIL"],
])(
  'inviting the address "%s" is refused without a request to Clerk, with an error for the field email',
  async (email, field) => {
    const { data } = await ask(boss, invite(email));
    expect(data.inviteToOrganization).toMatchObject({ invitationId: null, errorField: field });
    expect(changes).toEqual([]);
  },
);

test("inviting with an unknown role is refused without a request to Clerk, with an error for the field role", async () => {
  const { data } = await ask(boss, invite("new@example.com", "org:emperor"));
  expect(data.inviteToOrganization).toMatchObject({ invitationId: null, errorField: "ROLE" });
  expect(changes).toEqual([]);
});

test("when only a custom role is mirrored, the API also lists Clerk's default roles and accepts them for an invitation", async () => {
  await database().pool.query(
    "INSERT INTO roles (id, version, key, name) VALUES ('role_custom', 1, 'org:bookkeeper', 'Bookkeeper')",
  );
  const listed = await ask(boss, `{ organization(id: "${org}") { roles { key name } } }`);
  expect(listed.data.organization.roles).toEqual([
    { key: "org:bookkeeper", name: "Bookkeeper" },
    { key: "org:admin", name: null },
    { key: "org:member", name: null },
  ]);
  const { data } = await ask(boss, invite());
  expect(data.inviteToOrganization).toMatchObject({ invitationId: made, error: null });
});

test("inviting an address that is already invited returns the existing invitation", async () => {
  api.invitations.push({
    object: "organization_invitation",
    id: made,
    email_address: "new@example.com",
    created_at: 1,
  });
  answer = () => [400, clerkError("duplicate_record")];
  const intercepted = api.intercept;
  api.intercept = (response, url, request) =>
    url.pathname.endsWith("/invitations") && request.method === "GET"
      ? answerJson(response, 200, { data: api.invitations, total_count: 1 })
      : (intercepted?.(response, url, request) ?? false);
  const { data } = await ask(boss, invite());
  expect(data.inviteToOrganization).toMatchObject({
    invitationId: made,
    isChanged: false,
    error: null,
  });
  expect((await audited(boss))[0].action).toBe("organization.invite_unchanged");
});

test.each([
  [
    "Clerk's own words next to the field",
    400,
    {
      errors: [
        {
          code: "x",
          message: "no",
          long_message: "That is a member.",
          meta: { param_name: "email_address" },
        },
      ],
    },
    {},
    { error: "That is a member.", errorField: "EMAIL" },
  ],
  [
    "Clerk's rate limit with its time",
    429,
    clerkError("too_many_requests"),
    { "retry-after": "42" },
    { error: "Clerk allows no more requests right now. Try again in 42 s.", errorField: null },
  ],
  [
    "an outage of Clerk",
    503,
    {},
    {},
    { error: "Clerk is not available right now. Try again.", errorField: null },
  ],
])(
  "when Clerk refuses an invitation, the mutation returns %s",
  async (_name, status, body, headers, expected) => {
    answer = () => [status, body, headers];
    const { data, errors } = await ask(boss, invite());
    expect(errors).toBeUndefined();
    expect(data.inviteToOrganization).toEqual({
      invitationId: null,
      isChanged: false,
      ...expected,
    });
  },
);

const invitationOf = (id: string, organizationId: string) => ({
  ...{ id, organization_id: organizationId, role: "org:member", role_name: "Member" },
  ...{ status: "pending", inviter_id: boss, email_address: `${id}@example.com` },
  ...{
    created_at: 1_790_000_000_000,
    updated_at: 1_790_000_000_000,
    expires_at: 4_000_000_000_000,
  },
});

test("revokeInvitation revokes at Clerk, and a second revocation returns isChanged: false", async () => {
  await deliver(event("organizationInvitation.created", invitationOf(made, org)));
  expect((await ask(boss, revoke())).data.revokeInvitation).toMatchObject({
    ...{ invitationId: made, isChanged: true },
  });
  expect(changes[0]?.path).toBe(`/v1/organizations/${org}/invitations/${made}/revoke`);
  expect(await audited(boss)).toMatchObject([
    { action: "invitation.revoke_done", subject: made },
    { action: "invitation.revoke_requested", subject: made },
  ]);
  answer = () => [404, clerkError("organization_invitation_not_pending")];
  expect((await ask(boss, revoke())).data.revokeInvitation).toMatchObject({
    ...{ invitationId: made, isChanged: false, error: null },
  });
});

test("acts on an invitation or a membership of another organization are refused with the same error as for an unknown id", async () => {
  const [elsewhere, foreign] = [clerkId("orginv"), clerkId("orgmem")];
  await deliver(event("organizationInvitation.created", invitationOf(elsewhere, other)));
  await deliver(
    event(
      "organizationMembership.created",
      membershipJson({ id: foreign, userId: member ?? "", organizationId: other }),
    ),
  );
  const removal = (id: string) =>
    `mutation { removeMember(organizationId: "${org}", membershipId: "${id}") { error } }`;
  const queries = [
    ...[elsewhere, clerkId("orginv"), "' OR 1=1"].map(revoke),
    ...[foreign, clerkId("orgmem")].map(removal),
  ];
  for (const query of queries)
    expect((await ask(boss, query)).errors[0].extensions.code).toBe("FORBIDDEN");
  expect(changes).toEqual([]);
});

test("an organization's admin can change the role of a member, remove the member, and read which admin did it", async () => {
  const [joined, userId] = [clerkId("orgmem"), clerkId("user")];
  await mirrorUser(userId);
  await deliver(
    event("organizationMembership.created", membershipOfUser(joined, userId, "org:member")),
  );
  await caughtUp();
  const answered = membershipOfUser(joined, userId, "org:admin", 1_790_000_009_000);
  const kept = api.intercept;
  api.intercept = (response, url, request) => {
    if (request.method !== "PATCH" && request.method !== "DELETE")
      return kept?.(response, url, request) ?? false;
    changes.push({ path: `${request.method} ${url.pathname}`, body: "" });
    return answerJson(response, 200, answered);
  };
  const change = `mutation { changeMemberRole(organizationId: "${org}", membershipId: "${joined}", role: "org:admin")
    { state error } }`;
  expect((await ask(boss, change)).data.changeMemberRole).toEqual({ state: "SENT", error: null });
  const remove = `mutation { removeMember(organizationId: "${org}", membershipId: "${joined}") { state } }`;
  expect((await ask(boss, remove)).data.removeMember).toEqual({ state: "SENT" });
  expect(changes.map(({ path }) => path)).toEqual([
    `PATCH /v1/organizations/${org}/memberships/${userId}`,
    `DELETE /v1/organizations/${org}/memberships/${userId}`,
  ]);
  const list = `query { organizationActs(organizationId: "${org}") { name state actorName objectName } }`;
  const rows = async () => (await ask(boss, list)).data.organizationActs.slice(0, 2);
  const names = { actorName: "Ada Lovelace", objectName: "Ada Lovelace in Analytical Engines" };
  expect(await rows()).toEqual([
    { name: "membership.remove", state: "SENT", ...names },
    { name: "membership.set_role", state: "SENT", ...names },
  ]);
  await deliver(event("organizationMembership.updated", answered));
  expect((await rows())[1].state).toBe("CONFIRMED");
  expect((await rows())[0].state).toBe("SENT");
  await deliver(event("organizationMembership.deleted", deletedJson(joined)));
  expect((await rows())[0]).toMatchObject({ state: "CONFIRMED", objectName: null });
  expect((await ask(member, list)).errors[0].extensions.code).toBe("FORBIDDEN");
});
