// Links in mails that complete a sign-up or a sign-in.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { kofi } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";

/** Opens the link in the newest mail. Resolves to the path that the link redirects to, with status and session in the query. */
async function openLink(site: Site, browser: Browser, to: string) {
  const link = await site.newestLink(to);
  const response = await browser.fetch("GET", `/verify${link.search}`);
  const target = new URL(response.headers.get("location") ?? "");
  return {
    path: target.pathname,
    status: target.searchParams.get("__clerk_status"),
    sessionId: target.searchParams.get("__clerk_created_session"),
  };
}

test("a mailed link completes a sign-up once, even when it is opened in another browser", async ({
  site,
  control,
  browser,
}) => {
  await control.settings.set({ emailVerification: "link" });
  const email = "linked@example.com";
  const form = { email_address: email, password: "correct-horse-77" };
  const { body } = await browser.post("/client/sign_ups", form);
  const path = `/client/sign_ups/${body.response.id}`;
  expect(body.response.verifications.email_address.supported_strategies).toEqual(["email_link"]);
  const byCode = await browser.post(`${path}/prepare_verification`, { strategy: "email_code" });
  expect(byCode.code).toBe("strategy_for_user_invalid");
  const foreign = { strategy: "email_link", redirect_url: "http://evil.example/" };
  expect((await browser.post(`${path}/prepare_verification`, foreign)).code).toBe(
    "invalid_redirect_url",
  );
  const own = { strategy: "email_link", redirect_url: "/sign-up/verify" };
  const prepared = await browser.post(`${path}/prepare_verification`, own);
  expect(prepared.body.response.verifications.email_address.strategy).toBe("email_link");
  const guess = await browser.post(`${path}/attempt_verification`, { code: "123456" });
  expect(guess.code).toBe("strategy_for_user_invalid");
  const otherBrowser = await openLink(site, site.newBrowser(), email);
  expect(otherBrowser).toMatchObject({ path: "/sign-up/verify", status: "verified" });
  const done = await browser.get(path);
  expect(done.body.response).toMatchObject({
    status: "complete",
    created_session_id: otherBrowser.sessionId,
  });
  expect((await openLink(site, browser, email)).status).toBe("failed");
  const unknown = await browser.fetch("GET", "/verify?token=sign_up.sua_none.x");
  expect(unknown.headers.get("location")).toContain("__clerk_status=failed");
});

test("a mailed link signs in; an expired link or a link with a wrong secret does not", async ({
  site,
  control,
  clock,
  browser,
}) => {
  await control.settings.set({ emailVerification: "both" });
  const started = await browser.post("/client/sign_ins", { identifier: kofi.email });
  const { id, supported_first_factors: factors } = started.body.response;
  const strategies = factors.map(({ strategy }: { strategy: string }) => strategy);
  expect(strategies).toEqual(expect.arrayContaining(["email_link", "email_code"]));
  const form = { strategy: "email_link", redirect_url: "/sign-in/verify" };
  const prepare = `/client/sign_ins/${id}/prepare_first_factor`;
  await browser.post(prepare, form);
  const wrong = await browser.fetch("GET", `/verify?token=sign_in.${id}.guessed`);
  expect(wrong.headers.get("location")).toContain("/sign-in/verify?__clerk_status=failed");
  clock.advance(601_000);
  expect((await openLink(site, browser, kofi.email)).status).toBe("expired");
  await browser.post(prepare, form);
  const opened = await openLink(site, browser, kofi.email);
  expect(opened.status).toBe("verified");
  const { body } = await browser.get("/client");
  expect(body.response.last_active_session_id).toBe(opened.sessionId);
});
