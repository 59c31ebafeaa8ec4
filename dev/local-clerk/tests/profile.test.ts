// Changes of the user's own profile: which are refused, and which need reverification.

import { expect } from "vitest";
import type { Settings } from "../instance/settings";
import type { LocalClerk } from "../start";
import type { Browser } from "../testing/browser";
import { openGenuineClient } from "../testing/genuine-client";
import { amara, kofi } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";

async function signIn(
  clerk: LocalClerk,
  control: Site["control"],
  browser: Browser,
  settings: Partial<Settings> = {},
  by = browser,
): Promise<string> {
  await control.settings.set(settings);
  const form = { identifier: kofi.email, password: clerk.password };
  const { body } = await by.post("/client/sign_ins", form);
  return body.response.created_session_id;
}

test("a user with deleteSelfEnabled off cannot delete the account, and the user still exists", async ({
  clerk,
  control,
  backend,
  browser,
}) => {
  await signIn(clerk, control, browser);
  await backend.users.updateUser(kofi.id, { deleteSelfEnabled: false });
  const refused = await browser.delete("/me");
  expect([refused.status, refused.code]).toEqual([403, "user_delete_self_not_enabled"]);
  expect((await backend.users.getUser(kofi.id)).id).toBe(kofi.id);
});

test.for([
  ["is too short", "kof", "form_username_invalid_length"],
  ["is too long", "k".repeat(65), "form_username_invalid_length"],
  ["has a space", "kofi mensah", "form_username_invalid_character"],
  ["has digits only", "12345", "form_username_needs_non_number_char"],
  ["is another user's, in other capitals", "Amara", "form_identifier_exists"],
] as const)(
  "a username that %s is refused",
  async ([_, username, code], { clerk, control, backend, browser }) => {
    await signIn(clerk, control, browser, { username: "optional" });
    await backend.users.updateUser(amara.id, { username: "amara" });
    expect((await browser.patch("/me", { username: "kofi_m" })).status).toBe(200);
    const refused = await browser.patch("/me", { username });
    expect([refused.status, refused.code]).toEqual([422, code]);
    expect((await backend.users.getUser(kofi.id)).username).toBe("kofi_m");
  },
);

test("submitting an empty username removes the username, unless it is required; when usernames are off, the field is refused as unknown", async ({
  clerk,
  control,
  browser,
}) => {
  await signIn(clerk, control, browser, { username: "optional" });
  await browser.patch("/me", { username: "kofi_m" });
  expect((await browser.patch("/me", { username: "" })).body.response.username).toBeNull();
  await control.settings.set({ username: "required" });
  const needed = await browser.patch("/me", { username: "" });
  expect([needed.status, needed.code]).toEqual([422, "form_param_missing"]);
  await control.settings.set({ username: "off" });
  const unknown = await browser.patch("/me", { username: "kofi_m" });
  expect([unknown.status, unknown.code]).toEqual([422, "form_param_unknown"]);
});

test("a username that is the only identifier cannot be removed", async ({
  clerk,
  control,
  browser,
}) => {
  await signIn(clerk, control, browser, { username: "optional" });
  await browser.patch("/me", { username: "kofi_m" });
  const [address] = (await browser.get("/me/email_addresses")).body;
  expect((await browser.delete(`/me/email_addresses/${address.id}`)).status).toBe(200);
  const refused = await browser.patch("/me", { username: "" });
  expect([refused.status, refused.code]).toEqual([400, "identification_deletion_failed"]);
});

test("a missing, unsupported or too large picture is refused, and so is removing a picture that does not exist", async ({
  clerk,
  control,
  browser,
}) => {
  const session = await signIn(clerk, control, browser);
  const upload = (file: Blob | null) => browser.upload("POST", "/me/profile_image", session, file);
  for (const nothing of [null, new Blob([], { type: "image/png" })]) {
    expect(await upload(nothing)).toMatchObject({ status: 400, code: "form_param_missing" });
  }
  const script = new Blob(["<svg/>"], { type: "image/svg+xml" });
  expect(await upload(script)).toMatchObject({ status: 422, code: "form_param_format_invalid" });
  const large = new Blob([new Uint8Array(10_000_001)], { type: "image/png" });
  expect(await upload(large)).toMatchObject({ status: 422, code: "form_param_format_invalid" });
  const removed = await browser.delete("/me/profile_image");
  expect([removed.status, removed.code]).toEqual([404, "image_not_found"]);
});

