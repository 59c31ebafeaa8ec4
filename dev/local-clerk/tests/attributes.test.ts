// The attributes of users: each is required or optional on its own.

import { expect } from "vitest";
import type { Settings } from "../instance/settings";
import type { Browser } from "../testing/browser";
import { test } from "../testing/test";

const password = "correct-horse-77";
const email_address = "nadia@example.com";
const phone_number = "+447700900143";

async function attributesOf(browser: Browser) {
  const { attributes } = (await browser.get("/environment")).body.user_settings;
  const of = ({ enabled, required }: { enabled: boolean; required: boolean }) =>
    enabled ? (required ? "required" : "optional") : "off";
  return {
    email: of(attributes.email_address),
    phone: of(attributes.phone_number),
    username: of(attributes.username),
    names: of(attributes.first_name),
    password: of(attributes.password),
  };
}

const states = ["off", "optional", "required"] as const;

test("the environment reports for each attribute whether it is off, optional or required, independently of the others", async ({
  control,
  browser,
}) => {
  for (const [place, state] of states.entries()) {
    const next = states[(place + 1) % 3] ?? "off";
    const given = { email: state, phone: next, username: state, names: next, password: state };
    await control.settings.set(given);
    expect(await attributesOf(browser)).toEqual(given);
  }
});

test.for<[Partial<Settings>, string[], string[]]>([
  [
    { email: "required", phone: "optional" },
    ["email_address", "password"],
    ["first_name", "last_name", "phone_number"],
  ],
  [
    { email: "required", phone: "required" },
    ["email_address", "phone_number", "password"],
    ["first_name", "last_name"],
  ],
  [
    { email: "optional", phone: "required", password: "optional", names: "off" },
    ["phone_number"],
    ["email_address", "password"],
  ],
  [
    { email: "off", username: "required", names: "required" },
    ["username", "first_name", "last_name", "password"],
    [],
  ],
])(
  "with the settings %o, the required fields of a sign-up are %o",
  async ([settings, required, optional], { control, browser }) => {
    await control.settings.set(settings);
    const { response } = (await browser.post("/client/sign_ups", {})).body;
    expect(response.required_fields).toEqual(required);
    expect(response.missing_fields).toEqual(required);
    expect(response.optional_fields.sort()).toEqual(optional);
  },
);

test("when no identifier is required, a sign-up needs one identifier of any kind", async ({
  control,
  browser,
}) => {
  await control.settings.set({ email: "optional", phone: "optional", username: "optional" });
  const identifiers: Record<string, string>[] = [
    { email_address },
    { phone_number },
    { username: "nadia" },
  ];
  for (const given of identifiers) {
    const { response } = (await browser.post("/client/sign_ups", { ...given, password })).body;
    expect(response.missing_fields).toEqual([]);
  }
});

test("a sign-up verifies an optional number after the required address, and the new user has both", async ({
  site,
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ email: "required", phone: "optional" });
  const form = { email_address, phone_number, password };
  const path = await browser.startSignUp(form);
  const begun = (await browser.get(path)).body.response;
  expect(begun.unverified_fields).toEqual(["email_address", "phone_number"]);
  const byMail = { strategy: "email_code", code: await site.newestCode(email_address) };
  const half = await browser.post(`${path}/attempt_verification`, byMail);
  expect(half.body.response).toMatchObject({
    status: "missing_requirements",
    unverified_fields: ["phone_number"],
  });
  await browser.post(`${path}/prepare_verification`, { strategy: "phone_code" });
  const byText = { strategy: "phone_code", code: await site.newestCode(phone_number) };
  const done = await browser.post(`${path}/attempt_verification`, byText);
  expect(done.body.response.status).toBe("complete");
  const user = await backend.users.getUser(done.body.response.created_user_id);
  expect(user.primaryEmailAddress?.emailAddress).toBe(email_address);
  expect(user.primaryPhoneNumber?.phoneNumber).toBe(phone_number);
});

test("without verification at sign-up, the user is created immediately with a reserved address, and can sign in with the password", async ({
  site,
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ verifiesAtSignUp: false, phone: "optional" });
  const form = { email_address, phone_number, password };
  const { response } = (await browser.post("/client/sign_ups", form)).body;
  expect(response).toMatchObject({ status: "complete", unverified_fields: [] });
  const user = await backend.users.getUser(response.created_user_id);
  expect(user.emailAddresses.map(({ verification }) => verification)).toEqual([null]);
  expect(user.phoneNumbers.map(({ verification }) => verification)).toEqual([null]);
  const other = site.newBrowser();
  const taken = await other.post("/client/sign_ups", { ...form, phone_number: "+447700900144" });
  expect(taken.code).toBe("form_identifier_exists");
  const signedIn = await other.signIn(email_address, password);
  expect(signedIn.body.response.status).toBe("complete");
  const { user_settings } = (await browser.get("/environment")).body;
  expect(user_settings.attributes.email_address.verify_at_sign_up).toBe(false);
});

test("with passwords off, a sign-up with a password is refused, and sign-in does not offer a password", async ({
  site,
  control,
  browser,
}) => {
  await control.settings.set({ password: "off" });
  const refused = await browser.post("/client/sign_ups", { email_address, password });
  expect([refused.status, refused.code]).toEqual([422, "form_param_unknown"]);
  const path = await browser.startSignUp({ email_address });
  const code = await site.newestCode(email_address);
  const done = await browser.post(`${path}/attempt_verification`, { code });
  expect(done.body.response.status).toBe("complete");
  const other = site.newBrowser();
  const { response } = (await other.post("/client/sign_ins", { identifier: email_address })).body;
  const strategies = response.supported_first_factors.map(
    ({ strategy }: { strategy: string }) => strategy,
  );
  expect(strategies).toEqual(["email_code"]);
});
