// Tests which organization is active in a new session.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { decodeUnverified } from "../testing/claims";
import { openGenuineClient } from "../testing/genuine-client";
import { amara, kofi, northwind } from "../testing/seeded";
import { test } from "../testing/test";

async function startSession(browser: Browser, email: string) {
  const { body } = await browser.signIn(email);
  const [session] = body.client.sessions.slice(-1);
  const { o } = decodeUnverified(session.last_active_token.jwt);
  return { session, path: `/client/sessions/${session.id}`, claims: o };
}

test("a new session starts with the organization that the user joined last, and its token contains the role", async ({
  backend,
  clock,
  browser,
  site,
}) => {
  const first = await startSession(browser, amara.email);
  expect(first.session.last_active_organization_id).toBe(northwind.id);
  expect(first.claims).toMatchObject({ id: northwind.id, rol: "admin" });
  clock.advance(1_000);
  const { id } = await backend.organizations.createOrganization({
    name: "Joined last",
    createdBy: amara.id,
  });
  const second = await startSession(site.newBrowser(), amara.email);
  expect(second.session.last_active_organization_id).toBe(id);
});

test("a new session starts with the organization that was active last, even if the session where it was chosen has ended", async ({
  backend,
  clock,
  site,
}) => {
  clock.advance(1_000);
  await backend.organizations.createOrganization({ name: "Joined last", createdBy: amara.id });
  const browser = site.newBrowser();
  const { path } = await startSession(browser, amara.email);
  await browser.post(`${path}/touch`, { active_organization_id: northwind.id });
  await browser.post(`${path}/end`);
  const next = await startSession(site.newBrowser(), amara.email);
  expect(next.session.last_active_organization_id).toBe(northwind.id);
  const byServer = await backend.sessions.createSession({ userId: amara.id });
  expect(byServer.lastActiveOrganizationId).toBe(northwind.id);
});

test("a chosen personal account stays chosen for the next session, unless an organization is required", async ({
  control,
  site,
}) => {
  const browser = site.newBrowser();
  const { path } = await startSession(browser, amara.email);
  await browser.post(`${path}/touch`, { active_organization_id: "" });
  const next = await startSession(site.newBrowser(), amara.email);
  expect(next.session.last_active_organization_id).toBeNull();
  expect(next.claims).toBeUndefined();
  await control.settings.set({ needsOrganization: true });
  const required = await startSession(site.newBrowser(), amara.email);
  expect(required.session).toMatchObject({
    status: "active",
    tasks: null,
    last_active_organization_id: northwind.id,
  });
});

test("an organization that the user has left is not activated; the first organization that a user joins is activated in the next session", async ({
  backend,
  site,
}) => {
  const membership = { organizationId: northwind.id, userId: kofi.id };
  const page = await openGenuineClient(site);
  await page.signIn(kofi.email, site.clerk.password);
  expect(page.clerk.organization).toBeNull();
  await backend.organizations.createOrganizationMembership({ ...membership, role: "org:member" });
  const joined = await startSession(site.newBrowser(), kofi.email);
  expect(joined.session.last_active_organization_id).toBe(northwind.id);
  await backend.organizations.deleteOrganizationMembership(membership);
  const left = await startSession(site.newBrowser(), kofi.email);
  expect(left.session.last_active_organization_id).toBeNull();
});
