// A refused call changes nothing, sends no mail and emits no event.

import { expect } from "vitest";
import { amara } from "../testing/seeded";
import type { Site } from "../testing/site";
import { sharedTest } from "../testing/test";

const test = sharedTest.extend<{ organizationId: string }>({
  organizationId: [
    async ({ site }, use) => {
      const given = { name: "Full", createdBy: amara.id, maxAllowedMemberships: 2 };
      await use((await site.backend.organizations.createOrganization(given)).id);
    },
    { scope: "file" },
  ],
});

const types = async (control: Site["control"]) =>
  (await control.webhooks.messages()).map((m) => m.type);

test("a sign-up by invitation into a full organization creates no user, and succeeds once the limit is raised", async ({
  site,
  control,
  backend,
  organizationId,
}) => {
  const emailAddress = "late@example.com";
  const invited = { organizationId, emailAddress, role: "org:member" };
  const { id } = await backend.organizations.createOrganizationInvitation(invited);
  await backend.organizations.updateOrganization(organizationId, { maxAllowedMemberships: 1 });
  const { outbox } = control;
  const link = (await outbox.latest(emailAddress))?.link ?? "";
  const ticket = new URL(link).searchParams.get("ticket") ?? "";
  const filled = { strategy: "ticket", ticket, password: "correct-horse-77" };
  const before = await types(control);
  const signUp = () => site.newBrowser().post("/client/sign_ups", filled);
  for (const _ of ["first", "second"]) {
    expect(await signUp()).toMatchObject({
      status: 403,
      code: "organization_membership_quota_exceeded",
    });
  }
  expect(await types(control)).toEqual(before);
  expect(await backend.users.getCount({ emailAddress: [emailAddress] })).toBe(0);
  const kept = await backend.organizations.getOrganizationInvitation({
    organizationId,
    invitationId: id,
  });
  expect(kept.status).toBe("pending");
  await backend.organizations.updateOrganization(organizationId, { maxAllowedMemberships: 2 });
  expect((await signUp()).body.response.status).toBe("complete");
});

test("a bulk call with one bad entry is refused as a whole", async ({
  site,
  control,
  backend,
  organizationId,
}) => {
  await backend.organizations.updateOrganization(organizationId, { maxAllowedMemberships: 0 });
  const before = await types(control);
  const emittedBefore = [...site.eventTypes];
  const twice = (second: object) => [
    { email_address: "bulk@example.com", role: "org:member" },
    { email_address: "other@example.com", ...second },
  ];
  const path = `/organizations/${organizationId}/invitations/bulk`;
  expect(
    await site
      .callBackend("POST", path, twice({ role: "org:nobody" }))
      .then(({ status }) => status),
  ).toBe(404);
  const entries = [{ email_address: "bulk@example.com" }, { email_address: "nonsense" }];
  expect(
    await site.callBackend("POST", "/waitlist_entries/bulk", entries).then(({ status }) => status),
  ).toBe(422);
  expect(await types(control)).toEqual(before);
  expect(site.eventTypes).toEqual(emittedBefore);
  const mailed = () => site.logLines.filter((line) => line.startsWith("Mail to bulk@example.com"));
  expect(mailed()).toEqual([]);
  expect(
    await site
      .callBackend("POST", path, twice({ role: "org:member" }))
      .then(({ status }) => status),
  ).toBe(200);
  expect(mailed()).toHaveLength(1);
  expect(site.eventTypes.slice(emittedBefore.length)).toContain("organizationInvitation.created");
  const { totalCount } = await backend.waitlistEntries.list();
  expect(totalCount).toBe(0);
});
