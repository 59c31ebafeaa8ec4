// The JSON of a role and its permissions.

import type { ClerkContext } from "../context";
import type { PermissionRecord, RoleRecord } from "../store/records-instance";

export function permissionJson({ createdAt, updatedAt, ...permission }: PermissionRecord) {
  return { object: "permission", ...permission, created_at: createdAt, updated_at: updatedAt };
}

export function roleJson(context: ClerkContext, role: RoleRecord) {
  return {
    object: "role",
    id: role.id,
    name: role.name,
    key: role.key,
    description: role.description,
    is_creator_eligible: isCreatorEligible(role),
    permissions: role.permissionKeys.flatMap((key) => {
      const permission = context.state.permissionsByKey.first(key);
      return permission ? [permissionJson(permission)] : [];
    }),
    created_at: role.createdAt,
    updated_at: role.updatedAt,
  };
}

/** Whether the role has the permissions that the creator of an organization needs. */
function isCreatorEligible({ permissionKeys }: RoleRecord): boolean {
  const needed = [
    "org:sys_memberships:manage",
    "org:sys_memberships:read",
    "org:sys_profile:delete",
  ];
  return needed.every((key) => permissionKeys.includes(key));
}
