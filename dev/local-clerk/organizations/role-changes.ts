// What can happen to roles and permissions, and the events it causes.

import type { World } from "../context";
import { formRefusal, identifierTaken, refusal } from "../errors";
import { newId } from "../ids";
import { creatorRole, defaultRole, findRole } from "../instance/roles";
import { invitationStatus } from "../resources/invitation";
import { deletedJson } from "../resources/lists";
import { membershipForServer } from "../resources/membership";
import { permissionJson, roleJson } from "../resources/role";
import type { PermissionRecord, RoleRecord } from "../store/records-instance";
import { emit } from "../webhooks/events";

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
    emit(world, "role.updated", roleJson(world, updated));
    if (updated.key !== role.key) carryAlong(world, role.key, updated.key);
    return updated;
  });
}

/** Whoever has the role, or is invited to it, has it under its new key. */
function carryAlong(world: World, before: string, after: string): void {
  const { clock } = world;
  const { memberships, invitations } = world.state;
  for (const each of [...memberships.all()]) {
    if (each.role !== before) continue;
    const updatedAt = Math.max(clock.now(), each.updatedAt + 1);
    const updated = memberships.put({ ...each, role: after, updatedAt });
    emit(world, "organizationMembership.updated", membershipForServer(world, updated));
  }
  for (const each of [...invitations.all()]) {
    if (each.role === before && each.status === "pending") {
      invitations.put({ ...each, role: after });
    }
  }
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
  for (const invitation of world.state.invitations.all()) {
    const isPending = invitationStatus(world, invitation) === "pending";
    if (invitation.role !== role.key || !isPending) continue;
    const message = "role exists in pending organization invitations";
    const long =
      "The organization role exists in one or more pending organization invitations. Please revoke these invitations to proceed.";
    throw refusal(422, "organization_role_exists_in_invitations", message, long);
  }
  world.state.change(() => {
    world.state.roles.drop(role.id);
    emit(world, "role.deleted", deletedJson("role", role.id));
  });
}

export type NewPermission = Pick<PermissionRecord, "key" | "name" | "description">;

export function createPermission(world: World, given: NewPermission): PermissionRecord {
  requirePermissionKey(world, given.key);
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
  if (patch.key && patch.key !== permission.key) requirePermissionKey(world, patch.key);
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), permission.updatedAt + 1);
    const updated = world.state.permissions.put({ ...permission, ...patch, updatedAt });
    emit(world, "permission.updated", permissionJson(updated));
    if (updated.key === permission.key) return updated;
    const swap = (key: string) => (key === permission.key ? updated.key : key);
    for (const role of [...world.state.roles.all()]) {
      if (!role.permissionKeys.includes(permission.key)) continue;
      updateRole(world, role, { permissionKeys: role.permissionKeys.map(swap) });
    }
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

function requirePermissionKey(world: World, key: string): void {
  requireKey(key, /^org:[a-z0-9_]+:[a-z0-9_]+$/);
  if (world.state.permissionsByKey.first(key)) throw identifierTaken("key", "key");
}

function requireKey(key: string, pattern: RegExp): void {
  if (pattern.test(key)) return;
  throw formRefusal("form_param_format_invalid", "key", "is invalid", `${key} is not a valid key.`);
}
