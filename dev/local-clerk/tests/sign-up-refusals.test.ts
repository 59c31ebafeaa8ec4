// Sign-ups that are refused, such as those that are verified twice or continued after completion or abandonment. A sign-up by
// invitation ignores any address other than the invited address.

import { expect } from "vitest";
import { kofi } from "../testing/seeded";
import { test } from "../testing/test";

test.for([
  ["email_address", "twice@example.com", "email_code"],
  ["phone_number", "+447700900143", "phone_code"],
] as const)(
  "a sign-up's verified %s cannot be verified again, and changing a complete sign-up is refused",
  async ([field, value, strategy], { site, control, browser }) => {
    await control.settings.set({ email: "optional", phone: "optional", names: "required" });
    const form = { [field]: value, password: "correct-horse-77" };
    const { response } = (await browser.post("/client/sign_ups", form)).body;
    const path = `/client/sign_ups/${response.id}`;
    const prepare = () => browser.post(`${path}/prepare_verification`, { strategy });
    await prepare();
    const code = await site.newestCode(value);
    const verified = await browser.post(`${path}/attempt_verification`, { strategy, code });
    expect(verified.body.response).toMatchObject({ unverified_fields: [] });
    expect((await prepare()).code).toBe("verification_already_verified");
    const named = await browser.patch(path, { first_name: "A", last_name: "B" });
    expect(named.body.response.status).toBe("complete");
    const late = await browser.patch(path, { first_name: "Late" });
    expect([late.status, late.code]).toEqual([400, "client_state_invalid"]);
  },
);

test("a person who signs up by invitation gets the invited address, even if the person enters another address", async ({
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ signUp: "restricted" });
  const { invitations } = backend;
  const { url } = await invitations.createInvitation({ emailAddress: "guest@example.com" });
  const ticket = new URL(url ?? "").searchParams.get("ticket") ?? "";
  const form = { strategy: "ticket", ticket, email_address: "other@example.com" };
  const { response } = (await browser.post("/client/sign_ups", form)).body;
  expect(response.email_address).toBe("guest@example.com");
  const more = { email_address: "other@example.com", password: "correct-horse-77" };
  const done = await browser.patch(`/client/sign_ups/${response.id}`, more);
  expect(done.body.response).toMatchObject({
    status: "complete",
    email_address: "guest@example.com",
  });
});

test("a sign-up or sign-in abandoned for a day returns 404, and the client's state no longer contains it", async ({
  site,
  clock,
  browser,
}) => {
  const { body: up } = await browser.post("/client/sign_ups", { email_address: "a@example.com" });
  const identifier = kofi.email;
  const reset = { identifier, strategy: "reset_password_email_code" };
  const { body: inn } = await browser.post("/client/sign_ins", reset);
  const signUp = `/client/sign_ups/${up.response.id}`;
  const signIn = `/client/sign_ins/${inn.response.id}`;
  const code = await site.newestCode(identifier);
  const proof = { strategy: reset.strategy, code };
  const verified = await browser.post(`${signIn}/attempt_first_factor`, proof);
  expect(verified.body.response.status).toBe("needs_new_password");
  clock.advance(86_400_000);
  for (const [path, form] of [
    [`${signUp}/prepare_verification`, { strategy: "email_code" }],
    [`${signIn}/prepare_first_factor`, { strategy: "email_code" }],
    [`${signIn}/reset_password`, { password: "another-Harbour-52" }],
  ] as const) {
    const refused = await browser.post(path, { ...form });
    expect([path, refused.status, refused.code]).toEqual([path, 404, "resource_not_found"]);
  }
  const { response } = (await browser.get("/client")).body;
  expect([response.sign_in, response.sign_up]).toEqual([null, null]);
});

test.for([
  ["sign_ups", { email_address: "late@example.com", password: "correct-horse-77" }],
  ["sign_ins", { identifier: kofi.email }],
] as const)(
  "a mailed link does not complete %s that were started a day ago",
  async ([path, form], { site, control, clock, browser }) => {
    await control.settings.set({ emailVerification: "link" });
    const { response } = (await browser.post(`/client/${path}`, form)).body;
    const noun = path === "sign_ups" ? "verification" : "first_factor";
    clock.advance(86_400_000 - 60_000);
    const link = { strategy: "email_link", redirect_url: "/back" };
    await browser.post(`/client/${path}/${response.id}/prepare_${noun}`, link);
    clock.advance(60_000);
    const [to = ""] = Object.values(form);
    const mailed = await site.newestLink(to);
    const led = await browser.fetch("GET", `/verify${mailed.search}`);
    expect(led.headers.get("location")).toContain("/back?__clerk_status=failed");
    expect((await browser.get("/client")).body.response.sessions).toEqual([]);
  },
);

test("a sign-up is refused in restricted or waitlist mode and for a blocked address, and needs legal consent when that is on", async ({
  control,
  backend,
  browser,
}) => {
  const form = { email_address: "x@example.com", password: "correct-horse-77" };
  const codeOf = async () => (await browser.post("/client/sign_ups", form)).body.errors[0].code;
  await control.settings.set({ signUp: "restricted" });
  expect(await codeOf()).toBe("sign_up_mode_restricted");
  await control.settings.set({ signUp: "waitlist" });
  expect(await codeOf()).toBe("sign_up_restricted_waitlist");
  const { body } = await browser.post("/waitlist", { email_address: "x@example.com" });
  expect(body.id).toMatch(/^wle_/);
  await control.settings.set({ signUp: "public", hasBlocklist: true });
  await backend.blocklistIdentifiers.createBlocklistIdentifier({ identifier: "*@example.com" });
  expect(await codeOf()).toBe("not_allowed_access");
  await control.settings.set({ hasBlocklist: false, hasLegalConsent: true });
  const started = await browser.post("/client/sign_ups", form);
  expect(started.body.response.missing_fields).toEqual(["legal_accepted"]);
  const path = `/client/sign_ups/${started.body.response.id}`;
  const agreed = await browser.patch(path, { legal_accepted: "true" });
  expect(agreed.body.response.missing_fields).toEqual([]);
});
