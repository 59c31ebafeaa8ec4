// The Backend API's operations on roles and permissions of organizations.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
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

export function roleRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.get("/organization_roles", (call) => {
    const { page, total } = list(call, context.state.roles.all());
    return call.json(
      pageJson(
        page.map((each) => roleJson(context, each)),
        total,
      ),
    );
  });

  routes.post("/organization_roles", (call) => {
    const { name, key, description, permissions } = readBody(call, roleForm);
    const permissionKeys = keysOf(context, permissions ?? []);
    return call.json(
      roleJson(context, createRole(context, { name, key, description, permissionKeys })),
    );
  });

  routes.get("/organization_roles/:id", (call) =>
    call.json(roleJson(context, findRole(context, call))),
  );

  routes.patch("/organization_roles/:id", (call) => {
    const role = findRole(context, call);
    const { permissions, name, key, description } = readBody(call, roleForm.partial());
    const patch = {
      ...(name ? { name } : {}),
      ...(key ? { key } : {}),
      ...(description ? { description } : {}),
      ...(permissions ? { permissionKeys: keysOf(context, permissions) } : {}),
    };
    return call.json(roleJson(context, updateRole(context, role, patch)));
  });

  routes.delete("/organization_roles/:id", (call) => {
    const role = findRole(context, call);
    deleteRole(context, role);
    return call.json(deletedJson("role", role.id));
  });

  routes.on(["POST", "DELETE"], "/organization_roles/:id/permissions/:permissionId", (call) => {
    readBody(call, nothing);
    const role = findRole(context, call);
    const { key } = findPermission(context, call, "permissionId");
    const others = role.permissionKeys.filter((each) => each !== key);
    const permissionKeys = call.req.method === "POST" ? [...others, key] : others;
    return call.json(roleJson(context, updateRole(context, role, { permissionKeys })));
  });

  return routes.route("/", permissionRoutes(context));
}

function permissionRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.get("/organization_permissions", (call) => {
    const { page, total } = list(call, context.state.permissions.all());
    return call.json(pageJson(page.map(permissionJson), total));
  });

  routes.post("/organization_permissions", (call) => {
    const given = readBody(call, permissionForm);
    return call.json(permissionJson(createPermission(context, given)));
  });

  routes.get("/organization_permissions/:id", (call) =>
    call.json(permissionJson(findPermission(context, call, "id"))),
  );

  routes.patch("/organization_permissions/:id", (call) => {
    const permission = findPermission(context, call, "id");
    const { name, key, description } = readBody(call, permissionForm.partial());
    const patch = {
      ...(name ? { name } : {}),
      ...(key ? { key } : {}),
      ...(description ? { description } : {}),
    };
    return call.json(permissionJson(updatePermission(context, permission, patch)));
  });

  routes.delete("/organization_permissions/:id", (call) => {
    const permission = findPermission(context, call, "id");
    deletePermission(context, permission);
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

function findRole(context: ClerkContext, call: Call): RoleRecord {
  const id = call.req.param("id") ?? "";
  const role = context.state.roles.get(id);
  if (!role) throw notFound("role", id);
  return role;
}

function findPermission(context: ClerkContext, call: Call, param: string): PermissionRecord {
  const id = call.req.param(param) ?? "";
  const permission = context.state.permissions.get(id);
  if (!permission) throw notFound("permission", id);
  return permission;
}

/** Returns the keys of the permissions in `named`. Each entry is a permission's id, which Clerk's SDK sends, or its key. */
function keysOf(context: ClerkContext, named: readonly string[]): string[] {
  return named.map((each) => {
    const { permissions, permissionsByKey } = context.state;
    const permission = permissions.get(each) ?? permissionsByKey.first(each);
    if (!permission) throw notFound("permission", each);
    return permission.key;
  });
}
