/** Tests list filters: each condition finds the matching rows, even if other columns of a row are null. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  clerkId,
  deletedJson,
  emailJson,
  event,
  membershipJson,
} from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";
import { refreshMemberCounts } from "../sync/mirror/member-counts";

const admin = clerkId("user");
const at = 1_790_000_000_000;
const day = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();

const users = {
  ada: {
    password_enabled: true,
    two_factor_enabled: true,
    passkeys: [{ id: "pk_1" }],
    external_id: "customer-7",
    external_accounts: [{ id: "eac_1", provider: "oauth_google" }],
    last_active_at: at,
    last_sign_in_at: at,
    created_at: at,
    updated_at: at,
  },
  bob: {
    password_enabled: false,
    two_factor_enabled: false,
    email_addresses: [{ ...emailJson("idn_1", "bob@example.com"), verification: null }],
    external_accounts: [
      { id: "eac_2", provider: "oauth_apple" },
      { id: "eac_3", provider: "oauth_google" },
    ],
    locked: true,
    last_active_at: at + day,
    created_at: at + day,
    updated_at: at + day,
  },
  eve: {
    email_addresses: [],
    banned: true,
    locked: true,
    created_at: null,
    updated_at: at + 2 * day,
  },
  gone: { password_enabled: true },
} as const;

const organizations = {
  small: { max_allowed_memberships: 5, created_by: "ada", created_at: at },
  large: { max_allowed_memberships: 0, created_by: "bob", created_at: at + day },
  empty: { max_allowed_memberships: null, created_at: null, updated_at: at + 2 * day },
} as const;

const invitations = {
  pending: { status: "pending", expires_at: Date.now() + day },
  unlimited: { status: "pending", role: "org:admin", inviter_id: "ada" },
  late: { status: "pending", expires_at: at - 400 * day },
  expired: { status: "expired", expires_at: at - 400 * day },
  accepted: { status: "accepted", expires_at: at, email_address: "100%_sure@example.com" },
  revoked: { status: "revoked", expires_at: at + day },
} as const;

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  for (const [id, fields] of Object.entries(users)) await mirrorUser(id, fields);
  for (const [id, fields] of Object.entries(organizations)) await mirrorOrganization(id, fields);
  await mirrorOrganization("gone org");
  const join = (userId: string, organizationId: string, role = "org:member") => {
    const json = membershipJson({ id: clerkId("orgmem"), userId, organizationId, role });
    return deliver(event("organizationMembership.created", json));
  };
  await join("ada", "small", "org:admin");
  for (const id of ["ada", "bob", "gone"]) await join(id, "large");
  await join("eve", "gone org");
  for (const [id, fields] of Object.entries(invitations)) {
    const json = {
      organization_id: "small",
      email_address: `${id}@example.com`,
      role: "org:member",
    };
    await deliver(
      event("organizationInvitation.created", { id, ...json, updated_at: at, ...fields }),
    );
  }
  await deliver(event("user.deleted", deletedJson("gone")));
  await deliver(event("organization.deleted", deletedJson("gone org")));
  await refreshMemberCounts();
  await database().pool.query(
    `INSERT INTO sync_runs (mode, trigger, status, holder, is_backfill, cursor, counts)
     VALUES ('repair', 'command', 'done', '', false, '{}', '{}'), ('repair', 'command', 'done', '', false, '{}', '{}'),
       ('repair', 'command', 'done', '', true, '{}', '{}'), ('repair', 'command', 'running', '', false, '{}', '{}')`,
  );
  // Only the second run counts: the first one is older, the third a backfill, the fourth still running.
  await database().pool.query(
    `INSERT INTO drift_findings (run_id, kind, object_table, object_id, fields, cause)
     SELECT id, 'different', object_table, object_id, '{}', 'unknown' FROM sync_runs JOIN (VALUES
       (1, 'users', 'ada'), (2, 'users', 'bob'), (2, 'organizations', 'large'), (3, 'users', 'eve'), (4, 'users', 'ada')
     ) AS found (run, object_table, object_id) ON run = id`,
  );
  await caughtUp();
});

const send = (query: string, variables: object = {}) =>
  askGraphQL({ sub: admin }, query, variables);

type Edges = { node: { id: string } }[];

/** Returns the ids of the rows that match a filter, except the admin's. Also checks that `totalCount` is the number of rows. */
async function found(list: string, type: string, filter: object): Promise<string[]> {
  const { data, errors } = await send(
    `query ($filter: ${type}) { list: ${list}(filter: $filter) { totalCount edges { node { id } } } }`,
    { filter },
  );
  expect(errors).toBeUndefined();
  const edges: Edges = data.list.edges;
  expect(data.list.totalCount).toBe(edges.length);
  return edges
    .map(({ node }) => node.id)
    .filter((id) => id !== admin)
    .sort();
}

