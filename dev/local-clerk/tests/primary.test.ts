// The primary address and number: only one that is proven, whichever way it would become so.

import { afterAll, beforeAll, expect, test } from "vitest";
import { controlClient } from "../control/client";
import type { LocalClerk } from "../start";
import { Browser, openSite, type Receiver, type Site } from "../testing/site";

let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let browser: Browser;

beforeAll(async () => {
  ({ clerk, receiver, close } = await openSite());
  const settings = { phone: "optional", username: "optional" } as const;
  await controlClient(clerk.url).settings.set(settings);
  browser = new Browser(clerk, receiver.url);
  const identifier = "kofi.mensah@example.com";
  await browser.answer("POST", "/client/sign_ins", { identifier, password: clerk.password });
});
afterAll(() => close());

const me = async () => (await browser.answer("GET", "/me")).body.response;

test.each([
  ["email_address", "/me/email_addresses", "new@example.org"],
  ["phone_number", "/me/phone_numbers", "+15005550006"],
])("an unverified %s is not made primary", async (field, path, value) => {
  const { body } = await browser.answer("POST", path, { [field]: value });
  const primary = `primary_${field}_id`;
  const before = (await me())[primary];
  const refused = await browser.answer("PATCH", "/me", { [primary]: body.response.id });
  expect([refused.status, refused.code]).toEqual([400, "verification_missing"]);
  expect((await me())[primary]).toBe(before);
});

test("nor does it become so when the primary one goes", async () => {
  await browser.answer("PATCH", "/me", { username: "kofi" });
  const { primary_email_address_id: id, email_addresses: emails } = await me();
  expect(emails).toHaveLength(2);
  expect((await browser.answer("DELETE", `/me/email_addresses/${id}`)).status).toBe(200);
  expect((await me()).primary_email_address_id).toBeNull();
});
