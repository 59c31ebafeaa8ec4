// The same rules for a code wherever it is entered: an email address and a domain of an organization.

import { afterEach, beforeEach, expect, test } from "vitest";
import { derivedId } from "../ids";
import { Browser, openSite, type Site } from "../testing/site";

const northwind = derivedId("org", "northwind-press");
const address = "office@northwind.example";
let site: Site;
let browser: Browser;

beforeEach(async () => {
  site = await openSite();
  browser = new Browser(site.clerk, site.receiver.url);
  const identifier = "amara.okafor@example.com";
  const form = { identifier, password: site.clerk.password, strategy: "password" };
  await browser.answer("POST", "/client/sign_ins", form);
});
afterEach(() => site.close());

/** Sends a code for a new address; the result attempts it and returns the error code, or the status. */
async function emailAddress() {
  const base = "/me/email_addresses";
  const { body } = await browser.answer("POST", base, { email_address: address });
  const path = `${base}/${body.response.id}`;
  await browser.answer("POST", `${path}/prepare_verification`, { strategy: "email_code" });
  return async (code: string) => {
    const attempt = await browser.answer("POST", `${path}/attempt_verification`, { code });
    return attempt.code ?? attempt.body.response.verification.status;
  };
}

async function domain() {
  const base = `/organizations/${northwind}/domains`;
  const { body } = await browser.answer("POST", base, { name: "northwind.example" });
  const path = `${base}/${body.response.id}`;
  const form = { affiliation_email_address: address };
  await browser.answer("POST", `${path}/prepare_affiliation_verification`, form);
  return async (code: string) => {
    const attempt = await browser.answer("POST", `${path}/attempt_affiliation_verification`, {
      code,
    });
    return attempt.code ?? attempt.body.response.verification.status;
  };
}

const sentCode = async () => (await site.control.outbox.latest(address))?.code ?? "";
const sides = [
  ["an email address", emailAddress],
  ["a domain", domain],
] as const;

test.each(sides)(
  "a wrong code for %s is refused, then the right one verifies once",
  async (_, side) => {
    const attempt = await side();
    expect(await attempt("x")).toBe("form_code_incorrect");
    expect(await attempt(await sentCode())).toBe("verified");
    expect(await attempt(await sentCode())).toBe("verification_already_verified");
  },
);

test.each(sides)(
  "five wrong codes for %s fail the verification for the right code too",
  async (_, side) => {
    const attempt = await side();
    const codes = [];
    for (let tries = 0; tries < 5; tries += 1) codes.push(await attempt("x"));
    const wrong = "form_code_incorrect";
    expect(codes).toEqual([wrong, wrong, wrong, wrong, "verification_failed"]);
    expect(await attempt(await sentCode())).toBe("verification_failed");
  },
);

test.each(sides)("a code for %s expires after ten minutes", async (_, side) => {
  const attempt = await side();
  await site.control.clock.advance(600_000);
  const code = await sentCode();
  expect([await attempt(code), await attempt(code)]).toEqual([
    "verification_expired",
    "verification_expired",
  ]);
});