describe("users", () => {
  test.each<[object, string[]]>([
    [{}, ["ada", "bob", "eve"]],
    [{ state: "ACTIVE" }, ["ada"]],
    [{ state: "LOCKED" }, ["bob"]],
    [{ state: "BANNED" }, ["eve"]],
    [{ state: "DELETED" }, ["gone"]],
    [{ primaryEmail: "VERIFIED" }, ["ada"]],
    [{ primaryEmail: "UNVERIFIED" }, ["bob"]],
    [{ primaryEmail: "NONE" }, ["eve"]],
    [{ hasPassword: true }, ["ada"]],
    [{ hasPassword: false }, ["bob", "eve"]],
    [{ hasTwoFactor: true }, ["ada"]],
    [{ hasTwoFactor: false }, ["bob", "eve"]],
    [{ hasPasskey: true }, ["ada"]],
    [{ hasPasskey: false }, ["bob", "eve"]],
    [{ provider: "oauth_google" }, ["ada", "bob"]],
    [{ provider: "oauth_apple" }, ["bob"]],
    [{ provider: "google" }, []],
    [{ hasOrganization: true }, ["ada", "bob"]],
    [{ hasOrganization: false }, ["eve"]],
    [{ externalId: "customer-7" }, ["ada"]],
    [{ externalId: "customer" }, []],
    [{ isAdmin: false }, ["ada", "bob", "eve"]],
    [{ isDrifted: true }, ["bob"]],
    [{ isDrifted: false }, ["ada", "eve"]],
    [{ isDrifted: true, state: "ACTIVE" }, []],
    [{ createdAt: { from: iso(at), until: iso(at + day) } }, ["ada"]],
    [{ updatedAt: { from: iso(at + day) } }, ["bob", "eve"]],
    [{ lastActiveAt: { until: iso(at + 1) } }, ["ada"]],
    [{ lastActiveAt: { from: iso(at + 1) } }, ["bob"]],
    [{ lastSignInAt: { from: iso(at) } }, ["ada"]],
    [{ lastSignInAt: {} }, ["ada", "bob", "eve"]],
    [{ hasPassword: false, provider: "oauth_google", state: "LOCKED" }, ["bob"]],
    [{ state: null, externalId: null, createdAt: null }, ["ada", "bob", "eve"]],
  ])(
    "the list of users with the filter %j contains exactly the matching users",
    async (filter, ids) => {
      expect(await found("users", "UserFilter", filter)).toEqual(ids);
    },
  );

  test("the API returns only the id of a deleted user, and null or empty values for all other fields", async () => {
    const { data, errors } = await send(
      "{ users(filter: { state: DELETED }) { edges { node { id name isDeleted email createdAt publicMetadata emailAddresses { emailAddress } memberships { id } } } } }",
    );
    expect(errors).toBeUndefined();
    expect(data.users.edges).toEqual([
      {
        node: {
          ...{ id: "gone", name: "gone", isDeleted: true, email: null, createdAt: null },
          ...{ publicMetadata: null, emailAddresses: [] },
          memberships: [],
        },
      },
    ]);
  });

  test("users can be filtered, searched and sorted in one query", async () => {
    const { data } = await send(
      '{ users(query: "lovelace", filter: { hasOrganization: true }, orderBy: { field: LAST_ACTIVE_AT, direction: ASC }) { edges { node { id } } } }',
    );
    expect(data.users.edges.map(({ node }: Edges[number]) => node.id)).toEqual(["ada", "bob"]);
  });
});

