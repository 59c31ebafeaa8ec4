// Roles and permissions that are renamed or taken away while somebody has them, or is invited to them.

import { afterEach, beforeEach, expect, test } from "vitest";
import { derivedId } from "../ids";
import { type Backend, backendOf, openSite, type Site } from "../testing/site";

const kofi = derivedId("user", "kofi.mensah@example.com");
const northwind = derivedId("org", "northwind-press");
const role = "org:bookkeeper";
let site: Site;
let client: Backend;
let roleId: string;
let permissionId: string;

beforeEach(async () => {
  site = await openSite();
  client = backendOf(site.clerk);
  const permission = { name: "Read invoices", key: "org:invoices:read" };
  permissionId = (await call("POST", "/organization_permissions", permission)).body.id;
  const given = { name: "Bookkeeper", key: role, permissions: [permissionId] };
  roleId = (await call("POST", "/organization_roles", given)).body.id;
});
afterEach(() => site.close());

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${site.clerk.url}/bapi/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${site.clerk.keys.secretKey}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: await response.json() };
}

const invite = () =>
  client.organizations.createOrganizationInvitation({
    organizationId: northwind,
    emailAddress: "books@example.com",
    role,
  });

async function eventsOf(ask: () => Promise<unknown>): Promise<string[]> {
  const before = site.told.length;
  await ask();
  return site.told.slice(before);
}

test("a role that somebody is invited to is not deleted before that is revoked", async () => {
  const { id: invitationId } = await invite();
  const refused = await call("DELETE", `/organization_roles/${roleId}`);
  expect([refused.status, refused.body.errors[0].code]).toEqual([
    422,
    "organization_role_exists_in_invitations",
  ]);
  const which = { organizationId: northwind, invitationId };
  await client.organizations.revokeOrganizationInvitation(which);
  expect((await call("DELETE", `/organization_roles/${roleId}`)).body.deleted).toBe(true);
});

test("a role with a new key takes its members and its pending invitations along", async () => {
  const { organizations } = client;
  const { id: invitationId } = await invite();
  await organizations.createOrganizationMembership({
    organizationId: northwind,
    userId: kofi,
    role,
  });
  const rename = () => call("PATCH", `/organization_roles/${roleId}`, { key: "org:books" });
  expect(await eventsOf(rename)).toEqual(["role.updated", "organizationMembership.updated"]);
  const which = { organizationId: northwind, invitationId };
  expect((await organizations.getOrganizationInvitation(which)).role).toBe("org:books");
  const list = { organizationId: northwind, userId: [kofi] };
  const [member] = (await organizations.getOrganizationMembershipList(list)).data;
  expect(member?.role).toBe("org:books");
});

test("a permission with a new key is in the roles that had it, and they alone are told of", async () => {
  const rename = (key: string) =>
    call("PATCH", `/organization_permissions/${permissionId}`, { key });
  expect(await eventsOf(() => rename("org:bills:read"))).toEqual([
    "permission.updated",
    "role.updated",
  ]);
  const { body } = await call("GET", `/organization_roles/${roleId}`);
  expect(body.permissions.map(({ key }: { key: string }) => key)).toEqual(["org:bills:read"]);
  expect((await rename("org:sys_profile:manage")).status).toBe(422);
});
