// Custom claims in every session token.

import { expect } from "vitest";
import { decodeUnverified } from "../testing/claims";
import { kofi } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

test("custom claims are filled in, and cannot replace Clerk's own claims", async ({
  site,
  clerk,
  control,
  backend,
}) => {
  const sub = kofi.id;
  const { users } = backend;
  await users.updateUserMetadata(sub, { publicMetadata: { plan: "pro" } });
  const wanted = { plan: "{{user.public_metadata.plan}}", sub: "somebody-else", act: "x", o: "y" };
  await control.settings.set({ sessionClaims: JSON.stringify(wanted) });
  const form = { identifier: kofi.email, password: clerk.password };
  const { body } = await site.newBrowser().post("/client/sign_ins", form);
  const { jwt } = body.client.sessions[0].last_active_token;
  const claims = decodeUnverified(jwt);
  expect(claims).toMatchObject({ plan: "pro", sub });
  expect(claims).not.toHaveProperty("act");
  expect(claims).not.toHaveProperty("o");
});

test.for(["{", "[]", "7"])("custom claims %s are refused", async (sessionClaims, { control }) => {
  await expect(control.settings.set({ sessionClaims })).rejects.toThrow(/JSON object/);
});
