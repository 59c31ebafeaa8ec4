/**
 * Tests the mirror with events of every type that the local Clerk sends. The webhook server (`node-server.ts`) receives them out
 * of order and some of them twice, as from Svix.
 */
import { once } from "node:events";
import { createClerkClient } from "@clerk/backend";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlClient } from "@/dev/local-clerk/control/client";
import { derivedId } from "@/dev/local-clerk/ids";
import { scenarioNames } from "@/dev/local-clerk/simulation/billing-scenarios";
import { startLocalClerk } from "@/dev/local-clerk/start";
import { Browser } from "@/dev/local-clerk/testing/browser";
import { temporaryFolder } from "@/dev/local-clerk/testing/temporary-folder";
import { eventTypes } from "@/dev/local-clerk/webhooks/events";
import { findFreePort } from "@/dev/ports";
import { database } from "../../db";
import { eventHandling, isKnownEventType } from "../event/event-types";
import { checkCanary, startCanary } from "../monitoring/canary";
import { reconcile } from "../reconcile/reconcile";
import { createIngest } from "./node-server";

const folder = temporaryFolder();
const port = await findFreePort();
const appUrl = `http://127.0.0.1:${port}`;
const northwind = derivedId("org", "northwind-press");
const kofi = derivedId("user", "kofi.mensah@example.com");

const clerk = await startLocalClerk({ port: 0, dataDir: folder.path, appUrl });
const control = controlClient(clerk.url);
await control.webhooks.pause();
Object.assign(process.env, clerk.env, {
  CANARY_ORGANIZATION_ID: northwind,
  CLERK_INSTANCE_ID: "",
});

const { secretKey, publishableKey } = clerk.keys;
const { users, organizations, sessions, waitlistEntries } = createClerkClient({
  secretKey,
  publishableKey,
  apiUrl: clerk.env.CLERK_API_URL,
});
const server = createIngest();
const { prisma } = database();

beforeAll(async () => {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  await clerk.close();
  server.closeAllConnections();
  server.close();
  folder.remove();
});

