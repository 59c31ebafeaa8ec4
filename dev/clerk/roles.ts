// Roles and permissions: those that every Clerk instance starts with, and those that were made here.

import { formRefusal, identifierTaken, refusal } from "./errors";
import { emit } from "./events";
import { derivedId, newId } from "./ids";
import type { PermissionRecord, RoleRecord } from "./records-instance";
import { deletedJson } from "./resources/lists";
import { permissionJson, roleJson } from "./resources/role";
import type { State } from "./state";
import type { World } from "./world";

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

/** Their ids are derived, so they are the same on every machine. */
export function plantRoles(state: State): void {
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

export function findRole(world: World, key: string): RoleRecord | undefined {
  return world.state.rolesByKey.first(key);
}

export function requireRole(world: World, key: string): string {
  if (findRole(world, key)) return key;
  throw refusal(404, "resource_not_found", "not found", "Organization role not found", {
    param_name: "role",
  });
}

export function roleName(world: World, key: string): string {
  return findRole(world, key)?.name ?? key;
}

export function permissionKeys(world: World, roleKey: string): string[] {
  return findRole(world, roleKey)?.permissionKeys ?? [];
}

export type NewRole = Pick<RoleRecord, "key" | "name" | "description" | "permissionKeys">;

export function createRole(world: World, given: NewRole): RoleRecord {
  requireKey(given.key, /^org:[a-z0-9_]+$/);
  if (findRole(world, given.key)) throw identifierTaken("key", "key");
  return world.state.change(() => {
    const now = world.clock.now();
    const made = { id: newId("role", now), ...given, createdAt: now, updatedAt: now };
    const role = world.state.roles.put(made);
    emit(world, "role.created", roleJson(world, role));
    return role;
  });
}

export function updateRole(world: World, role: RoleRecord, patch: Partial<NewRole>): RoleRecord {
  if (patch.key && patch.key !== role.key) {
    requireKey(patch.key, /^org:[a-z0-9_]+$/);
    if (findRole(world, patch.key)) throw identifierTaken("key", "key");
  }
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), role.updatedAt + 1);
    const updated = world.state.roles.put({ ...role, ...patch, updatedAt });
    for (const each of patch.key ? [...world.state.memberships.all()] : []) {
      if (each.role === role.key) world.state.memberships.put({ ...each, role: updated.key });
    }
    emit(world, "role.updated", roleJson(world, updated));
    return updated;
  });
}

export function deleteRole(world: World, role: RoleRecord): void {
  if (role.key === creatorRole || role.key === defaultRole) {
    const message = "The default roles of the instance cannot be deleted.";
    throw refusal(422, "organization_role_default_creator_role", "cannot be deleted", message);
  }
  for (const { role: held } of world.state.memberships.all()) {
    if (held !== role.key) continue;
    const message = "The role is assigned to members and cannot be deleted.";
    throw refusal(422, "organization_role_assigned_members", "cannot be deleted", message);
  }
  world.state.change(() => {
    world.state.roles.drop(role.id);
    emit(world, "role.deleted", deletedJson("role", role.id));
  });
}

export type NewPermission = Pick<PermissionRecord, "key" | "name" | "description">;

export function createPermission(world: World, given: NewPermission): PermissionRecord {
  requireKey(given.key, /^org:[a-z0-9_]+:[a-z0-9_]+$/);
  if (world.state.permissionsByKey.first(given.key)) throw identifierTaken("key", "key");
  return world.state.change(() => {
    const now = world.clock.now();
    const id = newId("perm", now);
    const made = { id, ...given, type: "user" as const, createdAt: now, updatedAt: now };
    const permission = world.state.permissions.put(made);
    emit(world, "permission.created", permissionJson(permission));
    return permission;
  });
}

export function updatePermission(
  world: World,
  permission: PermissionRecord,
  patch: Partial<NewPermission>,
): PermissionRecord {
  requireOwn(permission);
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), permission.updatedAt + 1);
    const updated = world.state.permissions.put({ ...permission, ...patch, updatedAt });
    const swap = (key: string) => (key === permission.key ? updated.key : key);
    for (const role of patch.key ? [...world.state.roles.all()] : []) {
      world.state.roles.put({ ...role, permissionKeys: role.permissionKeys.map(swap) });
    }
    emit(world, "permission.updated", permissionJson(updated));
    return updated;
  });
}

export function deletePermission(world: World, permission: PermissionRecord): void {
  requireOwn(permission);
  world.state.change(() => {
    for (const role of [...world.state.roles.all()]) {
      if (!role.permissionKeys.includes(permission.key)) continue;
      const kept = role.permissionKeys.filter((key) => key !== permission.key);
      updateRole(world, role, { permissionKeys: kept });
    }
    world.state.permissions.drop(permission.id);
    emit(world, "permission.deleted", deletedJson("permission", permission.id));
  });
}

function requireOwn(permission: PermissionRecord): void {
  if (permission.type === "user") return;
  const message = "System permissions cannot be changed.";
  throw refusal(403, "organization_system_permission_not_modifiable", "not modifiable", message);
}

function requireKey(key: string, pattern: RegExp): void {
  if (pattern.test(key)) return;
  throw formRefusal("form_param_format_invalid", "key", "is invalid", `${key} is not a valid key.`);
}
