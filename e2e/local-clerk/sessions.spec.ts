// Tests sessions that start without a form: by sign-in link, invitation or impersonation. Also tests expired cookies and token
// claims.

import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { z } from "zod";
import {
  backend,
  callBackendApi,
  chooseInMenu,
  claimsOf,
  expect,
  mailedLink,
  newOrganization,
  newPerson,
  openProfile,
  signedInUserIds,
  signInByLink,
  signInLink,
  test,
  tokenOf,
} from "../fixtures";

/** Resolves to the auth object that Clerk's SDK returns on the server for a request with this page's cookies. */
async function authOf(page: Page) {
  const publishableKey = z.string().parse(await page.evaluate("window.Clerk.publishableKey"));
  const headers = { authorization: `Bearer ${await tokenOf(page)}` };
  const asked = new Request(page.url(), { headers });
  return (await backend.authenticateRequest(asked, { publishableKey })).toAuth();
}

test("a new session starts with the organization that was active last, in the switcher, on the home page and in the token", async ({
  page,
  openBrowser,
}) => {
  const member = await newPerson("Lena");
  const first = await newOrganization(member);
  const second = await newOrganization(member);
  const expectActive = async (at: Page, { id, name }: { id: string; name: string }) => {
    await expect(at.getByRole("button", { name: /organization switcher/i })).toContainText(name);
    const row = at.getByRole("listitem").filter({ hasText: name });
    await expect(row.getByText("Active", { exact: true })).toBeVisible();
    expect(await authOf(at)).toMatchObject({ orgId: id, orgRole: "org:admin" });
  };
  await signInByLink(page, member.id);
  await expectActive(page, second);
  await chooseInMenu(
    page.getByRole("button", { name: /organization switcher/i }),
    page.getByRole("dialog").getByRole("button", { name: first.name }),
  );
  await expectActive(page, first);
  const other = await openBrowser();
  await signInByLink(other, member.id);
  await expectActive(other, first);
});

test("a sign-in link signs its user in once, also when another account is signed in", async ({
  page,
  openBrowser,
}) => {
  const [first, second] = [await newPerson("Ada"), await newPerson("Ben")];
  const link = await signInLink(first.id);
  await page.goto(link);
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(first.name);
  await page.goto(await signInLink(second.id));
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(second.name);
  // This user already has a session in the browser. The new link makes that session the active one.
  await page.goto(await signInLink(first.id));
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(first.name);
  expect(await signedInUserIds(first, second)).toHaveLength(2);

  const guest = await openBrowser();
  await guest.goto(link);
  await expect(guest.getByText(/already been used/i)).toBeVisible();
  await expect(guest).toHaveURL((url) => url.pathname === "/sign-in");
});

test("an invitation's link makes the invited user a member immediately, whether they are signed in or not", async ({
  page,
  openBrowser,
}) => {
  test.slow(); // The two invited people each use a browser of their own.
  const [admin, inside, outside] = [
    await newPerson("Alma"),
    await newPerson("Ines"),
    await newPerson("Otto"),
  ];
  const organization = await newOrganization(admin);
  for (const { email: emailAddress } of [inside, outside]) {
    const invitation = { organizationId: organization.id, emailAddress, role: "org:member" };
    await backend.organizations.createOrganizationInvitation(invitation);
  }
  await signInByLink(page, inside.id);
  await page.goto(await mailedLink(inside.email));
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(organization.name);

  const guest = await openBrowser();
  await guest.goto(await mailedLink(outside.email));
  await guest.waitForURL("**/home");
  await expect(guest.getByRole("main")).toContainText(organization.name);
});

test("a custom role assigned in the organization profile grants its permissions in the browser and on the server", async ({
  page,
  openBrowser,
}) => {
  test.slow(); // Two people: one assigns the role, the other gets it.
  const own = randomUUID().slice(0, 8);
  const permission = { key: `org:invoices_${own}:read`, name: `Read invoices ${own}` };
  const made = await callBackendApi("/organization_permissions", {
    ...permission,
    description: "",
  });
  const role = { key: `org:bookkeeper_${own}`, name: `Bookkeeper ${own}` };
  await callBackendApi("/organization_roles", { ...role, description: "", permissions: [made.id] });
  const [admin, bo] = [await newPerson("Alma"), await newPerson("Bo")];
  const organization = await newOrganization(admin, bo);
  await signInByLink(page, admin.id);
  const profile = await openProfile(page, organization.id);
  await profile.getByRole("button", { name: "Members" }).click();
  const row = profile.getByRole("row").filter({ hasText: bo.email });
  await row.getByRole("button", { name: "Member" }).click();
  await page.getByRole("option", { name: role.name }).click();
  await expect(row.getByRole("button", { name: role.name })).toBeVisible();

  const guest = await openBrowser();
  await signInByLink(guest, bo.id);
  await openProfile(guest, organization.id);
  const may = (wanted: object) =>
    guest.evaluate(`window.Clerk.session.checkAuthorization(${JSON.stringify(wanted)})`);
  await expect.poll(() => may({ permission: permission.key })).toBe(true);
  expect(await may({ role: role.key })).toBe(true);
  expect(await may({ permission: "org:sys_profile:manage" })).toBe(false);
  expect(await claimsOf(guest)).toMatchObject({
    fea: `o:invoices_${own}`,
    o: { id: organization.id, rol: `bookkeeper_${own}`, per: "read", fpm: "1" },
  });
  const auth = await authOf(guest);
  expect(auth?.isAuthenticated && auth.has({ permission: permission.key })).toBe(true);
  expect(auth?.isAuthenticated && auth.has({ role: "org:admin" })).toBe(false);
});

