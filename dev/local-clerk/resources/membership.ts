// A membership on the wire: always with its organization, and with as much of the person as others may
// see.

import type { World } from "../context";
import { permissionKeys, roleName } from "../instance/roles";
import type { MembershipRecord } from "../store/records";
import { organizationForClient, organizationForServer } from "./organization";
import { publicUserJson } from "./public-user";

function sharedMembershipJson(world: World, membership: MembershipRecord) {
  const user = world.state.users.get(membership.userId);
  return {
    id: membership.id,
    object: "organization_membership",
    role: membership.role,
    role_name: roleName(world, membership.role),
    permissions: permissionKeys(world, membership.role),
    public_metadata: membership.publicMetadata,
    ...(user ? { public_user_data: publicUserJson(world, user) } : {}),
    created_at: membership.createdAt,
    updated_at: membership.updatedAt,
  };
}

export function membershipForServer(world: World, membership: MembershipRecord) {
  const organization = world.state.organizations.get(membership.organizationId);
  return {
    ...sharedMembershipJson(world, membership),
    private_metadata: membership.privateMetadata,
    organization: organization ? organizationForServer(world, organization) : null,
  };
}

export function membershipForClient(world: World, membership: MembershipRecord) {
  const organization = world.state.organizations.get(membership.organizationId);
  return {
    ...sharedMembershipJson(world, membership),
    organization: organization ? organizationForClient(world, organization) : null,
  };
}
