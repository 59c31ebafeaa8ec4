// Tests the e-mail flows with the genuine clerk-js against the local Clerk.

import { expect } from "vitest";
import { totpCode } from "@/dev/local-clerk/authentication/second-factors";
import {
  type GenuineClient,
  hookedResources,
  openGenuineClient,
} from "@/dev/local-clerk/testing/genuine-client";
import type { Site } from "@/dev/local-clerk/testing/site";
import { test as siteTest } from "@/dev/local-clerk/testing/test";
import type { ClerkPort } from "./clerk-port";
import { type EmailFlow, type EmailFlowOptions, emailFlow, RESEND_COOLDOWN_MS } from "./email-flow";

const password = "a-quiet-Harbour-41";
const known = "nadia@example.com";
const unknown = "new@example.com";

/** Creates a flow with the resources of clerk-js that Clerk's hooks return on a page. */
async function opened(site: Site, more: Partial<EmailFlowOptions> = {}) {
  const page = await openGenuineClient(site);
  const network = { isOffline: false };
  const visited: string[] = [];
  const port = {
    ...hookedResources(page),
    navigate: ({ session }: Parameters<ClerkPort["navigate"]>[0]) =>
      void visited.push(session.currentTask?.key ?? "after"),
    isOffline: () => network.isOffline,
    now: () => site.clock.now(),
  };
  return { page, flow: emailFlow(port, { purpose: "signIn", ...more }), network, visited };
}

const test = siteTest.extend({ settings: { password: "optional" as const } });

const create = (site: Site) =>
  site.backend.users.createUser({ emailAddress: [known], password, skipPasswordChecks: true });

function texts(flow: EmailFlow) {
  return flow.get().errors.map(({ field, text }) => `${field}: ${text}`);
}

/** Resolves once `isTrue` returns true after a change of the flow's state. */
function when(flow: EmailFlow, isTrue: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = flow.subscribe(() => {
      if (!isTrue()) return;
      stop();
      resolve();
    });
  });
}

/** Opens the newest link that was mailed to this address, in another browser. */
async function openLink(site: Site, email: string): Promise<void> {
  const { href } = await site.newestLink(email);
  await fetch(href.replace(`${site.appUrl}/__clerk`, `${site.clerk.url}/fapi`), {
    redirect: "manual",
  });
}

/** Records all that a stranger can see of a sign-in: the states, and the browser's requests with their ids replaced. */
async function observed(page: GenuineClient, flow: EmailFlow, email: string) {
  const from = page.calls.length;
  const states: unknown[] = [];
  const stop = flow.subscribe(() => {
    const { email: _, resendAt: __, ...shown } = { email: "", resendAt: 0, ...flow.get() };
    states.push(shown);
  });
  await flow.start(email);
  await flow.verifyCode("000000");
  stop();
  const calls = page.calls.slice(from).map((each) => each.replace(/\/sia_\w+/, "/ID"));
  return { states, calls };
}

test("sign-up: after a wrong code, the right code creates the account and makes the session active", async ({
  site,
}) => {
  const { page, flow, visited } = await opened(site, { purpose: "signUp" });
  await flow.start(` ${unknown} `);
  expect(flow.get()).toMatchObject({ step: "needsVerification", email: unknown, method: "code" });
  const code = await site.newestCode(unknown);
  await flow.verifyCode(code === "000000" ? "111111" : "000000");
  expect(texts(flow)).toEqual(["code: That code is wrong. Check it, or send a new one."]);
  await flow.verifyCode(`${code.slice(0, 3)} ${code.slice(3)}`);
  expect(flow.get()).toMatchObject({ step: "complete", errors: [] });
  expect(page.clerk.user?.primaryEmailAddress?.emailAddress).toBe(unknown);
  expect(visited).toEqual(["after"]);
});

test("in sign-up and sign-in, an address with an account gets the same states and calls as an address without an account", async ({
  site,
}) => {
  await create(site);
  for (const purpose of ["signUp", "signIn"] as const) {
    const { page, flow } = await opened(site, { purpose });
    const first = await observed(page, flow, unknown);
    flow.restart();
    expect(await observed(page, flow, known)).toEqual(first);
    expect(first.calls).toHaveLength(3);
  }
});

test("sign-up with an address that has an account signs its owner in", async ({ site }) => {
  const { id } = await create(site);
  const { page, flow } = await opened(site, { purpose: "signUp" });
  await flow.start(known);
  await flow.verifyCode(await site.newestCode(known));
  expect(flow.get().step).toBe("complete");
  expect(page.clerk.user?.id).toBe(id);
});

