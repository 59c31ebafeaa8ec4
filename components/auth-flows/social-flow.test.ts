// Tests the flows with Google and Apple, with the genuine clerk-js against the local Clerk's identity provider.

import { expect } from "vitest";
import { hookedResources, openGenuineClient } from "@/dev/local-clerk/testing/genuine-client";
import type { Site } from "@/dev/local-clerk/testing/site";
import { test as siteTest } from "@/dev/local-clerk/testing/test";
import { type SocialFlowOptions, socialFlow } from "./social-flow";

const email = "nadia@example.com";
const as = { email, first_name: "Nadia", last_name: "Haddad" };
const test = siteTest.extend({ settings: { hasSocial: true } });

/** Creates one browser. Each call of `flow` opens another page in it, with a new flow. */
async function opened(site: Site, purpose: SocialFlowOptions["purpose"]) {
  const page = await openGenuineClient(site);
  const resources = hookedResources(page);
  const network = { isOffline: false };
  const flow = () =>
    socialFlow(
      {
        ...resources,
        navigate: () => undefined,
        isOffline: () => network.isOffline,
        now: () => site.clock.now(),
      },
      { purpose, afterPath: `${site.appUrl}/home`, returnPath: `${site.appUrl}/enter?sso=return` },
    );
  return { page, flow, network };
}

for (const purpose of ["signIn", "signUp"] as const) {
  test(`with Google, ${purpose}: an unknown person gets an account, and the same person is signed in again`, async ({
    site,
  }) => {
    const { page, flow } = await opened(site, purpose);
    const first = flow();
    await first.start("google");
    expect(first.get()).toMatchObject({ step: "leaving", provider: "google" });
    const back = await page.finishOauth(as);
    const afterFirst = flow();
    if (back.startsWith("/enter")) await afterFirst.resume();
    expect(page.clerk.client?.signedInSessions[0]?.user.primaryEmailAddress?.emailAddress).toBe(
      email,
    );
    await page.signOut();
    hookedResources(page);
    const second = flow();
    await second.start("apple");
    if ((await page.finishOauth(as)).startsWith("/enter")) await flow().resume();
    expect(page.clerk.client?.signedInSessions).toHaveLength(1);
    expect(await site.backend.users.getCount({ emailAddress: [email] })).toBe(1);
  });

  test(`with Google, ${purpose}: denied access shows a message, and another attempt succeeds`, async ({
    site,
  }) => {
    const { page, flow } = await opened(site, purpose);
    await flow().start("google");
    await page.finishOauth({ error: "access_denied" });
    const returned = flow();
    await returned.resume();
    expect(returned.get()).toMatchObject({
      step: "start",
      errors: [{ code: "oauth_access_denied", field: null }],
    });
    await returned.start("google");
    if ((await page.finishOauth(as)).startsWith("/enter")) await flow().resume();
    expect(page.clerk.client?.signedInSessions).toHaveLength(1);
  });
}

test("a person who presses Back on the provider's page can choose a provider again", async ({
  site,
}) => {
  const { flow } = await opened(site, "signIn");
  const page = flow();
  await page.start("google");
  page.cancel();
  expect(page.get()).toEqual({ step: "start", errors: [] });
  await page.start("apple");
  expect(page.get()).toMatchObject({ step: "leaving", provider: "apple" });
});

test("a double click on a provider's button, and a return page whose effect runs twice, send each request once", async ({
  site,
}) => {
  const { page, flow } = await opened(site, "signIn");
  const first = flow();
  let sent = page.calls.length;
  await Promise.all([first.start("google"), first.start("google")]);
  expect(page.calls).toHaveLength(sent + 1);
  await page.finishOauth(as);
  const returned = flow();
  sent = page.calls.length;
  await Promise.all([returned.resume(), returned.resume()]);
  expect(returned.get().step).toBe("complete");
  const created = page.calls
    .slice(sent)
    .filter((each) => each.startsWith("POST /v1/client/sign_ups"));
  expect(created).toHaveLength(1);
});

test("a return page that is opened without an OAuth attempt shows the form", async ({ site }) => {
  const { flow } = await opened(site, "signIn");
  const page = flow();
  await page.resume();
  expect(page.get()).toEqual({ step: "start", errors: [] });
});

test("after the return from the provider, the flow asks for the further details that the instance requires", async ({
  site,
  control,
}) => {
  await control.settings.set({ hasLegalConsent: true });
  const { page, flow } = await opened(site, "signUp");
  await flow().start("google");
  await page.finishOauth(as);
  const returned = flow();
  await returned.resume();
  expect(returned.get()).toMatchObject({ step: "needsDetails", fields: ["legalAccepted"] });
});

test("the flow shows a message when the connection is lost, the provider is disabled or the account is banned", async ({
  site,
  control,
  backend,
}) => {
  const { id } = await backend.users.createUser({
    emailAddress: [email],
    skipPasswordRequirement: true,
  });
  await backend.users.banUser(id);
  const { page, flow, network } = await opened(site, "signIn");
  const first = flow();
  network.isOffline = true;
  await first.start("google");
  expect(first.get()).toMatchObject({ step: "start", errors: [{ code: "offline" }] });
  network.isOffline = false;
  await first.start("google");
  await page.finishOauth(as);
  const returned = flow();
  await returned.resume();
  expect(returned.get().errors.map(({ text }) => text)).toEqual([
    "This account has been banned. Contact support.",
  ]);
  await control.settings.set({ hasSocial: false });
  const off = flow();
  await off.start("google");
  expect(off.get()).toMatchObject({ step: "start", errors: [{ field: null }] });
});
