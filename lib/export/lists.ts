/** The lists that can be exported, and the value of each field. The fields are named like the columns of the console's lists. */
import { displayName, organizationName } from "../format";
import { statusOf } from "../graphql/types/invitation";
import type {
  AuditLine,
  InvitationLine,
  ListReader,
  MemberLine,
  OrganizationLine,
  UserLine,
} from "../graphql/types/list-reader";
import type { Line, Value } from "./formats";

type Fields<Row> = Record<string, (row: Row) => Value>;

function userState({ deleted, isBanned, isLocked }: UserLine): string {
  if (deleted) return "deleted";
  if (isBanned) return "banned";
  return isLocked ? "locked" : "active";
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

const reasonOf = ({ detail }: AuditLine) =>
  detail !== null && typeof detail === "object" && "reason" in detail
    ? textOrNull(detail.reason)
    : null;

const fields: {
  users: Fields<UserLine>;
  organizations: Fields<OrganizationLine>;
  members: Fields<MemberLine>;
  invitations: Fields<InvitationLine>;
  audit: Fields<AuditLine>;
} = {
  users: {
    id: ({ id }) => id,
    name: displayName,
    email: ({ email }) => email,
    state: userState,
    "last-active": ({ lastActiveAt }) => lastActiveAt,
    "last-sign-in": ({ lastSignInAt }) => lastSignInAt,
    created: ({ createdAt }) => createdAt,
    username: ({ username }) => username,
    phone: ({ phoneNumber }) => phoneNumber,
    "external-id": ({ externalId }) => externalId,
    "email-verified": ({ isEmailVerified }) => isEmailVerified,
    "two-factor": ({ twoFactorEnabled }) => twoFactorEnabled,
    "last-changed": ({ updatedAt }) => updatedAt,
    "platform-admin": ({ isAdmin }) => isAdmin,
  },
  organizations: {
    id: ({ id }) => id,
    name: organizationName,
    slug: ({ slug }) => slug,
    members: ({ membersCount }) => membersCount,
    "last-changed": ({ updatedAt }) => updatedAt,
    created: ({ createdAt }) => createdAt,
    "created-by": ({ createdBy }) => createdBy,
    "admins-may-delete": ({ adminDeleteEnabled }) => adminDeleteEnabled,
    "member-limit": ({ maxAllowedMemberships: limit }) => (limit ? Number(limit) : null),
  },
  members: {
    "membership-id": ({ id }) => id,
    "user-id": ({ userId }) => userId,
    name: ({ user }) => user && displayName(user),
    email: ({ user }) => user?.email ?? null,
    role: ({ role }) => role,
    state: ({ user }) => user && userState(user),
    joined: ({ createdAt }) => createdAt,
  },
  invitations: {
    id: ({ id }) => id,
    email: ({ email }) => email,
    status: (row) => statusOf(row)?.toLowerCase() ?? null,
    organization: ({ organizationId }) => organizationId,
    role: ({ role }) => role,
    "invited-by": ({ inviterId }) => inviterId,
    expires: ({ expiresAt }) => expiresAt,
    created: ({ createdAt }) => createdAt,
  },
  audit: {
    id: ({ id }) => id,
    time: ({ at }) => at,
    action: ({ action }) => action,
    actor: ({ actor }) => actor,
    subject: ({ subject }) => subject,
    reason: reasonOf,
    details: ({ detail }) => JSON.stringify(detail),
    from: ({ sessionId }) => sessionId,
  },
};

/**
 * The GraphQL operation of each list. It takes the list's arguments, is subject to the list's access rule, and selects no row.
 */
export const operations: Record<ListReader["list"], string> = {
  users: `query ExportUsers($query: String, $filter: UserFilter, $orderBy: UserOrder) {
    users(query: $query, filter: $filter, orderBy: $orderBy, first: 0) { __typename }
  }`,
  organizations: `query ExportOrganizations($query: String, $filter: OrganizationFilter, $orderBy: OrganizationOrder) {
    organizations(query: $query, filter: $filter, orderBy: $orderBy, first: 0) { __typename }
  }`,
  members: `query ExportMembers($id: ID!, $query: String, $filter: MemberFilter, $orderBy: MemberOrder) {
    organization(id: $id) { members(query: $query, filter: $filter, orderBy: $orderBy, first: 0) { __typename } }
  }`,
  invitations: `query ExportInvitations($query: String, $filter: InvitationFilter, $orderBy: InvitationOrder) {
    invitations(query: $query, filter: $filter, orderBy: $orderBy, first: 0) { __typename }
  }`,
  audit: `query ExportAudit($query: String, $filter: AuditFilter, $orderBy: AuditOrder) {
    auditEntries(query: $query, filter: $filter, orderBy: $orderBy, first: 0) { __typename }
  }`,
};

export const fieldsOf = (list: ListReader["list"]): string[] => Object.keys(fields[list]);

async function* linesOfPages<Row>(
  pages: AsyncGenerator<Row[], void>,
  all: Fields<Row>,
  chosen: string[],
): AsyncGenerator<Line[], void> {
  const values = chosen.flatMap((name) => all[name] ?? []);
  for await (const rows of pages) yield rows.map((row) => values.map((value) => value(row)));
}

const PAGE_SIZE = 2_000;

/** Yields the chosen fields of all rows, one page at a time. Between two pages, no connection or transaction is held. */
export function linesOf(reader: ListReader, chosen: string[]): AsyncGenerator<Line[], void> {
  switch (reader.list) {
    case "users":
      return linesOfPages(reader.pages(PAGE_SIZE), fields.users, chosen);
    case "organizations":
      return linesOfPages(reader.pages(PAGE_SIZE), fields.organizations, chosen);
    case "members":
      return linesOfPages(reader.pages(PAGE_SIZE), fields.members, chosen);
    case "invitations":
      return linesOfPages(reader.pages(PAGE_SIZE), fields.invitations, chosen);
    case "audit":
      return linesOfPages(reader.pages(PAGE_SIZE), fields.audit, chosen);
  }
}
