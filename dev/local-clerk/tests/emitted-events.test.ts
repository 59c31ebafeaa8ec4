// Checks that each change emits all expected events in order, each event once, and no other event.

import { expect } from "vitest";
import type { Site } from "../testing/site";
import { ticketIn } from "../testing/site";
import { sharedTest as test } from "../testing/test";

const password = "correct-horse-77";
const role = "org:member";
const membershipCreated = "organizationMembership.created";
const membershipDeleted = "organizationMembership.deleted";
let count = 0;

const newEmail = () => {
  count += 1;
  return `person${count}@example.com`;
};

async function createUser({ backend }: Site): Promise<string> {
  return (await backend.users.createUser({ emailAddress: [newEmail()] })).id;
}

async function createOrganization({ backend }: Site, createdBy?: string): Promise<string> {
  const given = { name: newEmail(), ...(createdBy ? { createdBy } : {}) };
  return (await backend.organizations.createOrganization(given)).id;
}

/** Creates a user with two memberships and two sessions. */
async function createBusyUser(site: Site): Promise<string> {
  const { organizations, sessions } = site.backend;
  const userId = await createUser(site);
  for (const createdBy of [await createUser(site), await createUser(site)]) {
    const organizationId = await createOrganization(site, createdBy);
    await organizations.createOrganizationMembership({ organizationId, userId, role });
    await sessions.createSession({ userId });
  }
  return userId;
}

/** Creates an organization with two members, one of them its creator, and a pending invitation. */
async function createBusyOrganization(site: Site) {
  const { organizations } = site.backend;
  const organizationId = await createOrganization(site, await createUser(site));
  const userId = await createUser(site);
  await organizations.createOrganizationMembership({ organizationId, userId, role });
  const emailAddress = newEmail();
  const invited = { organizationId, emailAddress, role };
  const { id: invitationId } = await organizations.createOrganizationInvitation(invited);
  return { organizationId, userId, invitationId, emailAddress };
}

async function signInByTicket(site: Site) {
  const given = { userId: await createUser(site), expiresInSeconds: 60 };
  const { token } = await site.backend.signInTokens.createSignInToken(given);
  const browser = site.newBrowser();
  const form = { strategy: "ticket", ticket: token };
  const { body } = await browser.post("/client/sign_ins", form);
  return { browser, session: `/client/sessions/${body.response.created_session_id}` };
}

type Case = {
  change: string;
  /** Creates the data that the change needs. Resolves to a function that makes the change. */
  prepare: (site: Site) => Promise<() => Promise<unknown>>;
  events: string[];
};

