// Custom claims in every session token.

import { expect } from "vitest";
import { z } from "zod";
import { decodeUnverified } from "../testing/claims";
import { amara, kofi, northwind } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

test("custom claims appear in session tokens with their shortcodes filled in, and cannot replace Clerk's own claims", async ({
  site,
  clerk,
  control,
  backend,
}) => {
  const sub = kofi.id;
  const { users } = backend;
  await users.updateUserMetadata(sub, { publicMetadata: { plan: "pro" } });
  const claimsTemplate = {
    plan: "{{user.public_metadata.plan}}",
    sub: "somebody-else",
    act: "x",
    o: "y",
  };
  await control.settings.set({ sessionClaims: JSON.stringify(claimsTemplate) });
  const form = { identifier: kofi.email, password: clerk.password };
  const { body } = await site.newBrowser().post("/client/sign_ins", form);
  const { jwt } = body.client.sessions[0].last_active_token;
  const claims = decodeUnverified(jwt);
  expect(claims).toMatchObject({ plan: "pro", sub });
  expect(claims).not.toHaveProperty("act");
  expect(claims).not.toHaveProperty("o");
});

test.for(["{", "[]", "7"])(
  "the custom claims %s are refused because they are not a JSON object",
  async (sessionClaims, { control }) => {
    await expect(control.settings.set({ sessionClaims })).rejects.toThrow(/JSON object/);
  },
);

test("a session token of version 1 contains the organization, the role and the custom permissions, and Clerk's SDK can read it", async ({
  site,
  control,
  backend,
  clerk,
}) => {
  await control.settings.set({ sessionTokenVersion: 1, sessionClaims: '{"org_id":"x"}' });
  const permissions = await Promise.all(
    ["org:reports:read", "org:invoices:manage"].map(async (key) => {
      const form = { name: key, key, description: "" };
      return (await site.callBackend("POST", "/organization_permissions", form)).body.id;
    }),
  );
  const [admin] = (await site.callBackend("GET", "/organization_roles?query=org:admin")).body.data;
  for (const id of permissions) {
    await site.callBackend("POST", `/organization_roles/${admin.id}/permissions/${id}`, {});
  }
  const jwtOf = async (email: string) => {
    const { body } = await site.newBrowser().signIn(email);
    return z.string().parse(body.client.sessions.at(-1).last_active_token.jwt);
  };
  const jwt = await jwtOf(amara.email);
  const claims = decodeUnverified(jwt);
  expect(claims).toMatchObject({
    org_id: northwind.id,
    org_role: "org:admin",
    org_slug: northwind.slug,
    org_permissions: ["org:invoices:manage", "org:reports:read"],
  });
  for (const name of ["v", "o", "fea"]) expect(claims).not.toHaveProperty(name);
  const request = new Request(site.appUrl, { headers: { authorization: `Bearer ${jwt}` } });
  const { jwtKey, publishableKey } = clerk.keys;
  const state = await backend.authenticateRequest(request, { jwtKey, publishableKey });
  expect(state.toAuth()).toMatchObject({ orgId: northwind.id, orgRole: "org:admin" });
  expect(decodeUnverified(await jwtOf(kofi.email))).not.toHaveProperty("org_id");
  await control.settings.set({ sessionTokenVersion: 2, sessionClaims: "{}" });
});
