// Operations on organizations that clerk-js has but Clerk's components do not use.

import { expect } from "vitest";
import { openGenuineClient } from "../testing/genuine-client";
import { amara } from "../testing/seeded";
import { test } from "../testing/test";

test("clerk-js creates a domain with an enrollment mode, and reads empty lists of enterprise connections and creation defaults without an advisory", async ({
  site,
  clerk,
  control,
}) => {
  await control.settings.set({ hasOrganizationDomains: true });
  const page = await openGenuineClient(site);
  await page.signIn(amara.email, clerk.password);
  const [membership] = page.clerk.user?.organizationMemberships ?? [];
  const enrollmentMode = "automatic_suggestion";
  const domain = await membership?.organization.createDomain("tides.example", { enrollmentMode });
  expect(domain?.enrollmentMode).toBe(enrollmentMode);
  expect(await membership?.organization.getEnterpriseConnections()).toEqual([]);
  expect(await page.clerk.user?.getEnterpriseConnections()).toEqual([]);
  const defaults = await page.clerk.user?.getOrganizationCreationDefaults();
  expect(defaults?.advisory).toBeNull();
  expect(page.calls).toContain("GET /v1/me/organization_creation_defaults 200");
});
