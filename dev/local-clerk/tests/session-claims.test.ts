// Claims of the team's own in every session token.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, backendOf, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let control: ReturnType<typeof controlClient>;

beforeAll(async () => {
  ({ clerk, control, receiver, close } = await openSite());
});
afterAll(() => close());

test("they are filled in, and never stand for Clerk's own", async () => {
  const sub = derivedId("user", kofi);
  const { users } = backendOf(clerk);
  await users.updateUserMetadata(sub, { publicMetadata: { plan: "pro" } });
  const wanted = { plan: "{{user.public_metadata.plan}}", sub: "somebody-else", act: "x", o: "y" };
  await control.settings.set({ sessionClaims: JSON.stringify(wanted) });
  const form = { identifier: kofi, password: clerk.password };
  const { body } = await new Browser(clerk, receiver.url).answer("POST", "/client/sign_ins", form);
  const { jwt } = body.client.sessions[0].last_active_token;
  const claims = JSON.parse(Buffer.from(jwt.split(".")[1], "base64url").toString());
  expect(claims).toMatchObject({ plan: "pro", sub });
  expect(claims).not.toHaveProperty("act");
  expect(claims).not.toHaveProperty("o");
});

test.each(["{", "[]", "7"])("claims that are %s are not taken", async (sessionClaims) => {
  await expect(control.settings.set({ sessionClaims })).rejects.toThrow(/JSON object/);
});
