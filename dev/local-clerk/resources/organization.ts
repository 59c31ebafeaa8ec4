// An organization on the wire. Counts cost a look-up and are added where Clerk adds them.

import type { World } from "../context";
import type { OrganizationRecord } from "../store/records";
import { placeholderUrl } from "./public-user";

export function organizationImageUrl(world: World, organization: OrganizationRecord): string {
  if (organization.imageId) return `${world.proxyUrl}/images/${organization.imageId}`;
  return placeholderUrl(world, organization);
}

export function membersCount(world: World, organizationId: string): number {
  return world.state.membershipsByOrganization.count(organizationId);
}

function sharedOrganizationJson(world: World, organization: OrganizationRecord) {
  return {
    object: "organization",
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: organizationImageUrl(world, organization),
    has_image: organization.imageId !== null,
    max_allowed_memberships: organization.maxAllowedMemberships,
    admin_delete_enabled: organization.adminDeleteEnabled,
    public_metadata: organization.publicMetadata,
    created_at: organization.createdAt,
    updated_at: organization.updatedAt,
  };
}

export function organizationForServer(
  world: World,
  organization: OrganizationRecord,
  { includeMembersCount = false }: { includeMembersCount?: boolean } = {},
) {
  return {
    ...sharedOrganizationJson(world, organization),
    private_metadata: organization.privateMetadata,
    ...(organization.createdBy ? { created_by: organization.createdBy } : {}),
    ...(includeMembersCount ? { members_count: membersCount(world, organization.id) } : {}),
  };
}

export function organizationForClient(world: World, organization: OrganizationRecord) {
  return {
    ...sharedOrganizationJson(world, organization),
    members_count: membersCount(world, organization.id),
    pending_invitations_count: world.state.invitationsByOrganization
      .all(organization.id)
      .filter((each) => each.status === "pending" && each.expiresAt > world.clock.now()).length,
    self_serve_sso_enabled: false,
  };
}