describe("organizations", () => {
  test.each<[object, string[]]>([
    [{}, ["empty", "large", "small"]],
    [{ state: "ACTIVE" }, ["empty", "large", "small"]],
    [{ state: "DELETED" }, ["gone org"]],
    [{ isDrifted: true }, ["large"]],
    [{ membersCount: { min: 2 } }, ["large"]],
    [{ membersCount: { min: 1, max: 1 } }, ["small"]],
    [{ membersCount: { max: 0 } }, ["empty"]],
    [{ membersCount: {} }, ["empty", "large", "small"]],
    [{ hasMemberLimit: true }, ["small"]],
    [{ hasMemberLimit: false }, ["empty", "large"]],
    [{ maxAllowedMemberships: { max: 5 } }, ["small"]],
    [{ maxAllowedMemberships: { min: 6 } }, []],
    [{ createdBy: "ada" }, ["small"]],
    [{ createdAt: { until: iso(at + 1) } }, ["small"]],
    [{ updatedAt: { from: iso(at + day) } }, ["empty"]],
  ])(
    "the list of organizations with the filter %j contains exactly the matching organizations",
    async (filter, ids) => {
      expect(await found("organizations", "OrganizationFilter", filter)).toEqual(ids);
    },
  );
});

describe("invitations", () => {
  test.each<[object, string[]]>([
    [{}, Object.keys(invitations).sort()],
    [{ status: "PENDING" }, ["pending", "unlimited"]],
    [{ status: "EXPIRED" }, ["expired", "late"]],
    [{ status: "ACCEPTED" }, ["accepted"]],
    [{ status: "REVOKED" }, ["revoked"]],
    [{ role: "org:admin" }, ["unlimited"]],
    [{ inviterId: "ada" }, ["unlimited"]],
    [{ expiresAt: { until: iso(at) } }, ["expired", "late"]],
  ])(
    "the list of invitations with the filter %j contains exactly the matching invitations",
    async (filter, ids) => {
      expect(await found("invitations", "InvitationFilter", filter)).toEqual(ids);
    },
  );
});

test.each([
  ["LATE@", ["late"]],
  ["%_sure", ["accepted"]],
  ["%", ["accepted"]],
])("a search for %s finds the invitations whose e-mail address contains it", async (text, ids) => {
  const { data } = await send(`{ invitations(query: "${text}") { edges { node { id } } } }`);
  expect(data.invitations.edges.map(({ node }: Edges[number]) => node.id)).toEqual(ids);
});

test.each<[string, string[]]>([
  ['role: "org:admin"', ["ada"]],
  ['role: "org:member"', []],
  [`joinedAt: { from: "${iso(at)}" }`, ["ada"]],
  [`joinedAt: { from: "${iso(at + 1)}" }`, []],
])(
  "the list of an organization's members with the filter %s contains exactly the matching members",
  async (filter, ids) => {
    const { data } = await send(
      `{ organization(id: "small") { members(filter: { ${filter} }) { totalCount edges { node { user { id } } } } } }`,
    );
    const { edges, totalCount } = data.organization.members;
    expect(edges.map(({ node }: { node: { user: { id: string } } }) => node.user.id)).toEqual(ids);
    expect(totalCount).toBe(ids.length);
  },
);

test.each([
  ["a text that Postgres cannot store", '{ externalId: "a\\u0000" }'],
  ["a lone surrogate", '{ provider: "\\ud800" }'],
  ["a time that is none", '{ createdAt: { from: "yesterday" } }'],
  ["a time without a zone", '{ createdAt: { from: "2026-11-28T10:00:00" } }'],
  ["a year that no text has", '{ createdAt: { from: "+010000-01-01T00:00:00Z" } }'],
  ["a number as a time", "{ createdAt: { from: 1790000000000 } }"],
  ["an unknown state", "{ state: GONE }"],
])("a filter with %s is refused as invalid input", async (_name, filter) => {
  const { data, errors } = await send(`{ users(filter: ${filter}) { totalCount } }`);
  expect(data?.users).toBeUndefined();
  expect(errors[0].extensions.code).toMatch(/^(BAD_USER_INPUT|GRAPHQL_(VALIDATION|PARSE)_FAILED)$/);
});