test("sign-in with an address that has no account offers a new account after the code, and creates none before", async ({
  site,
}) => {
  const { page, flow } = await opened(site);
  await flow.start(unknown);
  await flow.verifyCode(await site.newestCode(unknown));
  expect(flow.get()).toMatchObject({ step: "needsNewAccount", email: unknown });
  expect(await site.backend.users.getCount({ emailAddress: [unknown] })).toBe(0);
  await flow.createAccount();
  expect(flow.get().step).toBe("complete");
  expect(page.clerk.user?.primaryEmailAddress?.emailAddress).toBe(unknown);
});

test("fields that the instance requires are requested after the code; a refused password is shown at its field", async ({
  site,
  control,
}) => {
  await control.settings.set({ password: "required", names: "required", hasLegalConsent: true });
  const { page, flow } = await opened(site, { purpose: "signUp" });
  await flow.start(unknown);
  await flow.verifyCode(await site.newestCode(unknown));
  const fields = ["firstName", "lastName", "password", "legalAccepted"];
  expect(flow.get()).toMatchObject({ step: "needsDetails", fields });
  await flow.submitDetails({ firstName: "Nadia", lastName: " " });
  expect(flow.get().errors.map(({ field }) => field)).toEqual(fields.slice(1));
  const details = { firstName: "Nadia", lastName: "Haddad", legalAccepted: true };
  await flow.submitDetails({ ...details, password: "short" });
  expect(texts(flow)).toEqual(["password: Passwords must be 8 characters or more."]);
  await flow.submitDetails({ ...details, password });
  expect(flow.get().step).toBe("complete");
  expect(page.clerk.user?.lastName).toBe("Haddad");
});

test("a sign-up that requires a field which our form lacks continues in Clerk's form", async ({
  site,
  control,
}) => {
  await control.settings.set({ phone: "required" });
  const { flow } = await opened(site, { purpose: "signUp" });
  await flow.start(unknown);
  await flow.verifyCode(await site.newestCode(unknown));
  expect(flow.get()).toMatchObject({ step: "needsClerkForm", form: "signUp" });
});

test("an expired code and too many wrong codes show a message, and a new code works", async ({
  site,
  clock,
}) => {
  await create(site);
  const { page, flow } = await opened(site);
  await flow.start(known);
  const expired = await site.newestCode(known);
  clock.advance(600_001);
  await flow.verifyCode(expired);
  expect(texts(flow)).toEqual(["code: That code has expired. Send a new one."]);
  await flow.resend();
  const code = await site.newestCode(known);
  const wrong = code === "000000" ? "111111" : "000000";
  for (let attempt = 0; attempt < 5; attempt += 1) await flow.verifyCode(wrong);
  expect(texts(flow)).toEqual(["code: Too many wrong codes. Send a new one."]);
  await flow.verifyCode(code);
  expect(texts(flow)).toEqual(["code: Too many wrong codes. Send a new one."]);
  clock.advance(RESEND_COOLDOWN_MS);
  await flow.resend();
  await flow.verifyCode(await site.newestCode(known));
  expect(flow.get().step).toBe("complete");
  expect(page.clerk.user?.primaryEmailAddress?.emailAddress).toBe(known);
});

test("another code is sent once the cooldown is over, also after going back to the first step", async ({
  site,
  clock,
}) => {
  const { page, flow } = await opened(site);
  await flow.start(unknown);
  const sent = page.calls.length;
  await flow.resend();
  flow.restart();
  await flow.start(unknown);
  expect(flow.get().step).toBe("needsVerification");
  expect(page.calls).toHaveLength(sent);
  clock.advance(RESEND_COOLDOWN_MS - 10_000);
  await flow.resend();
  expect(page.calls).toHaveLength(sent);
  clock.advance(10_000);
  await flow.resend();
  expect(page.calls).toHaveLength(sent + 1);
  expect(flow.get()).toMatchObject({ step: "needsVerification", sent: 2 });
});

test("an empty and a malformed address, and an empty code, are refused without a request", async ({
  site,
}) => {
  const { page, flow } = await opened(site);
  const before = page.calls.length;
  await flow.start("  ");
  expect(texts(flow)).toEqual(["email: Enter your email address."]);
  await flow.start("nadia@example");
  expect(texts(flow)).toEqual(["email: Enter an email address like name@example.com."]);
  expect(page.calls).toHaveLength(before);
  await flow.start(unknown);
  await flow.verifyCode(" ");
  expect(texts(flow)).toEqual(["code: Enter the code from the email."]);
  expect(page.calls).toHaveLength(before + 2);
});

