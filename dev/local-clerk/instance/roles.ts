// Roles and permissions: creates the system roles that every Clerk instance has, and finds roles by key.

import type { ClerkContext } from "../context";
import { refusal } from "../errors";
import { derivedId } from "../ids";
import type { RoleRecord } from "../store/records-instance";
import type { State } from "../store/state";

export const creatorRole = "org:admin";
export const defaultRole = "org:member";

const since = Date.UTC(2024, 0, 1);
const stamps = { createdAt: since, updatedAt: since };

const systemPermissions: Record<string, string> = {
  "org:sys_profile:delete": "Delete organization",
  "org:sys_profile:manage": "Manage organization",
  "org:sys_memberships:manage": "Manage members",
  "org:sys_memberships:read": "Read members",
  "org:sys_domains:manage": "Manage domains",
  "org:sys_domains:read": "Read domains",
  "org:sys_billing:manage": "Manage billing",
  "org:sys_billing:read": "Read billing",
};

/**
 * Creates the system roles and permissions unless they exist. Their ids are derived from their keys, so they are the same on
 * every machine.
 */
export function seedSystemRoles(state: State): void {
  if (state.roles.size > 0) return;
  state.change(() => {
    for (const [key, name] of Object.entries(systemPermissions)) {
      const id = derivedId("perm", key);
      state.permissions.put({ id, key, name, description: name, type: "system", ...stamps });
    }
    state.roles.put({
      id: derivedId("role", creatorRole),
      key: creatorRole,
      name: "Admin",
      description: "Role with elevated permissions",
      permissionKeys: Object.keys(systemPermissions),
      ...stamps,
    });
    state.roles.put({
      id: derivedId("role", defaultRole),
      key: defaultRole,
      name: "Member",
      description: "Role with non-elevated permissions",
      permissionKeys: ["org:sys_memberships:read", "org:sys_billing:read"],
      ...stamps,
    });
  });
}

export function findRole(context: ClerkContext, key: string): RoleRecord | undefined {
  return context.state.rolesByKey.first(key);
}

export function requireRole(context: ClerkContext, key: string): string {
  if (findRole(context, key)) return key;
  throw refusal(404, "resource_not_found", "not found", "Organization role not found", {
    param_name: "role",
  });
}

export function roleName(context: ClerkContext, key: string): string {
  return findRole(context, key)?.name ?? key;
}

export function permissionKeys(context: ClerkContext, roleKey: string): string[] {
  return findRole(context, roleKey)?.permissionKeys ?? [];
}
