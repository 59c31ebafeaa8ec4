// Which events people, organizations and invitations send: all of them, each as often as it happened, and no other.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Backend, Browser, backendOf, openSite, type Site } from "../testing/site";

const password = "correct-horse-77";
const role = "org:member";
const [membershipCreated, membershipDeleted] = [
  "organizationMembership.created",
  "organizationMembership.deleted",
];
let site: Site;
let client: Backend;
let count = 0;

beforeAll(async () => {
  site = await openSite();
  client = backendOf(site.clerk);
});
afterAll(() => site.close());

const address = () => {
  count += 1;
  return `cause${count}@example.com`;
};
const person = async (emailAddress = address()) =>
  (await client.users.createUser({ emailAddress: [emailAddress] })).id;
const organization = async (createdBy?: string) =>
  (
    await client.organizations.createOrganization({
      name: address(),
      ...(createdBy ? { createdBy } : {}),
    })
  ).id;

/** Somebody with two organizations, who is signed in twice. */
async function busyPerson(): Promise<string> {
  const userId = await person();
  for (const createdBy of [await person(), await person()]) {
    const organizationId = await organization(createdBy);
    await client.organizations.createOrganizationMembership({ organizationId, userId, role });
    await client.sessions.createSession({ userId });
  }
  return userId;
}

/** An organization of its creator and one more, with an invitation that waits. */
async function busyOrganization() {
  const organizationId = await organization(await person());
  const userId = await person();
  await client.organizations.createOrganizationMembership({ organizationId, userId, role });
  const emailAddress = address();
  const invited = { organizationId, emailAddress, role };
  const { id: invitationId } = await client.organizations.createOrganizationInvitation(invited);
  return { organizationId, userId, invitationId, emailAddress };
}

type Cause = {
  of: string;
  /** Makes what it needs, and gives what is then done. */
  prepare: () => Promise<() => Promise<unknown>>;
  events: string[];
};

const causes: Cause[] = [
  { of: "a person made", prepare: async () => () => person(), events: ["user.created"] },
  {
    of: "a person changed",
    prepare: async () => {
      const id = await person();
      return () => client.users.updateUser(id, { firstName: "New" });
    },
    events: ["user.updated"],
  },
  {
    of: "a person banned, who is signed in twice",
    prepare: async () => {
      const id = await busyPerson();
      return () => client.users.banUser(id);
    },
    events: ["session.revoked", "session.revoked", "user.updated"],
  },
  {
    of: "a person deleted, with two sessions and two memberships",
    prepare: async () => {
      const id = await busyPerson();
      return () => client.users.deleteUser(id);
    },
    events: [
      "session.removed",
      "session.removed",
      membershipDeleted,
      membershipDeleted,
      "user.deleted",
    ],
  },
  {
    of: "a new password that signs out elsewhere",
    prepare: async () => {
      const id = await busyPerson();
      return () => client.users.updateUser(id, { password, signOutOfOtherSessions: true });
    },
    events: ["session.revoked", "session.revoked", "user.updated"],
  },
  {
    of: "an organization made by somebody",
    prepare: async () => {
      const id = await person();
      return () => organization(id);
    },
    events: ["organization.created", membershipCreated],
  },
  {
    of: "an organization made by nobody",
    prepare: async () => () => organization(),
    events: ["organization.created"],
  },
  {
    of: "an organization deleted, with two members and an invitation",
    prepare: async () => {
      const { organizationId } = await busyOrganization();
      return () => client.organizations.deleteOrganization(organizationId);
    },
    events: [membershipDeleted, membershipDeleted, "organization.deleted"],
  },
  {
    of: "a member added",
    prepare: async () => {
      const { organizationId } = await busyOrganization();
      const userId = await person();
      return () =>
        client.organizations.createOrganizationMembership({ organizationId, userId, role });
    },
    events: [membershipCreated],
  },
  {
    of: "a member's role changed",
    prepare: async () => {
      const { organizationId, userId } = await busyOrganization();
      const wanted = { organizationId, userId, role: "org:admin" };
      return () => client.organizations.updateOrganizationMembership(wanted);
    },
    events: ["organizationMembership.updated"],
  },
  {
    of: "a member removed",
    prepare: async () => {
      const { organizationId, userId } = await busyOrganization();
      return () => client.organizations.deleteOrganizationMembership({ organizationId, userId });
    },
    events: [membershipDeleted],
  },
  {
    of: "an invitation sent",
    prepare: async () => {
      const { organizationId } = await busyOrganization();
      const invited = { organizationId, emailAddress: address(), role };
      return () => client.organizations.createOrganizationInvitation(invited);
    },
    events: ["organizationInvitation.created", "email.created"],
  },
  {
    of: "an invitation revoked",
    prepare: async () => {
      const { organizationId, invitationId } = await busyOrganization();
      const which = { organizationId, invitationId };
      return () => client.organizations.revokeOrganizationInvitation(which);
    },
    events: ["organizationInvitation.revoked"],
  },
  {
    of: "an invitation accepted by somebody who signs up with it",
    prepare: async () => {
      const { emailAddress } = await busyOrganization();
      const link = (await site.control.outbox.latest(emailAddress))?.link ?? "";
      const ticket = new URL(link).searchParams.get("ticket") ?? "";
      const form = { strategy: "ticket", ticket, password };
      const browser = new Browser(site.clerk, site.receiver.url);
      return () => browser.answer("POST", "/client/sign_ups", form);
    },
    events: [
      "user.created",
      membershipCreated,
      "organizationInvitation.accepted",
      "session.created",
      // When they last signed in.
      "user.updated",
    ],
  },
];

test.each(causes)("$of", async ({ prepare, events }) => {
  const act = await prepare();
  const before = site.told.length;
  await act();
  expect(site.told.slice(before)).toEqual(events);
});

test("without what is implied, deleting sends no event for a membership", async () => {
  await site.control.settings.set({ sendsImpliedEvents: false });
  const userId = await busyPerson();
  const { organizationId } = await busyOrganization();
  const before = site.told.length;
  await client.organizations.deleteOrganization(organizationId);
  await client.users.deleteUser(userId);
  expect(site.told.slice(before)).toEqual([
    "organization.deleted",
    "session.removed",
    "session.removed",
    "user.deleted",
  ]);
});