const userCases: Case[] = [
  {
    change: "creating a user",
    prepare: async (site) => () => createUser(site),
    events: ["user.created"],
  },
  {
    change: "updating a user",
    prepare: async (site) => {
      const id = await createUser(site);
      return () => site.backend.users.updateUser(id, { firstName: "New" });
    },
    events: ["user.updated"],
  },
  {
    change: "banning a user with two sessions",
    prepare: async (site) => {
      const id = await createBusyUser(site);
      return () => site.backend.users.banUser(id);
    },
    events: ["session.revoked", "session.revoked", "user.updated"],
  },
  {
    change: "deleting a user with two sessions and two memberships",
    prepare: async (site) => {
      const id = await createBusyUser(site);
      return () => site.backend.users.deleteUser(id);
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
    change: "setting a password and signing out other sessions",
    prepare: async (site) => {
      const id = await createBusyUser(site);
      return () => site.backend.users.updateUser(id, { password, signOutOfOtherSessions: true });
    },
    events: ["session.revoked", "session.revoked", "user.updated"],
  },
  {
    change: "a sign-up with a mailed code",
    prepare: async (site) => {
      const browser = site.newBrowser();
      const email = newEmail();
      const path = await browser.startSignUp({ email_address: email, password });
      const form = { strategy: "email_code", code: await site.newestCode(email) };
      return () => browser.post(`${path}/attempt_verification`, form);
    },
    events: ["user.created", "session.created", "user.updated"],
  },
];

const sessionCases: Case[] = [
  {
    change: "creating a user who then signs in",
    prepare: async (site) => () => signInByTicket(site),
    events: ["user.created", "session.created", "user.updated"],
  },
  {
    change: "a user ending a session",
    prepare: async (site) => {
      const { browser, session } = await signInByTicket(site);
      return () => browser.post(`${session}/end`);
    },
    events: ["session.ended"],
  },
  {
    change: "removing a session from the browser",
    prepare: async (site) => {
      const { browser, session } = await signInByTicket(site);
      return () => browser.post(`${session}/remove`);
    },
    events: ["session.removed"],
  },
  {
    change: "revoking a session",
    prepare: async (site) => {
      const { session } = await signInByTicket(site);
      return () => site.backend.sessions.revokeSession(session.replace("/client/sessions/", ""));
    },
    events: ["session.revoked"],
  },
];

const organizationCases: Case[] = [
  {
    change: "creating an organization with a creator",
    prepare: async (site) => {
      const id = await createUser(site);
      return () => createOrganization(site, id);
    },
    events: ["organization.created", membershipCreated],
  },
  {
    change: "creating an organization without a creator",
    prepare: async (site) => () => createOrganization(site),
    events: ["organization.created"],
  },
  {
    change: "deleting an organization with two members and a pending invitation",
    prepare: async (site) => {
      const { organizationId } = await createBusyOrganization(site);
      return () => site.backend.organizations.deleteOrganization(organizationId);
    },
    events: [membershipDeleted, membershipDeleted, "organization.deleted"],
  },
  {
    change: "adding a member",
    prepare: async (site) => {
      const { organizationId } = await createBusyOrganization(site);
      const given = { organizationId, userId: await createUser(site), role };
      return () => site.backend.organizations.createOrganizationMembership(given);
    },
    events: [membershipCreated],
  },
  {
    change: "changing a member's role",
    prepare: async (site) => {
      const { organizationId, userId } = await createBusyOrganization(site);
      const given = { organizationId, userId, role: "org:admin" };
      return () => site.backend.organizations.updateOrganizationMembership(given);
    },
    events: ["organizationMembership.updated"],
  },
  {
    change: "removing a member",
    prepare: async (site) => {
      const { organizationId, userId } = await createBusyOrganization(site);
      const given = { organizationId, userId };
      return () => site.backend.organizations.deleteOrganizationMembership(given);
    },
    events: [membershipDeleted],
  },
  {
    change: "inviting to an organization",
    prepare: async (site) => {
      const { organizationId } = await createBusyOrganization(site);
      const given = { organizationId, emailAddress: newEmail(), role };
      return () => site.backend.organizations.createOrganizationInvitation(given);
    },
    events: ["organizationInvitation.created", "email.created"],
  },
  {
    change: "revoking an invitation",
    prepare: async (site) => {
      const { organizationId, invitationId } = await createBusyOrganization(site);
      const given = { organizationId, invitationId };
      return () => site.backend.organizations.revokeOrganizationInvitation(given);
    },
    events: ["organizationInvitation.revoked"],
  },
  {
    change: "a sign-up with an invitation",
    prepare: async (site) => {
      const { emailAddress } = await createBusyOrganization(site);
      const ticket = ticketIn(await site.newestLink(emailAddress));
      const form = { strategy: "ticket", ticket, password };
      const browser = site.newBrowser();
      return () => browser.post("/client/sign_ups", form);
    },
    events: [
      "user.created",
      membershipCreated,
      "organizationInvitation.accepted",
      "session.created",
      // Emitted because the sign-up sets the time of the user's last sign-in.
      "user.updated",
    ],
  },
];

const roleCases: Case[] = [
  {
    change: "creating a role",
    prepare: async (site) => () =>
      site.callBackend("POST", "/organization_roles", { name: "Helper", key: "org:helper" }),
    events: ["role.created"],
  },
  {
    change: "adding a permission to a role",
    prepare: async (site) => {
      const permission = { name: "See", key: "org:reports:see" };
      const { body: made } = await site.callBackend(
        "POST",
        "/organization_permissions",
        permission,
      );
      const role = { name: "Seer", key: "org:seer" };
      const { body: seer } = await site.callBackend("POST", "/organization_roles", role);
      const path = `/organization_roles/${seer.id}/permissions/${made.id}`;
      return () => site.callBackend("POST", path, {});
    },
    events: ["role.updated"],
  },
];

test.for([...userCases, ...sessionCases, ...organizationCases, ...roleCases])(
  "$change emits exactly the expected events, in order",
  async ({ prepare, events }, { site }) => {
    const change = await prepare(site);
    expect(await site.eventsDuring(change)).toEqual(events);
  },
);

test("with sendsImpliedEvents off, deleting an organization or a user emits no events for its memberships", async ({
  site,
  control,
}) => {
  await control.settings.set({ sendsImpliedEvents: false });
  const userId = await createBusyUser(site);
  const { organizationId } = await createBusyOrganization(site);
  const remove = async () => {
    await site.backend.organizations.deleteOrganization(organizationId);
    await site.backend.users.deleteUser(userId);
  };
  expect(await site.eventsDuring(remove)).toEqual([
    "organization.deleted",
    "session.removed",
    "session.removed",
    "user.deleted",
  ]);
});
