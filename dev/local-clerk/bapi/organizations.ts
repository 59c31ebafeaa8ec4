// The Backend API's operations on organizations.

import { Hono } from "hono";
import { z } from "zod";
import { storeUpload } from "../accounts/images";
import { mergeMetadata } from "../accounts/users";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import {
  createOrganization,
  deleteOrganization,
  updateOrganization,
} from "../organizations/organizations";
import { deletedJson, pageJson } from "../resources/lists";
import { membersCount, organizationForServer } from "../resources/organization";
import type { Metadata, OrganizationRecord } from "../store/records";
import {
  type BapiEnv,
  dateTime,
  ids,
  metadata,
  pageFields,
  readBody,
  readQuery,
  requireOrganization,
  sorted,
  word,
} from "./call";
import { matches } from "./user-filters";

const listing = z.object({
  ...pageFields,
  include_members_count: word,
  query: word,
  organization_id: ids,
  user_id: ids,
  order_by: word,
});
const detail = z.object({ include_members_count: word });

const creation = z.object({
  name: z.string().min(1).max(256),
  slug: z.string().nullish(),
  created_by: z.string().nullish(),
  max_allowed_memberships: z.number().int().min(0).nullish(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
  created_at: dateTime,
});
const changes = creation.partial().extend({ admin_delete_enabled: z.boolean().nullish() });
const metadataChanges = z.object({
  public_metadata: metadata.optional(),
  private_metadata: metadata.optional(),
});

export function organizationRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const orders = {
    name: (organization: OrganizationRecord) => organization.name.toLowerCase(),
    created_at: (organization: OrganizationRecord) => organization.createdAt,
    members_count: (organization: OrganizationRecord) => membersCount(context, organization.id),
  };

  routes.get("/organizations", (call) => {
    const { limit, offset, order_by = "-created_at", ...filter } = readQuery(call, listing);
    const includeMembersCount = filter.include_members_count === "true";
    const reply = (page: OrganizationRecord[], total: number) => {
      const data = page.map((each) =>
        organizationForServer(context, each, { includeMembersCount }),
      );
      return call.json(pageJson(data, total));
    };
    const { organizations, organizationsInOrder } = context.state;
    if (
      !filter.query &&
      !filter.organization_id &&
      !filter.user_id &&
      /^[+-]?created_at$/.test(order_by)
    ) {
      const ids = organizationsInOrder.slice(offset, limit, order_by.startsWith("-"));
      return reply(
        ids.flatMap((id) => organizations.get(id) ?? []),
        organizations.size,
      );
    }
    const found = sorted(filtered(context, filter), order_by, orders);
    return reply(found.slice(offset, offset + limit), found.length);
  });

  routes.post("/organizations", (call) => {
    const given = readBody(call, creation);
    const { created_by: createdBy = null } = given;
    if (createdBy && !context.state.users.get(createdBy)) throw notFound("user", createdBy);
    const organization = createOrganization(context, {
      ...patchOf(given),
      name: given.name,
      createdBy,
    });
    return call.json(organizationForServer(context, organization, { includeMembersCount: true }));
  });

  routes.get("/organizations/:organizationId", (call) => {
    const includeMembersCount = readQuery(call, detail).include_members_count === "true";
    const organization = requireOrganization(context, call);
    return call.json(organizationForServer(context, organization, { includeMembersCount }));
  });

  routes.patch("/organizations/:organizationId", (call) => {
    const organization = requireOrganization(context, call);
    const given = readBody(call, changes);
    const admin = given.admin_delete_enabled ?? organization.adminDeleteEnabled;
    const patch = { ...patchOf(given), adminDeleteEnabled: admin };
    return call.json(
      organizationForServer(context, updateOrganization(context, organization, patch)),
    );
  });

  routes.on(["PATCH", "PUT"], "/organizations/:organizationId/metadata", (call) => {
    const organization = requireOrganization(context, call);
    const given = readBody(call, metadataChanges);
    const isMerge = call.req.method === "PATCH";
    const next = (before: Metadata, after: Metadata | undefined) =>
      isMerge ? mergeMetadata(before, after ?? {}) : (after ?? before);
    const updated = updateOrganization(context, organization, {
      publicMetadata: next(organization.publicMetadata, given.public_metadata),
      privateMetadata: next(organization.privateMetadata, given.private_metadata),
    });
    return call.json(organizationForServer(context, updated));
  });

  routes.delete("/organizations/:organizationId", (call) => {
    const organization = requireOrganization(context, call);
    deleteOrganization(context, organization);
    return call.json(deletedJson("organization", organization.id, { slug: organization.slug }));
  });

  routes.on(["PUT", "DELETE"], "/organizations/:organizationId/logo", async (call) => {
    requireOrganization(context, call);
    const imageId = call.req.method === "PUT" ? await storeUpload(context, call.req.raw) : null;
    // Re-reads the organization: another call may have changed or deleted it during the upload.
    const organization = requireOrganization(context, call);
    const updated = updateOrganization(context, organization, { imageId });
    return call.json(organizationForServer(context, updated));
  });

  return routes;
}

function filtered(
  context: ClerkContext,
  filter: Partial<z.infer<typeof listing>>,
): OrganizationRecord[] {
  const query = filter.query?.toLowerCase();
  const { membershipsByOrganization } = context.state;
  const members = ({ id }: OrganizationRecord) =>
    filter.user_id ? membershipsByOrganization.all(id).map(({ userId }) => userId) : [];
  return [...context.state.organizations.all()].filter(
    (each) =>
      matches(filter.organization_id, [each.id]) &&
      matches(filter.user_id, members(each)) &&
      (!query || [each.id, each.name, each.slug].join(" ").toLowerCase().includes(query)),
  );
}

function patchOf(given: z.infer<typeof changes>): Partial<OrganizationRecord> {
  return {
    ...(given.name ? { name: given.name } : {}),
    ...(given.slug ? { slug: given.slug } : {}),
    ...(typeof given.max_allowed_memberships === "number"
      ? { maxAllowedMemberships: given.max_allowed_memberships }
      : {}),
    ...(given.public_metadata ? { publicMetadata: given.public_metadata } : {}),
    ...(given.private_metadata ? { privateMetadata: given.private_metadata } : {}),
    ...(given.created_at ? { createdAt: given.created_at } : {}),
  };
}
