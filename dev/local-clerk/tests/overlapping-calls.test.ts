// Calls that overlap: what is slow to arrive undoes nothing that happened meanwhile. The body of the slow call is held
// back until the other call is answered.

import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, backendOf, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
const userId = derivedId("user", kofi);
let close: Site["close"];
let control: Site["control"];
let receiver: Receiver;
let clerk: LocalClerk;
let browser: Browser;
let sessionId: string;

beforeEach(async () => {
  ({ clerk, control, receiver, close } = await openSite());
  browser = new Browser(clerk, receiver.url);
  const form = { identifier: kofi, password: clerk.password };
  const { body } = await browser.answer("POST", "/client/sign_ins", form);
  sessionId = body.response.created_session_id;
});
afterEach(() => close());

const backend = () => backendOf(clerk);

/** A call that has begun to be answered, told by "100 Continue", and has the rest of its body to come. */
async function begun(path: string, body: string | Buffer, contentType?: string) {
  const url = new URL(`${clerk.url}/fapi/v1${path}`);
  const call = request(url, {
    method: "POST",
    headers: {
      origin: receiver.url,
      cookie: `__client=${browser.cookie("__client")}`,
      "content-type": contentType ?? "application/x-www-form-urlencoded",
      "content-length": Buffer.byteLength(body),
      expect: "100-continue",
    },
  });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    call.on("error", reject);
    call.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
  });
  const started = new Promise((resolve) => call.on("continue", resolve));
  call.flushHeaders();
  await started;
  return {
    finish: () => {
      call.end(body);
      return answered;
    },
  };
}

test("a session that was left stays so, whatever was on its way", async () => {
  const touch = await begun(`/client/sessions/${sessionId}/touch`, "active_organization_id=");
  await browser.answer("POST", `/client/sessions/${sessionId}/remove`);
  expect(await touch.finish()).toBe(404);
  expect((await backend().sessions.getSession(sessionId)).status).toBe("removed");
});

test("a change of the profile keeps what the Backend API changed meanwhile", async () => {
  const change = await begun("/me?_method=PATCH", "last_name=Slow");
  await backend().users.updateUser(userId, { firstName: "Fresh" });
  await backend().users.updateUserMetadata(userId, { publicMetadata: { plan: "gold" } });
  expect(await change.finish()).toBe(200);
  const { firstName, lastName, publicMetadata } = await backend().users.getUser(userId);
  expect([firstName, lastName, publicMetadata.plan]).toEqual(["Fresh", "Slow", "gold"]);
});

test.each([
  ["a change of the profile", "/me?_method=PATCH", "last_name=Late", undefined],
  ["a picture", "/me/profile_image", "GIF89a", "image/gif"],
])("%s that comes too late brings nobody back", async (_, path, body, contentType) => {
  const late = await begun(path, body, contentType);
  await backend().users.deleteUser(userId);
  expect(await late.finish()).toBe(401);
  await expect(backend().users.getUser(userId)).rejects.toMatchObject({ status: 404 });
});

test("a picture that is slow to arrive keeps a name that was given meanwhile", async () => {
  const picture = await begun("/me/profile_image", "GIF89a", "image/gif");
  await browser.answer("PATCH", "/me", { first_name: "Fresh" });
  expect(await picture.finish()).toBe(200);
  expect(await backend().users.getUser(userId)).toMatchObject({
    firstName: "Fresh",
    hasImage: true,
  });
});

test("a code that was right stays so when an older change of the sign-up arrives", async () => {
  browser = new Browser(clerk, receiver.url);
  const form = { email_address: "slow@example.com" };
  const { response } = (await browser.answer("POST", "/client/sign_ups", form)).body;
  const path = `/client/sign_ups/${response.id}`;
  await browser.answer("POST", `${path}/prepare_verification`, { strategy: "email_code" });
  const change = await begun(`${path}?_method=PATCH`, "password=correct-horse-77");
  const code = (await control.outbox.latest("slow@example.com"))?.code ?? "";
  await browser.answer("POST", `${path}/attempt_verification`, { code });
  expect(await change.finish()).toBe(200);
  const { status } = (await browser.answer("GET", path)).body.response;
  expect(status).toBe("complete");
});

// A password takes a while to reckon: what comes after it is answered before it, or else after it, and both stand.

const passwords = ["another-Harbour-52", "another-Harbour-53"];

test("a password that is being changed keeps a name that was given meanwhile", async () => {
  const form = { current_password: clerk.password, new_password: passwords[0] ?? "" };
  const change = browser.answer("POST", "/me/change_password", form);
  await browser.answer("PATCH", "/me", { first_name: "Fresh" });
  expect((await change).status).toBe(200);
  expect((await backend().users.getUser(userId)).firstName).toBe("Fresh");
});

test("of two changes of one password the second is refused", async () => {
  const changes = passwords.map((new_password) =>
    browser.answer("POST", "/me/change_password", {
      current_password: clerk.password,
      new_password,
    }),
  );
  const codes = (await Promise.all(changes)).map(({ code }) => code);
  expect(codes.sort()).toEqual(["form_password_incorrect", undefined]);
});

test("a proved reset sets one password", async () => {
  browser = new Browser(clerk, receiver.url);
  const strategy = "reset_password_email_code";
  const form = { identifier: kofi, strategy };
  const { response } = (await browser.answer("POST", "/client/sign_ins", form)).body;
  const path = `/client/sign_ins/${response.id}`;
  const code = (await control.outbox.latest(kofi))?.code ?? "";
  await browser.answer("POST", `${path}/attempt_first_factor`, { strategy, code });
  const resets = passwords.map((password) =>
    browser.answer("POST", `${path}/reset_password`, { password }),
  );
  const codes = (await Promise.all(resets)).map((each) => each.code);
  expect(codes.sort()).toEqual(["verification_missing", undefined]);
});

test("a session that ends while its person proves who they are has ended", async () => {
  const path = `/client/sessions/${sessionId}`;
  await browser.answer("POST", `${path}/verify`);
  const form = { strategy: "password", password: clerk.password };
  const proof = browser.answer("POST", `${path}/verify/attempt_first_factor`, form);
  await browser.answer("POST", `${path}/remove`);
  await proof;
  expect((await backend().sessions.getSession(sessionId)).status).toBe("removed");
});

test("a code that is right while the sign-up's password is reckoned counts", async () => {
  browser = new Browser(clerk, receiver.url);
  const form = { email_address: "both@example.com" };
  const { response } = (await browser.answer("POST", "/client/sign_ups", form)).body;
  const path = `/client/sign_ups/${response.id}`;
  await browser.answer("POST", `${path}/prepare_verification`, { strategy: "email_code" });
  const code = (await control.outbox.latest("both@example.com"))?.code ?? "";
  const change = browser.answer("PATCH", path, { password: "correct-horse-77" });
  await browser.answer("POST", `${path}/attempt_verification`, { code });
  await change;
  const { status } = (await browser.answer("GET", path)).body.response;
  expect(status).toBe("complete");
});