test.describe("with tokens that expire after three seconds", () => {
  test.use({ settings: { tokenLifetimeSeconds: 3 } });

  test("a page load with an expired session cookie causes one handshake, the next page load causes none, and the user stays signed in", async ({
    page,
  }) => {
    const { id, name } = await newPerson("Uma");
    // Opens the link in the browser. `signInByLink` signs in by a request instead, which causes a handshake of its own.
    await page.goto(`${await signInLink(id)}&redirect_url=/home`);
    await page.waitForURL("**/home");
    await expect.poll(() => page.evaluate("Boolean(window.Clerk?.session)")).toBe(true);
    const { exp } = z.object({ exp: z.number() }).parse(await claimsOf(page));
    // Leaves the app, because an open page would renew the token.
    await page.goto("about:blank");
    const context = page.context();
    const old = (await context.cookies()).filter((cookie) => /^__session/.test(cookie.name));
    expect(old.length).toBeGreaterThan(0);
    const [skew, second] = [5_000, 1_000];
    await expect.poll(() => Date.now() > exp * 1_000 + skew + second).toBe(true);
    const handshakes: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/client/handshake")) handshakes.push(request.url());
    });
    for (const before of [0, 1]) {
      expect(handshakes).toHaveLength(before);
      await page.goto("/home");
      await expect(page.getByRole("main")).toContainText(name);
      await expect(page).toHaveURL((url) => url.pathname === "/home");
      await page.goto("about:blank");
      await context.addCookies(old);
    }
    expect(handshakes).toHaveLength(1);
  });
});

async function actorToken(userId: string, actor: { sub: string }) {
  const { id, url } = await backend.actorTokens.create({ userId, actor, expiresInSeconds: 600 });
  return { id, link: url ?? "" };
}

test("the token of an impersonated session names the actor, is cached, and can be requested with a JWT template", async ({
  page,
}) => {
  const [{ id, name, email }, support] = [await newPerson("Ida"), await newPerson("Sam")];
  const actor = { sub: support.id };
  await page.goto((await actorToken(id, actor)).link);
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(name);
  const claims = await claimsOf(page);
  expect(claims).toMatchObject({ sub: id, act: actor });

  const { name: template } = await backend.jwtTemplates.create({
    name: `partner_${id.slice(-8)}`,
    claims: { email: "{{user.primary_email_address}}" },
  });
  expect((await claimsOf(page)).jti).toBe(claims.jti);
  expect((await claimsOf(page, { skipCache: true })).jti).not.toBe(claims.jti);
  expect(await claimsOf(page, { template })).toMatchObject({ sub: id, email });
  await expect(claimsOf(page, { template: `${template}_gone` })).rejects.toThrow(
    /no JWT template was found/i,
  );
});

test("after an impersonation ends, the actor's own account is active again, and the impersonation link cannot be reused", async ({
  page,
  openBrowser,
  sql,
}) => {
  const [ida, support] = [await newPerson("Ida"), await newPerson("Sam")];
  await signInByLink(page, support.id);
  const actor = { sub: support.id };
  const { link } = await actorToken(ida.id, actor);
  await page.goto(link);
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(ida.name);
  expect(await authOf(page)).toMatchObject({ userId: ida.id, actor });
  const audited = "SELECT actor, subject FROM audit_log WHERE action = 'session.impersonated'";
  await expect
    .poll(() => sql(`${audited} AND subject = $1`, [ida.id]))
    .toEqual([{ actor: support.id, subject: ida.id }]);

  const guest = await openBrowser();
  await guest.goto(link);
  await expect(guest.getByText(/already been used/i)).toBeVisible();
  const revoked = await actorToken(ida.id, actor);
  await backend.actorTokens.revoke(revoked.id);
  await guest.goto(revoked.link);
  await expect(guest.getByText(/has been revoked/i)).toBeVisible();

  await chooseInMenu(
    page.getByRole("button", { name: /user (button|menu)/i }),
    page.getByRole("button", { name: "Sign out", exact: true }).first(),
  );
  await page.getByRole("button", { name: new RegExp(support.name) }).click();
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(support.name);
  expect(await authOf(page)).toMatchObject({ userId: support.id, actor: undefined });
  expect(await signedInUserIds(ida, support)).toEqual([support.id]);
});

test.describe("with custom session claims", () => {
  const sessionClaims = JSON.stringify({ plan: "{{user.public_metadata.plan}}" });
  test.use({ settings: { sessionClaims } });

  test("browser and server read custom claims, and read changed values after the token is renewed", async ({
    page,
  }) => {
    const { id } = await newPerson("Ivo");
    await backend.users.updateUserMetadata(id, { publicMetadata: { plan: "free" } });
    await signInByLink(page, id);
    expect(await claimsOf(page)).toMatchObject({ sub: id, plan: "free" });
    await backend.users.updateUserMetadata(id, { publicMetadata: { plan: "pro" } });
    expect(await claimsOf(page)).toMatchObject({ plan: "free" });
    expect(await claimsOf(page, { skipCache: true })).toMatchObject({ plan: "pro" });
    expect((await authOf(page))?.sessionClaims).toMatchObject({ plan: "pro" });
  });
});
