// One-time codes for a user's email address and for an organization's domain follow the same rules.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { amara, northwind } from "../testing/seeded";
import { test as siteTest } from "../testing/test";

const address = "office@northwind.example";

const test = siteTest.extend<{
  /** A browser in which Amara is signed in. */
  admin: Browser;
  sentCode: () => Promise<string>;
}>({
  admin: async ({ signedIn }, use) => use(await signedIn(amara.email)),
  sentCode: ({ site }, use) => use(() => site.newestCode(address)),
});

/**
 * Adds an address and sends its code. Resolves to a function that enters a code. That function resolves to the error code of a
 * refusal, or else to the status of the verification.
 */
async function addEmailAddress(admin: Browser) {
  const base = "/me/email_addresses";
  const { body } = await admin.post(base, { email_address: address });
  const path = `${base}/${body.response.id}`;
  await admin.post(`${path}/prepare_verification`, { strategy: "email_code" });
  return async (code: string) => {
    const attempt = await admin.post(`${path}/attempt_verification`, { code });
    return attempt.code ?? attempt.body.response.verification.status;
  };
}

/**
 * Adds a domain and sends its code. Resolves to a function that enters a code. That function resolves to the error code of a
 * refusal, or else to the status of the verification.
 */
async function addDomain(admin: Browser) {
  const base = `/organizations/${northwind.id}/domains`;
  const { body } = await admin.post(base, { name: "northwind.example" });
  const path = `${base}/${body.response.id}`;
  const form = { affiliation_email_address: address };
  await admin.post(`${path}/prepare_affiliation_verification`, form);
  return async (code: string) => {
    const attempt = await admin.post(`${path}/attempt_affiliation_verification`, { code });
    return attempt.code ?? attempt.body.response.verification.status;
  };
}

const kinds = [
  ["an email address", addEmailAddress],
  ["a domain", addDomain],
] as const;

test.for(kinds)(
  "a wrong code for %s is refused; the right code then verifies once and is refused the second time",
  async ([_, add], { admin, sentCode }) => {
    const attempt = await add(admin);
    expect(await attempt("x")).toBe("form_code_incorrect");
    expect(await attempt(await sentCode())).toBe("verified");
    expect(await attempt(await sentCode())).toBe("verification_already_verified");
  },
);

test.for(kinds)(
  "after five wrong codes for %s the right code is refused too",
  async ([_, add], { admin, sentCode }) => {
    const attempt = await add(admin);
    const codes = [];
    for (let tries = 0; tries < 5; tries += 1) codes.push(await attempt("x"));
    const wrong = "form_code_incorrect";
    expect(codes).toEqual([wrong, wrong, wrong, wrong, "verification_failed"]);
    expect(await attempt(await sentCode())).toBe("verification_failed");
  },
);

test.for(kinds)(
  "a code for %s expires after ten minutes",
  async ([_, add], { admin, clock, sentCode }) => {
    const attempt = await add(admin);
    clock.advance(600_000);
    const code = await sentCode();
    expect([await attempt(code), await attempt(code)]).toEqual([
      "verification_expired",
      "verification_expired",
    ]);
  },
);
