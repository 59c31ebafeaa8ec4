/**
 * Access to Clerk's Backend API for each reconciled table: reads a page, reads one object, and converts an object to a row.
 * Requests are made by path, because Clerk's client throws when it cannot read one of the listed objects.
 */
import { ClerkAPIResponseError } from "@clerk/backend/errors";
import { z } from "zod";
import { env } from "../../env";
import {
  clerkDomain,
  clerkInvitation,
  clerkMembership,
  clerkOrganization,
  clerkPermission,
  clerkRole,
  clerkUser,
  deletedObject,
} from "../event/event";
import { parseTolerant } from "../event/parse-tolerant";
import { type SplitNoun, splitObject } from "../event/split-object";
import type { Change, ReconciledTable } from "../mirror/columns";
import {
  domainChange,
  fromBackendApi,
  invitationChange,
  membershipChange,
  organizationChange,
  permissionChange,
  roleChange,
  userChange,
} from "../mirror/decide";
import type { Source } from "../mirror/version";
import { ClerkUnavailable } from "./rate-limited-calls";

export type Row = Change["row"];

/** An object as read from Clerk. `row` is null if the object cannot be read; `unread` has the paths of unreadable attributes. */
export type ReadObject = { id: string | null; row: Row | null; unread: string[] };

function reader<Schema extends z.ZodType>(
  schema: Schema,
  change: (object: z.output<Schema>, source: Source) => Change,
  noun?: SplitNoun,
): (raw: unknown) => ReadObject {
  return (raw) => {
    const { object, lost } = noun
      ? splitObject(noun, raw, env().mirrorsPrivateMetadata)
      : { object: raw, lost: [] };
    const { data, unread: unreadable } = parseTolerant(schema, object);
    const unread = [...lost, ...unreadable];
    if (data) {
      const { row } = change(data, fromBackendApi);
      return { id: row.id, row, unread };
    }
    return { id: deletedObject.safeParse(raw).data?.id ?? null, row: null, unread };
  };
}

export const readObject = {
  users: reader(clerkUser, userChange, "user"),
  organizations: reader(clerkOrganization, organizationChange, "organization"),
  memberships: reader(clerkMembership, membershipChange, "organizationMembership"),
  invitations: reader(clerkInvitation, invitationChange, "organizationInvitation"),
  domains: reader(clerkDomain, domainChange),
  roles: reader(clerkRole, roleChange),
  permissions: reader(clerkPermission, permissionChange),
} satisfies Record<ReconciledTable, (raw: unknown) => ReadObject>;

export type Range = { limit: number; offset: number; createdAtAfter?: number };
type List = { data: unknown[]; totalCount: number };

const orderBy = "+created_at";

/** Requests a path of the Backend API. @throws the same errors as the methods of Clerk's client. */
async function requestClerk(path: string, query: Record<string, string> = {}): Promise<unknown> {
  const { apiUrl = "https://api.clerk.com", secretKey } = env();
  const headers = { authorization: `Bearer ${secretKey}`, "clerk-api-version": "2026-05-12" };
  const url = `${apiUrl}/v1/${path}?${new URLSearchParams(query)}`;
  const response = await fetch(url, { headers }).catch((cause: unknown) => {
    throw new ClerkUnavailable("Clerk cannot be reached.", { cause });
  });
  if (!response.ok) {
    await response.body?.cancel();
    const retryAfter = Number(response.headers.get("retry-after")) || undefined;
    throw new ClerkAPIResponseError("", { data: [], status: response.status, retryAfter });
  }
  return response.json();
}

const listShape = z.object({ data: z.array(z.unknown()), total_count: z.number() });
const countShape = z.object({ total_count: z.number() });

async function requestList(path: string, { limit, offset }: Range): Promise<List> {
  const query = { limit: String(limit), offset: String(offset), order_by: orderBy };
  const { data, total_count } = listShape.parse(await requestClerk(path, query));
  return { data, totalCount: total_count };
}

/** Requests a page of users. The response is a bare array, so the total count needs a second request. */
async function requestUsers({ limit, offset, createdAtAfter }: Range): Promise<List> {
  const since: Record<string, string> =
    createdAtAfter === undefined ? {} : { created_at_after: String(createdAtAfter) };
  const page = { limit: String(limit), offset: String(offset), order_by: orderBy };
  const [data, { total_count }] = await Promise.all([
    requestClerk("users", { ...page, ...since }).then((body) => z.array(z.unknown()).parse(body)),
    requestClerk("users/count", since).then((body) => countShape.parse(body)),
  ]);
  return { data, totalCount: total_count };
}

export const lists = {
  users: requestUsers,
  organizations: (range) => requestList("organizations", range),
  memberships: (range) => requestList("organization_memberships", range),
  invitations: (range) => requestList("organization_invitations", range),
  domains: (range) => requestList("organization_domains", range),
  roles: (range) => requestList("organization_roles", range),
  permissions: (range) => requestList("organization_permissions", range),
} satisfies Record<ReconciledTable, (range: Range) => Promise<List>>;

/** Returns the number of requests for one page. A page of users needs a second request, for the total count. */
export const requestsPerPage = (table: ReconciledTable) => (table === "users" ? 2 : 1);

export type UnlistedRow = { id: string; userId: string | null; organizationId: string | null };

const hasId = (object: unknown, id: string) => deletedObject.safeParse(object).data?.id === id;

/** A page size larger than the number of domains of any organization. */
const ALL_DOMAINS = "500";

/** Reads one object. If it does not exist, resolves to null or rejects with a 404. */
export const readOneRaw = {
  users: ({ id }) => requestClerk(`users/${id}`),
  organizations: ({ id }) => requestClerk(`organizations/${id}`),
  memberships: async ({ id, userId, organizationId }) => {
    if (!userId || !organizationId) return null;
    const path = `organizations/${organizationId}/memberships`;
    const { data } = listShape.parse(await requestClerk(path, { user_id: userId }));
    return data.find((membership) => hasId(membership, id)) ?? null;
  },
  invitations: async ({ id, organizationId }) =>
    organizationId ? requestClerk(`organizations/${organizationId}/invitations/${id}`) : null,
  domains: async ({ id, organizationId }) => {
    if (!organizationId) return null;
    const query = { organization_id: organizationId, limit: ALL_DOMAINS };
    const { data } = listShape.parse(await requestClerk("organization_domains", query));
    return data.find((domain) => hasId(domain, id)) ?? null;
  },
  roles: ({ id }) => requestClerk(`organization_roles/${id}`),
  permissions: ({ id }) => requestClerk(`organization_permissions/${id}`),
} satisfies Record<ReconciledTable, (suspect: UnlistedRow) => Promise<unknown>>;
