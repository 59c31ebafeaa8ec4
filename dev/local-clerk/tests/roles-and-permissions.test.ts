// Renaming and deleting roles and permissions that members or pending invitations use.

import { expect } from "vitest";
import { kofi, northwind } from "../testing/seeded";
import type { Backend } from "../testing/site";
import { test as siteTest } from "../testing/test";

const role = "org:bookkeeper";

const test = siteTest.extend<{ permissionId: string; roleId: string }>({
  permissionId: async ({ site }, use) => {
    const permission = { name: "Read invoices", key: "org:invoices:read" };
    const { body } = await site.callBackend("POST", "/organization_permissions", permission);
    await use(body.id);
  },
  roleId: async ({ site, permissionId }, use) => {
    const given = { name: "Bookkeeper", key: role, permissions: [permissionId] };
    const { body } = await site.callBackend("POST", "/organization_roles", given);
    await use(body.id);
  },
});

const invite = (backend: Backend) =>
  backend.organizations.createOrganizationInvitation({
    organizationId: northwind.id,
    emailAddress: "books@example.com",
    role,
  });

test("a role that a pending invitation has cannot be deleted until the invitation is revoked", async ({
  site,
  backend,
  roleId,
}) => {
  const { id: invitationId } = await invite(backend);
  const refused = await site.callBackend("DELETE", `/organization_roles/${roleId}`);
  expect([refused.status, refused.body.errors[0].code]).toEqual([
    422,
    "organization_role_exists_in_invitations",
  ]);
  const which = { organizationId: northwind.id, invitationId };
  await backend.organizations.revokeOrganizationInvitation(which);
  expect((await site.callBackend("DELETE", `/organization_roles/${roleId}`)).body.deleted).toBe(
    true,
  );
});

test("renaming a role's key renames it for its members and pending invitations", async ({
  site,
  backend,
  roleId,
}) => {
  const { organizations } = backend;
  const { id: invitationId } = await invite(backend);
  await organizations.createOrganizationMembership({
    organizationId: northwind.id,
    userId: kofi.id,
    role,
  });
  const rename = () =>
    site.callBackend("PATCH", `/organization_roles/${roleId}`, { key: "org:books" });
  expect(await site.eventsDuring(rename)).toEqual([
    "role.updated",
    "organizationMembership.updated",
  ]);
  const which = { organizationId: northwind.id, invitationId };
  expect((await organizations.getOrganizationInvitation(which)).role).toBe("org:books");
  const list = { organizationId: northwind.id, userId: [kofi.id] };
  const [member] = (await organizations.getOrganizationMembershipList(list)).data;
  expect(member?.role).toBe("org:books");
});

test("renaming a permission's key renames it in the roles that have it, and emits their role.updated events", async ({
  site,
  permissionId,
  roleId,
}) => {
  const rename = (key: string) =>
    site.callBackend("PATCH", `/organization_permissions/${permissionId}`, { key });
  expect(await site.eventsDuring(() => rename("org:bills:read"))).toEqual([
    "permission.updated",
    "role.updated",
  ]);
  const { body } = await site.callBackend("GET", `/organization_roles/${roleId}`);
  expect(body.permissions.map(({ key }: { key: string }) => key)).toEqual(["org:bills:read"]);
  expect((await rename("org:sys_profile:manage")).status).toBe(422);
});
