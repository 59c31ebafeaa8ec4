// Creates, updates and deletes roles and permissions, and emits their events.

import type { ClerkContext } from "../context";
import { formRefusal, identifierTaken, refusal } from "../errors";
import { newId } from "../ids";
import { creatorRole, defaultRole, findRole } from "../instance/roles";
import { invitationStatus } from "../resources/invitation";
import { deletedJson } from "../resources/lists";
import { membershipForServer } from "../resources/membership";
import { permissionJson, roleJson } from "../resources/role";
import type { PermissionRecord, RoleRecord } from "../store/records-instance";
import { emit } from "../webhooks/events";

type NewRole = Pick<RoleRecord, "key" | "name" | "description" | "permissionKeys">;

export function createRole(context: ClerkContext, given: NewRole): RoleRecord {
  requireKey(given.key, /^org:[a-z0-9_]+$/);
  if (findRole(context, given.key)) throw identifierTaken("key", "key");
  return context.state.change(() => {
    const now = context.clock.now();
    const made = { id: newId("role", now), ...given, createdAt: now, updatedAt: now };
    const role = context.state.roles.put(made);
    emit(context, "role.created", roleJson(context, role));
    return role;
  });
}

export function updateRole(
  context: ClerkContext,
  role: RoleRecord,
  patch: Partial<NewRole>,
): RoleRecord {
  if (patch.key && patch.key !== role.key) {
    requireKey(patch.key, /^org:[a-z0-9_]+$/);
    if (findRole(context, patch.key)) throw identifierTaken("key", "key");
  }
  return context.state.change(() => {
    const updatedAt = Math.max(context.clock.now(), role.updatedAt + 1);
    const updated = context.state.roles.put({ ...role, ...patch, updatedAt });
    emit(context, "role.updated", roleJson(context, updated));
    if (updated.key !== role.key) renameRoleKey(context, role.key, updated.key);
    return updated;
  });
}

/** Changes the role's key in all memberships and pending invitations that have the role. */
function renameRoleKey(context: ClerkContext, before: string, after: string): void {
  const { clock } = context;
  const { memberships, invitations } = context.state;
  for (const each of [...memberships.all()]) {
    if (each.role !== before) continue;
    const updatedAt = Math.max(clock.now(), each.updatedAt + 1);
    const updated = memberships.put({ ...each, role: after, updatedAt });
    emit(context, "organizationMembership.updated", membershipForServer(context, updated));
  }
  for (const each of [...invitations.all()]) {
    if (each.role === before && each.status === "pending") {
      invitations.put({ ...each, role: after });
    }
  }
}

export function deleteRole(context: ClerkContext, role: RoleRecord): void {
  if (role.key === creatorRole || role.key === defaultRole) {
    const message = "The default roles of the instance cannot be deleted.";
    throw refusal(422, "organization_role_default_creator_role", "cannot be deleted", message);
  }
  for (const { role: held } of context.state.memberships.all()) {
    if (held !== role.key) continue;
    const message = "The role is assigned to members and cannot be deleted.";
    throw refusal(422, "organization_role_assigned_members", "cannot be deleted", message);
  }
  for (const invitation of context.state.invitations.all()) {
    const isPending = invitationStatus(context, invitation) === "pending";
    if (invitation.role !== role.key || !isPending) continue;
    const message = "role exists in pending organization invitations";
    const long =
      "The organization role exists in one or more pending organization invitations. Please revoke these invitations to proceed.";
    throw refusal(422, "organization_role_exists_in_invitations", message, long);
  }
  context.state.change(() => {
    context.state.roles.drop(role.id);
    emit(context, "role.deleted", deletedJson("role", role.id));
  });
}

type NewPermission = Pick<PermissionRecord, "key" | "name" | "description">;

export function createPermission(context: ClerkContext, given: NewPermission): PermissionRecord {
  requirePermissionKey(context, given.key);
  return context.state.change(() => {
    const now = context.clock.now();
    const id = newId("perm", now);
    const made = { id, ...given, type: "user" as const, createdAt: now, updatedAt: now };
    const permission = context.state.permissions.put(made);
    emit(context, "permission.created", permissionJson(permission));
    return permission;
  });
}

export function updatePermission(
  context: ClerkContext,
  permission: PermissionRecord,
  patch: Partial<NewPermission>,
): PermissionRecord {
  requireOwn(permission);
  if (patch.key && patch.key !== permission.key) requirePermissionKey(context, patch.key);
  return context.state.change(() => {
    const updatedAt = Math.max(context.clock.now(), permission.updatedAt + 1);
    const updated = context.state.permissions.put({ ...permission, ...patch, updatedAt });
    emit(context, "permission.updated", permissionJson(updated));
    if (updated.key === permission.key) return updated;
    const swap = (key: string) => (key === permission.key ? updated.key : key);
    for (const role of [...context.state.roles.all()]) {
      if (!role.permissionKeys.includes(permission.key)) continue;
      updateRole(context, role, { permissionKeys: role.permissionKeys.map(swap) });
    }
    return updated;
  });
}

export function deletePermission(context: ClerkContext, permission: PermissionRecord): void {
  requireOwn(permission);
  context.state.change(() => {
    for (const role of [...context.state.roles.all()]) {
      if (!role.permissionKeys.includes(permission.key)) continue;
      const kept = role.permissionKeys.filter((key) => key !== permission.key);
      updateRole(context, role, { permissionKeys: kept });
    }
    context.state.permissions.drop(permission.id);
    emit(context, "permission.deleted", deletedJson("permission", permission.id));
  });
}

function requireOwn(permission: PermissionRecord): void {
  if (permission.type === "user") return;
  const message = "System permissions cannot be changed.";
  throw refusal(403, "organization_system_permission_not_modifiable", "not modifiable", message);
}

function requirePermissionKey(context: ClerkContext, key: string): void {
  requireKey(key, /^org:[a-z0-9_]+:[a-z0-9_]+$/);
  if (context.state.permissionsByKey.first(key)) throw identifierTaken("key", "key");
}

function requireKey(key: string, pattern: RegExp): void {
  if (pattern.test(key)) return;
  throw formRefusal("form_param_format_invalid", "key", "is invalid", `${key} is not a valid key.`);
}
