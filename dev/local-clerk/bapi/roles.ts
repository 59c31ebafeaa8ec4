// Roles and permissions of organizations, for the app's server.

import { Hono } from "hono";
import { z } from "zod";
import type { World } from "../context";
import { notFound } from "../errors";
import {
  createPermission,
  createRole,
  deletePermission,
  deleteRole,
  updatePermission,
  updateRole,
} from "../organizations/role-changes";
import { deletedJson, pageJson } from "../resources/lists";
import { permissionJson, roleJson } from "../resources/role";
import type { PermissionRecord, RoleRecord } from "../store/records-instance";
import {
  type BapiEnv,
  type Call,
  nothing,
  pageFields,
  readBody,
  readQuery,
  sorted,
  word,
} from "./call";

const listing = z.object({ ...pageFields, query: word, order_by: word });
const permissionForm = z.object({
  name: z.string().min(1),
  key: z.string(),
  description: z.string().default(""),
});
const roleForm = permissionForm.extend({
  permissions: z.array(z.string()).nullish(),
  include_in_initial_role_set: z.boolean().nullish(),
});
const orders = {
  created_at: (each: RoleRecord | PermissionRecord) => each.createdAt,
  name: (each: RoleRecord | PermissionRecord) => each.name,
  key: (each: RoleRecord | PermissionRecord) => each.key,
};

export function roleRoutes(world: World) {
  const routes = new Hono<BapiEnv>();

  routes.get("/organization_roles", (call) => {
    const { page, total } = list(call, world.state.roles.all());
    return call.json(
      pageJson(
        page.map((each) => roleJson(world, each)),
        total,
      ),
    );
  });

  routes.post("/organization_roles", (call) => {
    const { name, key, description, permissions } = readBody(call, roleForm);
    const permissionKeys = keysOf(world, permissions ?? []);
    return call.json(
      roleJson(world, createRole(world, { name, key, description, permissionKeys })),
    );
  });

  routes.get("/organization_roles/:id", (call) =>
    call.json(roleJson(world, findRole(world, call))),
  );

  routes.patch("/organization_roles/:id", (call) => {
    const role = findRole(world, call);
    const { permissions, name, key, description } = readBody(call, roleForm.partial());
    const patch = {
      ...(name ? { name } : {}),
      ...(key ? { key } : {}),
      ...(description ? { description } : {}),
      ...(permissions ? { permissionKeys: keysOf(world, permissions) } : {}),
    };
    return call.json(roleJson(world, updateRole(world, role, patch)));
  });

  routes.delete("/organization_roles/:id", (call) => {
    const role = findRole(world, call);
    deleteRole(world, role);
    return call.json(deletedJson("role", role.id));
  });

  routes.on(["POST", "DELETE"], "/organization_roles/:id/permissions/:permissionId", (call) => {
    readBody(call, nothing);
    const role = findRole(world, call);
    const { key } = findPermission(world, call, "permissionId");
    const others = role.permissionKeys.filter((each) => each !== key);
    const permissionKeys = call.req.method === "POST" ? [...others, key] : others;
    return call.json(roleJson(world, updateRole(world, role, { permissionKeys })));
  });

  return routes.route("/", permissionRoutes(world));
}

function permissionRoutes(world: World) {
  const routes = new Hono<BapiEnv>();

  routes.get("/organization_permissions", (call) => {
    const { page, total } = list(call, world.state.permissions.all());
    return call.json(pageJson(page.map(permissionJson), total));
  });

  routes.post("/organization_permissions", (call) => {
    const given = readBody(call, permissionForm);
    return call.json(permissionJson(createPermission(world, given)));
  });

  routes.get("/organization_permissions/:id", (call) =>
    call.json(permissionJson(findPermission(world, call, "id"))),
  );

  routes.patch("/organization_permissions/:id", (call) => {
    const permission = findPermission(world, call, "id");
    const { name, key, description } = readBody(call, permissionForm.partial());
    const patch = {
      ...(name ? { name } : {}),
      ...(key ? { key } : {}),
      ...(description ? { description } : {}),
    };
    return call.json(permissionJson(updatePermission(world, permission, patch)));
  });

  routes.delete("/organization_permissions/:id", (call) => {
    const permission = findPermission(world, call, "id");
    deletePermission(world, permission);
    return call.json(deletedJson("permission", permission.id));
  });

  return routes;
}

function list<T extends RoleRecord | PermissionRecord>(call: Call, all: Iterable<T>) {
  const { limit, offset, query, order_by = "-created_at" } = readQuery(call, listing);
  const found = [...all].filter(
    (each) =>
      !query ||
      [each.id, each.key, each.name].join(" ").toLowerCase().includes(query.toLowerCase()),
  );
  const page = sorted<T>(found, order_by, orders).slice(offset, offset + limit);
  return { page, total: found.length };
}

function findRole(world: World, call: Call): RoleRecord {
  const id = call.req.param("id") ?? "";
  const role = world.state.roles.get(id);
  if (!role) throw notFound("role", id);
  return role;
}

function findPermission(world: World, call: Call, param: string): PermissionRecord {
  const id = call.req.param(param) ?? "";
  const permission = world.state.permissions.get(id);
  if (!permission) throw notFound("permission", id);
  return permission;
}

/** Permissions are named by id, by the SDK, or by key. */
function keysOf(world: World, named: readonly string[]): string[] {
  return named.map((each) => {
    const { permissions, permissionsByKey } = world.state;
    const permission = permissions.get(each) ?? permissionsByKey.first(each);
    if (!permission) throw notFound("permission", each);
    return permission.key;
  });
}
