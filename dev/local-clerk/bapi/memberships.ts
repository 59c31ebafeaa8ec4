// The Backend API's operations on memberships of one organization or of the whole instance.

import { Hono } from "hono";
import { z } from "zod";
import { mergeMetadata } from "../accounts/users";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import {
  createMembership,
  findMembership,
  removeMembership,
  updateMembership,
} from "../organizations/organizations";
import { pageJson } from "../resources/lists";
import { membershipForServer } from "../resources/membership";
import { primaryEmail } from "../resources/public-user";
import type { MembershipRecord, UserRecord } from "../store/records";
import {
  type BapiEnv,
  type Call,
  ids,
  metadata,
  pageFields,
  readBody,
  readQuery,
  requireOrganization,
  sorted,
  word,
} from "./call";
import { filters, isWanted } from "./user-filters";

const wholeListing = z.object({ ...pageFields, order_by: word });
/** The filters of the user list that Clerk also accepts in the member list. */
const about = filters.omit({
  external_id: true,
  organization_id: true,
  banned: true,
  provider: true,
  provider_user_id: true,
  last_active_at_since: true,
  last_sign_in_at_before: true,
  last_sign_in_at_after: true,
});
const listing = z.object({ ...wholeListing.shape, ...about.shape, role: ids });

const creation = z.object({
  user_id: z.string(),
  role: z.string(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
});

export function membershipRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const base = "/organizations/:organizationId/memberships";

  routes.get("/organization_memberships", (call) => {
    const { limit, offset, order_by = "-created_at" } = readQuery(call, wholeListing);
    const { memberships, membershipsInOrder } = context.state;
    if (/^[+-]?created_at$/.test(order_by)) {
      const ids = membershipsInOrder.slice(offset, limit, order_by.startsWith("-"));
      const page = ids.flatMap((id) => memberships.get(id) ?? []);
      const data = page.map((each) => membershipForServer(context, each));
      return call.json(pageJson(data, memberships.size));
    }
    const found = ordered(context, [...memberships.all()], order_by);
    return replyPage(context, call, found, { limit, offset });
  });

  routes.get(base, (call) => {
    const query = readQuery(call, listing);
    const { limit, offset, order_by = "-created_at", paginated: _, role, ...filter } = query;
    const organization = requireOrganization(context, call);
    const all = context.state.membershipsByOrganization.all(organization.id);
    const found = all.filter((each) => {
      const user = context.state.users.get(each.userId);
      return (!role || role.includes(each.role)) && user && isWanted(context, user, filter);
    });
    return replyPage(context, call, ordered(context, found, order_by), { limit, offset });
  });

  routes.post(base, (call) => {
    const organization = requireOrganization(context, call);
    const given = readBody(call, creation);
    const membership = createMembership(context, organization, {
      userId: given.user_id,
      role: given.role,
      publicMetadata: given.public_metadata ?? {},
      privateMetadata: given.private_metadata ?? {},
    });
    return call.json(membershipForServer(context, membership));
  });

  routes.patch(`${base}/:userId`, (call) => {
    const membership = requireMembership(context, call);
    const { role } = readBody(call, z.object({ role: z.string() }));
    return call.json(membershipForServer(context, updateMembership(context, membership, { role })));
  });

  routes.patch(`${base}/:userId/metadata`, (call) => {
    const membership = requireMembership(context, call);
    const form = z.object({
      public_metadata: metadata.optional(),
      private_metadata: metadata.optional(),
    });
    const given = readBody(call, form);
    const updated = updateMembership(context, membership, {
      publicMetadata: mergeMetadata(membership.publicMetadata, given.public_metadata ?? {}),
      privateMetadata: mergeMetadata(membership.privateMetadata, given.private_metadata ?? {}),
    });
    return call.json(membershipForServer(context, updated));
  });

  routes.delete(`${base}/:userId`, (call) => {
    const membership = requireMembership(context, call);
    const last = membershipForServer(context, membership);
    removeMembership(context, membership);
    return call.json(last);
  });

  return routes;
}

function requireMembership(context: ClerkContext, call: Call): MembershipRecord {
  const userId = call.req.param("userId") ?? "";
  const membership = findMembership(context, requireOrganization(context, call).id, userId);
  if (!membership) throw notFound("organization membership", userId);
  return membership;
}

function ordered(
  context: ClerkContext,
  list: MembershipRecord[],
  orderBy: string,
): MembershipRecord[] {
  const user = (membership: MembershipRecord) => context.state.users.get(membership.userId);
  return sorted(list, orderBy, {
    created_at: (each) => each.createdAt,
    first_name: (each) => user(each)?.firstName ?? null,
    last_name: (each) => user(each)?.lastName ?? null,
    username: (each) => user(each)?.username ?? null,
    email_address: (each) => primaryAddress(user(each)),
    phone_number: (each) => user(each)?.phones[0]?.number ?? null,
  });
}

const primaryAddress = (user: UserRecord | undefined) =>
  (user && primaryEmail(user)?.address) ?? null;

function replyPage(
  context: ClerkContext,
  call: Call,
  found: MembershipRecord[],
  { limit, offset }: { limit: number; offset: number },
): Response {
  const page = found.slice(offset, offset + limit);
  return call.json(
    pageJson(
      page.map((each) => membershipForServer(context, each)),
      found.length,
    ),
  );
}
