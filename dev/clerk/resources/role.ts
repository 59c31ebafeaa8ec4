// A role and its permissions on the wire. Their ids are derived, so they never change.

import { derivedId } from "../ids";
import { creatorRole, type Role } from "../roles";

const since = Date.UTC(2024, 0, 1);

export function roleJson(role: Role) {
  return {
    object: "role",
    id: derivedId("role", role.key),
    name: role.name,
    key: role.key,
    description: role.description,
    is_creator_eligible: role.key === creatorRole,
    permissions: role.permissions.map((permission) => ({
      object: "permission",
      id: derivedId("perm", permission.key),
      name: permission.name,
      key: permission.key,
      description: permission.description,
      type: "system",
      created_at: since,
      updated_at: since,
    })),
    created_at: since,
    updated_at: since,
  };
}
