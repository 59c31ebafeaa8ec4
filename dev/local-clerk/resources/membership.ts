// The JSON of a membership: with its organization, and with the public data of its user.

import type { ClerkContext } from "../context";
import { permissionKeys, roleName } from "../instance/roles";
import type { MembershipRecord } from "../store/records";
import { organizationForClient, organizationForServer } from "./organization";
import { publicUserJson } from "./public-user";

function sharedMembershipJson(context: ClerkContext, membership: MembershipRecord) {
  const user = context.state.users.get(membership.userId);
  return {
    id: membership.id,
    object: "organization_membership",
    role: membership.role,
    role_name: roleName(context, membership.role),
    permissions: permissionKeys(context, membership.role),
    public_metadata: membership.publicMetadata,
    ...(user ? { public_user_data: publicUserJson(context, user) } : {}),
    created_at: membership.createdAt,
    updated_at: membership.updatedAt,
  };
}

export function membershipForServer(context: ClerkContext, membership: MembershipRecord) {
  const organization = context.state.organizations.get(membership.organizationId);
  return {
    ...sharedMembershipJson(context, membership),
    private_metadata: membership.privateMetadata,
    organization: organization ? organizationForServer(context, organization) : null,
  };
}

export function membershipForClient(context: ClerkContext, membership: MembershipRecord) {
  const organization = context.state.organizations.get(membership.organizationId);
  return {
    ...sharedMembershipJson(context, membership),
    organization: organization ? organizationForClient(context, organization) : null,
  };
}
