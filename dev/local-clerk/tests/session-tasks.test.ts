// Session tasks: what a user must do before a session becomes active.

import { expect } from "vitest";
import { decodeUnverified } from "../testing/claims";
import { kofi, northwind } from "../testing/seeded";
import { test } from "../testing/test";

test("a session and its token are pending until a user without an organization has joined and chosen one", async ({
  site,
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ needsOrganization: true });
  const { body } = await browser.signIn(kofi.email);
  const path = `/client/sessions/${body.response.created_session_id}`;
  const session = (await browser.get(path)).body.response;
  expect(session).toMatchObject({ status: "pending", tasks: [{ key: "choose-organization" }] });
  const status = async () => {
    const { jwt } = (await browser.post(`${path}/tokens`)).body;
    return decodeUnverified(jwt).sts;
  };
  expect(await status()).toBe("pending");
  const membership = { organizationId: northwind.id, userId: kofi.id, role: "org:member" };
  await backend.organizations.createOrganizationMembership(membership);
  const organization = { active_organization_id: northwind.id };
  const chosen = await browser.post(`${path}/touch`, organization);
  expect(chosen.body.response).toMatchObject({ status: "active", tasks: null });
  expect(await status()).toBe("active");
  const types = site.eventTypes;
  // Clerk reports the session as created once it is active.
  expect(types.indexOf("session.pending")).toBeLessThan(types.indexOf("session.created"));
  expect(types).toContain("session.pending");
});
