// The metadata that a user's own browser may change.

import { expect } from "vitest";
import { openGenuineClient } from "../testing/genuine-client";
import { kofi } from "../testing/seeded";
import { test } from "../testing/test";

test("clerk-js can update unsafe metadata: objects are merged, and null removes a key", async ({
  site,
  clerk,
  backend,
}) => {
  const page = await openGenuineClient(site);
  await page.signIn(kofi.email, clerk.password);
  const { user } = page.clerk;
  await user?.update({ unsafeMetadata: { theme: { dark: true, size: 2 }, beta: true } });
  expect(user?.unsafeMetadata).toEqual({ theme: { dark: true, size: 2 }, beta: true });
  await user?.updateMetadata({ unsafeMetadata: { theme: { size: null, font: "Geist" } } });
  const merged = { theme: { dark: true, font: "Geist" }, beta: true };
  expect(user?.unsafeMetadata).toEqual(merged);
  expect((await backend.users.getUser(kofi.id)).unsafeMetadata).toEqual(merged);
  // clerk-js's `update` replaces the whole metadata. To do so, clerk-js sends a merge patch with the differences from the old
  // metadata.
  await user?.update({ firstName: "Kwame", unsafeMetadata: { beta: false } });
  expect(user?.firstName).toBe("Kwame");
  expect(user?.unsafeMetadata).toEqual({ beta: false });
});

test("a missing, non-object or too large metadata patch is refused, and so is metadata in PATCH /v1/me of Clerk's current API version", async ({
  browser,
}) => {
  await browser.signIn(kofi.email);
  const patch = async (unsafe_metadata?: string) =>
    browser.patch("/me/metadata", unsafe_metadata === undefined ? {} : { unsafe_metadata });
  expect((await patch()).code).toBe("form_param_missing");
  for (const wrong of ["[1]", "{", `{"a":"${"a".repeat(9000)}"}`]) {
    expect(await patch(wrong)).toMatchObject({ status: 422, code: "form_param_format_invalid" });
  }
  await patch(JSON.stringify({ a: "a".repeat(5000) }));
  const grown = await patch(JSON.stringify({ b: "b".repeat(5000) }));
  expect(grown).toMatchObject({ status: 422, code: "form_param_format_invalid" });
  const unsafe_metadata = '{"a":1}';
  expect((await browser.patch("/me", { unsafe_metadata })).status).toBe(200);
  const url = "/me?__clerk_api_version=2026-08-20&_method=PATCH";
  const refused = await browser.post(url, { unsafe_metadata });
  expect([refused.status, refused.code]).toEqual([422, "form_param_unknown"]);
});