test("when the browser is offline, or Clerk returns 429 or 503, the flow shows a message and keeps its step, and the next attempt succeeds", async ({
  site,
  control,
}) => {
  await create(site);
  const { flow, network } = await opened(site);
  network.isOffline = true;
  await flow.start(known);
  expect(texts(flow)).toEqual([
    "null: You’re offline. Nothing you typed is lost. Connect, then try again.",
  ]);
  network.isOffline = false;
  await flow.start(known);
  const code = await site.newestCode(known);
  await control.faults.set({ api: "fapi", outcome: "429", times: 1 });
  await flow.verifyCode(code);
  expect(texts(flow)[0]).toMatch(/^null: Too many attempts\. Try again in \d+ seconds?\.$/);
  await control.faults.set({ api: "fapi", outcome: "503", times: 1 });
  await flow.verifyCode(code);
  expect(texts(flow)).toEqual([
    "null: The sign-in service did not answer. Nothing you typed is lost. Try again.",
  ]);
  expect(flow.get().step).toBe("needsVerification");
  await flow.verifyCode(code);
  expect(flow.get().step).toBe("complete");
});

test("a double click starts the sign-in once", async ({ site }) => {
  const { page, flow } = await opened(site);
  const before = page.calls.length;
  await Promise.all([flow.start(unknown), flow.start(unknown)]);
  expect(page.calls).toHaveLength(before + 2);
});

test("while a request is on its way, a second click sends nothing, and an empty address shows no error", async ({
  site,
  clock,
}) => {
  const { page, flow } = await opened(site);
  const starting = flow.start(unknown);
  await flow.start("");
  expect(flow.get()).toMatchObject({ isSending: true, errors: [] });
  await starting;
  clock.advance(RESEND_COOLDOWN_MS);
  let sent = page.calls.length;
  await Promise.all([flow.resend(), flow.resend()]);
  expect(page.calls).toHaveLength(sent + 1);
  await flow.verifyCode(await site.newestCode(unknown));
  expect(flow.get().step).toBe("needsNewAccount");
  sent = page.calls.length;
  await Promise.all([flow.createAccount(), flow.createAccount()]);
  const created = page.calls
    .slice(sent)
    .filter((each) => each.startsWith("POST /v1/client/sign_ups"));
  expect(created).toHaveLength(1);
});

test("the response to an attempt that the person left does not change the first step", async ({
  site,
}) => {
  const { flow } = await opened(site);
  const starting = flow.start(unknown);
  flow.restart();
  await starting;
  expect(flow.get()).toEqual({ step: "start", isSending: false, errors: [] });
});

test("after going back and entering the same address, the mailed link still signs in the waiting page", async ({
  site,
  control,
}) => {
  await control.settings.set({ emailVerification: "link" });
  await create(site);
  const { flow } = await opened(site, { linkPath: `${site.appUrl}/enter` });
  await flow.start(known);
  flow.restart();
  await flow.start(known);
  expect(flow.get()).toMatchObject({ step: "needsVerification", method: "link", sent: 1 });
  const complete = when(flow, () => flow.get().step === "complete");
  await openLink(site, known);
  await complete;
});

test("locked and banned accounts, and blocked addresses, are refused with a message", async ({
  site,
  control,
  backend,
}) => {
  const { id } = await create(site);
  await backend.users.lockUser(id);
  const { flow } = await opened(site);
  await flow.start(known);
  expect(texts(flow)[0]).toMatch(/^null: Too many failed attempts: this account is locked\./);
  await backend.users.unlockUser(id);
  await backend.users.banUser(id);
  await flow.start(known);
  expect(texts(flow)).toEqual(["null: This account has been banned. Contact support."]);
  await control.settings.set({ hasBlocklist: true });
  await backend.blocklistIdentifiers.createBlocklistIdentifier({ identifier: unknown });
  await flow.start(unknown);
  await flow.verifyCode(await site.newestCode(unknown));
  await flow.createAccount();
  expect(texts(flow)).toEqual(["email: This email address can’t be used here. Use another one."]);
});

test("on an instance that restricts sign-up, sign-up shows the restriction, and people with an account can sign in", async ({
  site,
  control,
}) => {
  await create(site);
  await control.settings.set({ signUp: "restricted" });
  const join = await opened(site, { purpose: "signUp" });
  await join.flow.start(unknown);
  expect(texts(join.flow)).toEqual(["null: New accounts are by invitation only."]);
  const { flow } = await opened(site);
  await flow.start(known);
  await flow.verifyCode(await site.newestCode(known));
  expect(flow.get().step).toBe("complete");
});

