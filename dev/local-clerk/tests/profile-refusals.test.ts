// What a profile refuses to its own person, and what it asks for again first.

import { afterEach, beforeEach, expect, test } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { MovableClock } from "../clock";
import type { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { Settings } from "../instance/settings";
import type { LocalClerk } from "../start";
import { Browser, backendOf, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
const userId = derivedId("user", kofi);
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let control: ReturnType<typeof controlClient>;
let clock: MovableClock;
let browser: Browser;

beforeEach(async () => {
  clock = new MovableClock();
  ({ clerk, control, receiver, close } = await openSite(clock));
  browser = new Browser(clerk, receiver.url);
});
afterEach(() => close());

const answer = (method: string, path: string, form?: Record<string, string>) =>
  browser.answer(method, path, form);

const users = () => backendOf(clerk).users;

async function signIn(settings: Partial<Settings> = {}, by = browser): Promise<string> {
  await control.settings.set(settings);
  const form = { identifier: kofi, password: clerk.password };
  const { body } = await by.answer("POST", "/client/sign_ins", form);
  return body.response.created_session_id;
}

test("whoever may not delete themselves is refused, and stays", async () => {
  await signIn();
  await users().updateUser(userId, { deleteSelfEnabled: false });
  const refused = await answer("DELETE", "/me");
  expect([refused.status, refused.code]).toEqual([403, "user_delete_self_not_enabled"]);
  expect((await users().getUser(userId)).id).toBe(userId);
});

test.each([
  ["is too short", "kof", "form_username_invalid_length"],
  ["is too long", "k".repeat(65), "form_username_invalid_length"],
  ["has a space", "kofi mensah", "form_username_invalid_character"],
  ["is a number", "12345", "form_username_needs_non_number_char"],
  ["is somebody else's, in capitals as well", "Amara", "form_identifier_exists"],
])("a username that %s is refused", async (_, username, code) => {
  await signIn({ username: "optional" });
  const amara = derivedId("user", "amara.okafor@example.com");
  await users().updateUser(amara, { username: "amara" });
  expect((await answer("PATCH", "/me", { username: "kofi_m" })).status).toBe(200);
  const refused = await answer("PATCH", "/me", { username });
  expect([refused.status, refused.code]).toEqual([422, code]);
  expect((await users().getUser(userId)).username).toBe("kofi_m");
});

test("a username is taken away by an empty one, unless it is required; where there are none it is an unknown field", async () => {
  await signIn({ username: "optional" });
  await answer("PATCH", "/me", { username: "kofi_m" });
  expect((await answer("PATCH", "/me", { username: "" })).body.response.username).toBeNull();
  await control.settings.set({ username: "required" });
  const needed = await answer("PATCH", "/me", { username: "" });
  expect([needed.status, needed.code]).toEqual([422, "form_param_missing"]);
  await control.settings.set({ username: "off" });
  const unknown = await answer("PATCH", "/me", { username: "kofi_m" });
  expect([unknown.status, unknown.code]).toEqual([422, "form_param_unknown"]);
});

test("a username that is all that somebody is known by stays", async () => {
  await signIn({ username: "optional" });
  await answer("PATCH", "/me", { username: "kofi_m" });
  const [address] = (await answer("GET", "/me/email_addresses")).body;
  expect((await answer("DELETE", `/me/email_addresses/${address.id}`)).status).toBe(200);
  const refused = await answer("PATCH", "/me", { username: "" });
  expect([refused.status, refused.code]).toEqual([400, "identification_deletion_failed"]);
});

async function upload(session: string, file: Blob | null) {
  const body = new FormData();
  if (file) body.set("file", file, "picture");
  const path = `/fapi/v1/me/profile_image?_clerk_session_id=${session}`;
  const headers = { origin: receiver.url, cookie: `__client=${browser.cookie("__client")}` };
  const response = await fetch(`${clerk.url}${path}`, { method: "POST", headers, body });
  return [response.status, (await response.json()).errors[0].code];
}

test("a picture that is none, of another kind or too large is not kept; nor is none removed", async () => {
  const session = await signIn();
  for (const nothing of [null, new Blob([], { type: "image/png" })]) {
    expect(await upload(session, nothing)).toEqual([400, "form_param_missing"]);
  }
  const script = new Blob(["<svg/>"], { type: "image/svg+xml" });
  expect(await upload(session, script)).toEqual([422, "form_param_format_invalid"]);
  const large = new Blob([new Uint8Array(10_000_001)], { type: "image/png" });
  expect(await upload(session, large)).toEqual([422, "form_param_format_invalid"]);
  const removed = await answer("DELETE", "/me/profile_image");
  expect([removed.status, removed.code]).toEqual([404, "image_not_found"]);
});

test("a second factor is not replaced unseen, and has no backup codes without it", async () => {
  await signIn({ hasSecondFactor: true });
  expect((await answer("POST", "/me/backup_codes")).code).toBe("backup_codes_not_available");
  const { secret } = (await answer("POST", "/me/totp")).body.response;
  await answer("POST", "/me/totp/attempt_verification", { code: totpCode(secret, clock.now()) });
  expect((await answer("POST", "/me/totp")).code).toBe("totp_already_enabled");
  expect((await users().getUser(userId)).totpEnabled).toBe(true);
});

const freshPassword = { new_password: "another-Harbour-52" };

test("what somebody is known by, a device and a password ask for a proof; then not for the old password", async () => {
  const own = await signIn({ needsReverification: true, username: "optional" });
  const elsewhere = await signIn({}, new Browser(clerk, receiver.url));
  const { primaryEmailAddressId } = await users().getUser(userId);
  clock.advance(10 * 60_000);
  const sensitive = [
    ["PATCH", "/me", { username: "kofi_m" }],
    ["PATCH", "/me", { primary_email_address_id: primaryEmailAddressId ?? "" }],
    ["POST", `/me/sessions/${elsewhere}/revoke`, {}],
    ["POST", "/me/change_password", freshPassword],
  ] as const;
  for (const [method, path, form] of sensitive) {
    const { code } = await answer(method, path, form);
    expect([path, code]).toEqual([path, "session_reverification_required"]);
  }
  expect((await answer("PATCH", "/me", { first_name: "Kwame" })).status).toBe(200);
  const verify = `/client/sessions/${own}/verify`;
  await answer("POST", verify);
  const proof = { strategy: "password", password: clerk.password };
  await answer("POST", `${verify}/attempt_first_factor`, proof);
  for (const [method, path, form] of sensitive) {
    expect([path, (await answer(method, path, form)).status]).toEqual([path, 200]);
  }
});

test("where nobody is asked again, the old password is", async () => {
  await signIn();
  const refused = await answer("POST", "/me/change_password", freshPassword);
  expect([refused.status, refused.code]).toEqual([422, "form_password_incorrect"]);
});

test("a changed password signs out the other devices when it is asked for, and must be long enough", async () => {
  const own = await signIn();
  await signIn({}, new Browser(clerk, receiver.url));
  const ids = async () =>
    (await answer("GET", "/me/sessions")).body.map(({ id }: { id: string }) => id);
  const change = (more: Record<string, string>) =>
    answer("POST", "/me/change_password", { current_password: clerk.password, ...more });
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
