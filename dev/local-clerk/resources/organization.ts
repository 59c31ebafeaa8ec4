// The JSON of an organization. Member counts are included where Clerk includes them.

import type { ClerkContext } from "../context";
import type { OrganizationRecord } from "../store/records";
import { placeholderUrl } from "./public-user";

export function organizationImageUrl(
  context: ClerkContext,
  organization: OrganizationRecord,
): string {
  if (organization.imageId) return `${context.proxyUrl}/images/${organization.imageId}`;
  return placeholderUrl(context, organization);
}

export function membersCount(context: ClerkContext, organizationId: string): number {
  return context.state.membershipsByOrganization.count(organizationId);
}

function sharedOrganizationJson(context: ClerkContext, organization: OrganizationRecord) {
  return {
    object: "organization",
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: organizationImageUrl(context, organization),
    has_image: organization.imageId !== null,
    max_allowed_memberships: organization.maxAllowedMemberships,
    admin_delete_enabled: organization.adminDeleteEnabled,
    public_metadata: organization.publicMetadata,
    created_at: organization.createdAt,
    updated_at: organization.updatedAt,
  };
}

export function organizationForServer(
  context: ClerkContext,
  organization: OrganizationRecord,
  { includeMembersCount = false }: { includeMembersCount?: boolean } = {},
) {
  return {
    ...sharedOrganizationJson(context, organization),
    private_metadata: organization.privateMetadata,
    ...(organization.createdBy ? { created_by: organization.createdBy } : {}),
    ...(includeMembersCount ? { members_count: membersCount(context, organization.id) } : {}),
  };
}

export function organizationForClient(context: ClerkContext, organization: OrganizationRecord) {
  return {
    ...sharedOrganizationJson(context, organization),
    members_count: membersCount(context, organization.id),
    pending_invitations_count: context.state.invitationsByOrganization
      .all(organization.id)
      .filter((each) => each.status === "pending" && each.expiresAt > context.clock.now()).length,
    self_serve_sso_enabled: false,
  };
}