test("clerk-js uploads a picture that the page gives as a Base64 string; a string that is no picture is refused", async ({
  site,
  clerk,
}) => {
  const page = await openGenuineClient(site);
  await page.signIn(amara.email, clerk.password);
  const png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await page.clerk.user?.setProfileImage({ file: `data:image/png;base64,${png}` });
  await page.clerk.organization?.setLogo({ file: png });
  const refused = page.clerk.user?.setProfileImage({ file: "bm8gcGljdHVyZQ==" });
  await expect(refused).rejects.toThrow("file must be an image.");
  await page.clerk.user?.reload();
  expect([page.clerk.user?.hasImage, page.clerk.organization?.hasImage]).toEqual([true, true]);
});

const freshPassword = { new_password: "another-Harbour-52" };

test("changing an identifier, a device or the password needs reverification, after which the current password is not needed", async ({
  site,
  clerk,
  control,
  clock,
  backend,
  browser,
}) => {
  const own = await signIn(clerk, control, browser, {
    needsReverification: true,
    username: "optional",
  });
  const otherSession = await signIn(clerk, control, browser, {}, site.newBrowser());
  const { primaryEmailAddressId } = await backend.users.getUser(kofi.id);
  clock.advance(10 * 60_000);
  const sensitive = [
    ["PATCH", "/me", { username: "kofi_m" }],
    ["PATCH", "/me", { primary_email_address_id: primaryEmailAddressId ?? "" }],
    ["POST", `/me/sessions/${otherSession}/revoke`, {}],
    ["POST", "/me/change_password", freshPassword],
  ] as const;
  for (const [method, path, form] of sensitive) {
    const { code } = await browser.call(method, path, form);
    expect([path, code]).toEqual([path, "session_reverification_required"]);
  }
  expect((await browser.patch("/me", { first_name: "Kwame" })).status).toBe(200);
  const verify = `/client/sessions/${own}/verify`;
  await browser.post(verify);
  const proof = { strategy: "password", password: clerk.password };
  await browser.post(`${verify}/attempt_first_factor`, proof);
  for (const [method, path, form] of sensitive) {
    expect([path, (await browser.call(method, path, form)).status]).toEqual([path, 200]);
  }
});

test("without reverification, setting a new password needs the current password", async ({
  clerk,
  control,
  browser,
}) => {
  await signIn(clerk, control, browser);
  const refused = await browser.post("/me/change_password", freshPassword);
  expect([refused.status, refused.code]).toEqual([422, "form_password_incorrect"]);
});

test("a password change can sign out the user's other sessions, and a too short password is refused", async ({
  site,
  clerk,
  control,
  browser,
}) => {
  const own = await signIn(clerk, control, browser);
  await signIn(clerk, control, browser, {}, site.newBrowser());
  const ids = async () =>
    (await browser.get("/me/sessions")).body.map(({ id }: { id: string }) => id);
  const change = (more: Record<string, string>) =>
    browser.post("/me/change_password", { current_password: clerk.password, ...more });
  const short = await change({ new_password: "short" });
  expect(short.body.errors[0]).toMatchObject({
    code: "form_password_length_too_short",
    meta: { param_name: "new_password" },
  });
  const same = { new_password: clerk.password };
  await change({ ...same, sign_out_of_other_sessions: "false" });
  expect(await ids()).toHaveLength(2);
  await change({ ...same, sign_out_of_other_sessions: "true" });
  expect(await ids()).toEqual([own]);
});

test("a new address can be added, verified and made primary, and the only address left cannot be removed", async ({
  site,
  browser,
}) => {
  await browser.signIn(kofi.email);
  const base = "/me/email_addresses";
  const { body } = await browser.post(base, { email_address: "new@example.org" });
  const { id } = body.response;
  await browser.post(`${base}/${id}/prepare_verification`, { strategy: "email_code" });
  const code = await site.newestCode("new@example.org");
  await browser.post(`${base}/${id}/attempt_verification`, { code });
  await browser.get(`${base}/${id}`);
  await browser.patch("/me", { primary_email_address_id: id });
  const [previous] = (await browser.get(base)).body;
  await browser.delete(`${base}/${previous.id}`);
  const last = await browser.delete(`${base}/${id}`);
  expect(last.body.errors[0].code).toBe("identification_deletion_failed");
  const taken = await browser.post(base, { email_address: amara.email });
  expect(taken.body.errors[0].code).toBe("form_identifier_exists");
});