test("a person with an authenticator app must enter its code; after a wrong code the step stays", async ({
  site,
  control,
  clock,
}) => {
  await control.settings.set({ hasSecondFactor: true });
  await create(site);
  const { page, flow, visited } = await opened(site);
  await page.signIn(known, password);
  const totp = await page.clerk.user?.createTOTP();
  const code = () => totpCode(totp?.secret ?? "", clock.now());
  const { backupCodes } = (await page.clerk.user?.verifyTOTP({ code: code() })) ?? {};
  await page.signOut();
  await flow.start(known);
  await flow.verifyCode(await site.newestCode(known));
  expect(flow.get()).toMatchObject({ step: "needsSecondFactor", factor: "totp" });
  const before = page.calls.length;
  await flow.verifySecondFactor(" ");
  expect(texts(flow)).toEqual(["code: Enter the code."]);
  expect(page.calls).toHaveLength(before);
  await flow.verifySecondFactor("000000");
  expect(flow.get()).toMatchObject({ step: "needsSecondFactor", errors: [{ field: "code" }] });
  await flow.chooseSecondFactor("backup_code");
  await flow.verifySecondFactor(backupCodes?.[0] ?? "");
  expect(flow.get().step).toBe("complete");
  expect(visited).toEqual(["after"]);
});

test("a session that must choose an organization opens the task choose-organization", async ({
  site,
  control,
}) => {
  await control.settings.set({ needsOrganization: true });
  await create(site);
  const { flow, visited } = await opened(site);
  await flow.start(known);
  await flow.verifyCode(await site.newestCode(known));
  expect(flow.get().step).toBe("complete");
  expect(visited).toEqual(["choose-organization"]);
});

test("a mailed link opened in any browser signs in the waiting page; an expired link shows a message", async ({
  site,
  control,
  clock,
}) => {
  await control.settings.set({ emailVerification: "both" });
  await create(site);
  const { page, flow } = await opened(site, { linkPath: `${site.appUrl}/enter` });
  await flow.start(known);
  expect(flow.get()).toMatchObject({ method: "code", methods: ["code", "link"] });
  await flow.choose("link");
  expect(flow.get()).toMatchObject({ method: "link", sent: 2 });
  const expired = when(flow, () => flow.get().errors.length > 0);
  clock.advance(600_001);
  await expired;
  expect(texts(flow)).toEqual(["null: That link has expired. Send a new one."]);
  await flow.resend();
  const complete = when(flow, () => flow.get().step === "complete");
  await openLink(site, known);
  await complete;
  expect(page.clerk.user?.primaryEmailAddress?.emailAddress).toBe(known);
});

test("an attempt that has expired at Clerk restarts at the first step, with the reason", async ({
  site,
  clock,
}) => {
  const { flow } = await opened(site);
  await flow.start(unknown);
  const code = await site.newestCode(unknown);
  clock.advance(86_400_001);
  await flow.verifyCode(code);
  expect(flow.get().step).toBe("start");
  expect(texts(flow)).toEqual(["null: This attempt is over. Start again."]);
});

/** Invites an address to an organization. Returns the organization's id and the ticket in the mailed link. */
async function invite(site: Site, emailAddress: string) {
  const owner = await site.backend.users.createUser({ emailAddress: ["owner@example.com"] });
  const { id } = await site.backend.organizations.createOrganization({
    name: "Lantern Rowing",
    createdBy: owner.id,
  });
  const invitation = await site.backend.organizations.createOrganizationInvitation({
    organizationId: id,
    emailAddress,
    role: "org:member",
    inviterUserId: owner.id,
  });
  const ticket = new URL(invitation.url ?? "").searchParams.get("ticket") ?? "";
  return { organizationId: id, ticket };
}

test("an invitation's ticket creates an account without a code, and the new member's organization is active", async ({
  site,
}) => {
  const { organizationId, ticket } = await invite(site, unknown);
  const { page, flow, visited } = await opened(site, { purpose: "signUp" });
  await flow.redeem(ticket);
  expect(flow.get()).toMatchObject({ step: "complete", errors: [] });
  expect(page.clerk.user?.primaryEmailAddress?.emailAddress).toBe(unknown);
  expect(page.clerk.organization?.id).toBe(organizationId);
  expect(visited).toEqual(["after"]);
});

test("an invitation's ticket signs a person with an account in; the used ticket is refused, and the e-mail form still works", async ({
  site,
}) => {
  const { id } = await create(site);
  const { organizationId, ticket } = await invite(site, known);
  const { page, flow } = await opened(site);
  await flow.redeem(ticket);
  expect(flow.get()).toMatchObject({ step: "complete", errors: [] });
  expect(page.clerk.user?.id).toBe(id);
  expect(page.clerk.organization?.id).toBe(organizationId);

  const again = await opened(site);
  await again.flow.redeem(ticket);
  expect(again.flow.get().step).toBe("start");
  expect(again.flow.get().errors).toHaveLength(1);
  expect(again.page.clerk.user ?? null).toBeNull();
  await again.flow.start(known);
  expect(again.flow.get().step).toBe("needsVerification");
});