async function ask(method: string, path: string, body?: object): Promise<{ id: string }> {
  const response = await fetch(`${clerk.env.CLERK_API_URL}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return response.json();
}

async function signIn(identifier: string) {
  const browser = new Browser(clerk, appUrl);
  const form = { identifier, password: clerk.password, strategy: "password" };
  const { body } = await browser.post("/client/sign_ins", form);
  return { browser, sessionId: String(body.response.created_session_id) };
}

async function sendUserEvents() {
  const emailAddress = ["nadia@example.com"];
  const nadia = await users.createUser({ emailAddress, password: clerk.password });
  await users.updateUser(nadia.id, { firstName: "Nadia" });
  await signIn("nadia@example.com");
  await users.deleteUser(nadia.id);
  await users.banUser(derivedId("user", "tomasz.zielinski@example.com"));
  await waitlistEntries.invite((await waitlistEntries.create({ emailAddress: "a@b.test" })).id);
  await control.settings.set({ phone: "optional" });
  const browser = new Browser(clerk, appUrl);
  const form = { phone_number: "+447700900143", password: clerk.password };
  const { body } = await browser.post("/client/sign_ups", form);
  const prepare = `/client/sign_ups/${body.response.id}/prepare_verification`;
  await browser.post(prepare, { strategy: "phone_code" });
  const mail = { emailAddress: "new@example.com", role: "org:member", organizationId: northwind };
  await organizations.createOrganizationInvitation(mail);
}

async function sendSessionEvents() {
  for (const way of ["end", "remove"]) {
    const { browser, sessionId } = await signIn("amara.okafor@example.com");
    await browser.post(`/client/sessions/${sessionId}/${way}`);
  }
  await sessions.revokeSession((await sessions.createSession({ userId: kofi })).id);
  await control.settings.set({ needsOrganization: true });
  await signIn("kofi.mensah@example.com");
  await control.settings.set({ needsOrganization: false });
}

async function sendOrganizationEvents() {
  const { id: organizationId } = await organizations.createOrganization({
    name: "Gone Soon",
    createdBy: kofi,
  });
  await organizations.updateOrganization(organizationId, { name: "Gone now" });
  await organizations.deleteOrganization(organizationId);
  const member = { organizationId: northwind, userId: kofi };
  await organizations.createOrganizationMembership({ ...member, role: "org:member" });
  await organizations.updateOrganizationMembership({ ...member, role: "org:admin" });
  await organizations.deleteOrganizationMembership(member);
  await organizations.createOrganizationMembership({ ...member, role: "org:member" });
  const harbour = derivedId("org", "harbour-cycling-club");
  const invite = (emailAddress: string) =>
    organizations.createOrganizationInvitation({
      organizationId: harbour,
      emailAddress,
      role: "org:member",
    });
  const revoked = await invite("revoked@example.com");
  await organizations.revokeOrganizationInvitation({
    organizationId: harbour,
    invitationId: revoked.id,
    requestingUserId: kofi,
  });
  const accepted = await invite("kofi.mensah@example.com");
  const { browser } = await signIn("kofi.mensah@example.com");
  await browser.post(`/me/organization_invitations/${accepted.id}/accept`);
  for (const name of ["one.example", "two.example"]) {
    const at = { organizationId: northwind, name, verified: true };
    const made = { ...at, enrollmentMode: "automatic_invitation" } as const;
    const { id: domainId } = await organizations.createOrganizationDomain(made);
    const domain = { organizationId: northwind, domainId };
    await organizations.updateOrganizationDomain({ ...domain, verified: false });
    if (name === "one.example") await organizations.deleteOrganizationDomain(domain);
  }
}

async function sendRoleEvents() {
  for (const word of ["kept", "gone"]) {
    const naming = { name: word, key: `org:${word}:read`, description: "" };
    const permission = await ask("POST", "/organization_permissions", naming);
    await ask("PATCH", `/organization_permissions/${permission.id}`, { name: "Renamed" });
    const role = await ask("POST", "/organization_roles", { ...naming, key: `org:${word}` });
    await ask("POST", `/organization_roles/${role.id}/permissions/${permission.id}`);
    await ask("PATCH", `/organization_roles/${role.id}`, { name: "Renamed" });
    if (word === "kept") continue;
    await ask("DELETE", `/organization_roles/${role.id}`);
    await ask("DELETE", `/organization_permissions/${permission.id}`);
  }
}

test("each event type of the local Clerk is mirrored or ignored as eventHandling defines, and the mirror equals the local Clerk's objects", async () => {
  const run = (mode: "repair" | "dry-run") =>
    reconcile({ mode, trigger: "command", calls: { perTenSeconds: 100_000 } });
  // The first run imports the built-in roles and permissions of the local Clerk: they exist before any endpoint, so no event was
  // sent for them.
  expect(await run("repair")).toMatchObject({ status: "done" });
  await sendUserEvents();
  await sendSessionEvents();
  await sendOrganizationEvents();
  await sendRoleEvents();
  for (const event of scenarioNames.options) {
    await control.payments.simulate({ userId: kofi, event });
  }
  await startCanary();
  const messages = await control.webhooks.messages();
  expect(new Set(messages.map(({ type }) => type))).toEqual(new Set(eventTypes));

  await control.webhooks.setDisturbances({ duplicate: 0.3 });
  await control.webhooks.resume("shuffled");
  await expect.poll(() => prisma.delivery.count(), { timeout: 20_000 }).toBe(messages.length);

  const deliveries = await prisma.delivery.findMany();
  const met = ({ type, outcome }: { type: string | null; outcome: string }) => {
    const handling = type && isKnownEventType(type) ? eventHandling[type] : undefined;
    return outcome === handling || (handling === "mirrored" && /^(applied|stale)$/.test(outcome));
  };
  expect(deliveries.filter((each) => !met(each))).toEqual([]);

  const found: unknown[] = [];
  await reconcile({
    mode: "dry-run",
    trigger: "command",
    calls: { perTenSeconds: 100_000 },
    onFindings: (findings) => found.push(...findings),
  });
  expect(found).toEqual([]);

  const stored = deliveries.map(({ body }) => Buffer.from(body ?? []).toString()).join("\n");
  const mails = await control.outbox.all();
  const secrets = mails.flatMap(({ code, link }) => [code ?? [], link ?? []].flat());
  expect(secrets.length).toBeGreaterThan(4);
  expect(secrets.filter((secret) => stored.includes(secret))).toEqual([]);

  const round = await prisma.canaryRound.findFirstOrThrow();
  await checkCanary(round.id);
  expect(await prisma.canaryRound.findFirst()).toMatchObject({
    arrivedAt: expect.any(Date),
    fault: null,
  });
  expect(await prisma.paymentAttempt.count({ where: { userId: kofi } })).toBe(4);
});
