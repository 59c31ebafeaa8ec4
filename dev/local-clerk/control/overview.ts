// The data of the control page and of the control client's `overview()`: the newest records of each kind.

import type { ClerkContext } from "../context";
import { roleName } from "../instance/roles";
import { displayName, primaryEmail } from "../resources/public-user";
import { isLive } from "../sessions/sessions";
import type { Seed } from "../simulation/seed";
import type { UserRecord } from "../store/records";
import type { MessageRecord } from "../store/records-webhooks";
import { appEndpointId } from "../webhooks/endpoints";
import type { LiveSession, Message, OrganizationSummary, Overview, Person } from "./shapes";

const shown = 100;

/** `status` is the status of the delivery to the app's endpoint, or else to the first endpoint that receives the message. */
export function messageJson(context: ClerkContext, message: MessageRecord): Message {
  const { id, type, createdAt } = message;
  const deliveries = context.state.dispatchesByMessage.all(id).map((each) => {
    const { endpointId, status, nextAt, attempts } = each;
    return { endpointId, status, nextAt, attempts };
  });
  const main = deliveries.find((each) => each.endpointId === appEndpointId) ?? deliveries[0];
  const { status, nextAt, attempts } = main ?? { status: "dropped", nextAt: null, attempts: [] };
  return { id, type, createdAt, status, nextAt, attempts, deliveries };
}

/** `search` limits the users to those whose name, email address or id contains it. The counts are of all records. */
export function overview(context: ClerkContext, seed: Seed, search = ""): Overview {
  const { state } = context;
  const found = <T>(ids: string[], get: (id: string) => T | undefined) =>
    ids.flatMap((id) => get(id) ?? []);
  const users = search
    ? searchUsers(context, search.toLowerCase())
    : found(state.usersInOrder.slice(0, shown, true), (id) => state.users.get(id));
  const organizations = state.organizationsInOrder.slice(0, shown, true);
  return {
    now: context.clock.now(),
    appUrl: context.appOrigin,
    webhookUrl: context.webhooks.url,
    isPaused: context.webhooks.isPaused,
    isEndpointEnabled: context.state.endpoints.get(appEndpointId)?.isEnabled ?? false,
    disturbances: context.webhooks.disturbances,
    faults: context.faults.all,
    password: seed.password,
    mails: [...state.mails.all()].slice(-shown).reverse(),
    users: users.map((user) => person(user, seed)),
    usersCount: state.users.size,
    organizations: found(organizations, (id) => state.organizations.get(id)).map((each) => ({
      id: each.id,
      name: each.name,
      slug: each.slug,
      members: membersOf(context, each.id),
    })),
    organizationsCount: state.organizations.size,
    sessions: sessions(context),
    messages: [...state.messages.all()]
      .slice(-shown)
      .reverse()
      .map((message) => messageJson(context, message)),
    messagesCount: state.messages.size,
  };
}

function searchUsers(context: ClerkContext, search: string): UserRecord[] {
  const matching = [...context.state.users.all()].filter((user) =>
    [user.id, displayName(user), primaryEmail(user)?.address ?? ""].some((text) =>
      text.toLowerCase().includes(search),
    ),
  );
  return matching.slice(-shown).reverse();
}

function person(user: UserRecord, seed: Seed): Person {
  const email = primaryEmail(user)?.address ?? "";
  const seeded = seed.users.find((each) => each.email === email);
  return {
    id: user.id,
    name: displayName(user),
    email,
    note: seeded?.note ?? "",
    isSeeded: seeded !== undefined,
    createdAt: user.createdAt,
  };
}

function membersOf(context: ClerkContext, organizationId: string): OrganizationSummary["members"] {
  return context.state.membershipsByOrganization.all(organizationId).flatMap((membership) => {
    const user = context.state.users.get(membership.userId);
    const role = roleName(context, membership.role);
    return user ? [{ userId: user.id, name: displayName(user), role }] : [];
  });
}

function sessions(context: ClerkContext): LiveSession[] {
  const live = [...context.state.sessions.all()].filter((each) => isLive(context, each));
  return live
    .slice(-shown)
    .reverse()
    .map((session) => {
      const user = context.state.users.get(session.userId);
      const { browserName, deviceType } = session.activity;
      return {
        id: session.id,
        userId: session.userId,
        name: user ? displayName(user) : "",
        // Sessions that the Backend API or a test created have no browser.
        browser: browserName === "Unknown" ? "no browser" : `${browserName} on ${deviceType}`,
        actor: session.actor?.sub ?? null,
        lastActiveAt: session.lastActiveAt,
      };
    });
}
