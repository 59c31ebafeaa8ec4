// Overlapping calls of the Frontend API. A call that waits for its body or a password hash must not undo what another call has
// changed meanwhile.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { callWithLateBody } from "../testing/late-body";
import { kofi } from "../testing/seeded";
import { test as siteTest } from "../testing/test";

type LateCall = { path: string; body: string; contentType?: string };

const test = siteTest.extend<{
  /** A browser in which Kofi is signed in. */
  profile: Browser;
  sessionId: string;
  /** Sends a call whose body arrives after `meanwhile` has run. Resolves to the response's status. */
  sendLate: (call: LateCall, meanwhile: () => Promise<unknown>, by?: Browser) => Promise<unknown>;
}>({
  profile: async ({ signedIn }, use) => use(await signedIn(kofi.email)),
  sessionId: async ({ profile }, use) => {
    const { body } = await profile.get("/client");
    await use(body.response.last_active_session_id);
  },
  sendLate: async ({ site, clerk, profile }, use) =>
    use(({ path, body, contentType }, meanwhile, by = profile) => {
      const headers = {
        origin: site.appUrl,
        cookie: by.clientCookie,
        "content-type": contentType ?? "application/x-www-form-urlencoded",
      };
      const call = { method: "POST", headers, body };
      return callWithLateBody(`${clerk.url}/fapi/v1${path}`, call, meanwhile);
    }),
});

test("a session that is removed before the body of its touch call arrives stays removed", async ({
  backend,
  profile,
  sessionId,
  sendLate,
}) => {
  const touch = { path: `/client/sessions/${sessionId}/touch`, body: "active_organization_id=" };
  const remove = () => profile.post(`/client/sessions/${sessionId}/remove`);
  expect(await sendLate(touch, remove)).toBe(404);
  expect((await backend.sessions.getSession(sessionId)).status).toBe("removed");
});

test("a profile update whose body arrives late keeps the Backend API's concurrent change", async ({
  backend,
  sendLate,
}) => {
  const update = { path: "/me?_method=PATCH", body: "last_name=Slow" };
  const change = async () => {
    await backend.users.updateUser(kofi.id, { firstName: "Fresh" });
    await backend.users.updateUserMetadata(kofi.id, { publicMetadata: { plan: "gold" } });
  };
  expect(await sendLate(update, change)).toBe(200);
  const { firstName, lastName, publicMetadata } = await backend.users.getUser(kofi.id);
  expect([firstName, lastName, publicMetadata.plan]).toEqual(["Fresh", "Slow", "gold"]);
});

const pictureUpload = { path: "/me/profile_image", body: "GIF89a", contentType: "image/gif" };

test.for([
  ["profile update", { path: "/me?_method=PATCH", body: "last_name=Late" }],
  ["picture upload", pictureUpload],
] as const)(
  "a user deleted before the body of a %s arrives stays deleted",
  async ([_, call], { backend, sendLate }) => {
    expect(await sendLate(call, () => backend.users.deleteUser(kofi.id))).toBe(401);
    await expect(backend.users.getUser(kofi.id)).rejects.toMatchObject({ status: 404 });
  },
);

test("a picture upload whose body arrives late keeps a name that was set meanwhile", async ({
  backend,
  profile,
  sendLate,
}) => {
  const rename = () => profile.patch("/me", { first_name: "Fresh" });
  expect(await sendLate(pictureUpload, rename)).toBe(200);
  expect(await backend.users.getUser(kofi.id)).toMatchObject({
    firstName: "Fresh",
    hasImage: true,
  });
});

test("an update of a sign-up whose body arrives late keeps the verification by a code that was accepted meanwhile", async ({
  site,
  browser,
  sendLate,
}) => {
  const email = "slow@example.com";
  const path = await browser.startSignUp({ email_address: email });
  const code = await site.newestCode(email);
  const update = { path: `${path}?_method=PATCH`, body: "password=correct-horse-77" };
  const verify = () => browser.post(`${path}/attempt_verification`, { code });
  expect(await sendLate(update, verify, browser)).toBe(200);
  expect((await browser.get(path)).body.response.status).toBe("complete");
});

// A second call may be handled before or after the slow hashing of a password. The result must be right in both orders.

const passwords = ["another-Harbour-52", "another-Harbour-53"] as const;

test("a password change keeps a name that is set while the password is hashed", async ({
  clerk,
  backend,
  profile,
}) => {
  const form = { current_password: clerk.password, new_password: passwords[0] };
  const change = profile.post("/me/change_password", form);
  await profile.patch("/me", { first_name: "Fresh" });
  expect((await change).status).toBe(200);
  expect((await backend.users.getUser(kofi.id)).firstName).toBe("Fresh");
});

test("of two concurrent changes of a user's password, the second is refused", async ({
  clerk,
  profile,
}) => {
  const changes = passwords.map((new_password) =>
    profile.post("/me/change_password", { current_password: clerk.password, new_password }),
  );
  const codes = (await Promise.all(changes)).map(({ code }) => code);
  expect(codes.sort()).toEqual(["form_password_incorrect", undefined]);
});

test("of two concurrent password resets with one verified code, only one sets its password", async ({
  site,
  browser,
}) => {
  const strategy = "reset_password_email_code";
  const form = { identifier: kofi.email, strategy };
  const { response } = (await browser.post("/client/sign_ins", form)).body;
  const path = `/client/sign_ins/${response.id}`;
  const code = await site.newestCode(kofi.email);
  await browser.post(`${path}/attempt_first_factor`, { strategy, code });
  const resets = passwords.map((password) => browser.post(`${path}/reset_password`, { password }));
  const codes = (await Promise.all(resets)).map((each) => each.code);
  expect(codes.sort()).toEqual(["verification_missing", undefined]);
});

test("a session removed during its reverification stays removed", async ({
  clerk,
  backend,
  profile,
  sessionId,
}) => {
  const path = `/client/sessions/${sessionId}`;
  await profile.post(`${path}/verify`);
  const form = { strategy: "password", password: clerk.password };
  const proof = profile.post(`${path}/verify/attempt_first_factor`, form);
  await profile.post(`${path}/remove`);
  await proof;
  expect((await backend.sessions.getSession(sessionId)).status).toBe("removed");
});

test("a code accepted while the sign-up's password is hashed completes the sign-up", async ({
  site,
  browser,
}) => {
  const email = "both@example.com";
  const path = await browser.startSignUp({ email_address: email });
  const code = await site.newestCode(email);
  const change = browser.patch(path, { password: "correct-horse-77" });
  await browser.post(`${path}/attempt_verification`, { code });
  await change;
  expect((await browser.get(path)).body.response.status).toBe("complete");
});
