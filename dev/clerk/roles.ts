// The two roles every Clerk instance starts with, and their system permissions.

export type Permission = { key: string; name: string; description: string };
export type Role = { key: string; name: string; description: string; permissions: Permission[] };

const manageProfile = permission("org:sys_profile:manage", "Manage organization");
const deleteProfile = permission("org:sys_profile:delete", "Delete organization");
const readMembers = permission("org:sys_memberships:read", "Read members");
const manageMembers = permission("org:sys_memberships:manage", "Manage members");
const readDomains = permission("org:sys_domains:read", "Read domains");
const manageDomains = permission("org:sys_domains:manage", "Manage domains");
const readBilling = permission("org:sys_billing:read", "Read billing");
const manageBilling = permission("org:sys_billing:manage", "Manage billing");

export const creatorRole = "org:admin";
export const defaultRole = "org:member";

export const roles: readonly Role[] = [
  {
    key: creatorRole,
    name: "Admin",
    description: "Role with elevated permissions",
    permissions: [
      deleteProfile,
      manageProfile,
      manageMembers,
      readMembers,
      manageDomains,
      readDomains,
      manageBilling,
      readBilling,
    ],
  },
  {
    key: defaultRole,
    name: "Member",
    description: "Role with non-elevated permissions",
    permissions: [readMembers, readBilling],
  },
];

function permission(key: string, name: string): Permission {
  return { key, name, description: name };
}

export function findRole(key: string): Role | undefined {
  return roles.find((role) => role.key === key);
}

export function permissionKeys(roleKey: string): string[] {
  return findRole(roleKey)?.permissions.map((each) => each.key) ?? [];
}
