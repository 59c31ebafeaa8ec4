// Retention deletes the oldest records that are no longer in use, and never a record in use.

import { afterEach, beforeEach, expect, test } from "vitest";
import { MovableClock } from "../clock";
import { derivedId } from "../ids";
import { openSite } from "../testing/site";
import { temporaryFolder } from "../testing/temporary-folder";
import { Disturbances } from "../webhooks/disturbances";
import { WebhookEndpoints } from "../webhooks/endpoints";
import { MessageLog } from "../webhooks/message-log";
import { Retention } from "./retention";
import { State } from "./state";

let folder: ReturnType<typeof temporaryFolder>;
let state: State;
const ids = (of: { all(): Iterable<{ id: string }> }) => [...of.all()].map(({ id }) => id);

beforeEach(() => {
  folder = temporaryFolder();
  state = new State(folder.path, 1);
});
afterEach(() => {
  state.close();
  folder.remove();
});

function logWith({ isOn }: { isOn: boolean }) {
  const clock = new MovableClock();
  const app = { url: "http://127.0.0.1:1", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };
  const endpoints = new WebhookEndpoints(state, clock, app);
  endpoints.update("ep_app", { isEnabled: isOn });
  const log = new MessageLog({
    state,
    clock,
    endpoints,
    disturbances: new Disturbances(),
    log: () => {},
  });
  return { log, endpoints };
}

test("adding a message above the limit deletes the oldest messages, except messages with a pending dispatch", () => {
  const [first] = state.change(() =>
    Array.from({ length: 5_100 }, (_, place) =>
      state.messages.put({ id: `msg_${place}`, type: "user.updated", body: "{}", createdAt: 1 }),
    ),
  );
  const { message } = logWith({ isOn: false }).log.add("user.updated", "{}");
  expect(state.messages.size).toBe(5_000);
  expect(state.messages.get(message.id)).toBeDefined();
  expect(state.messages.get(first?.id)).toBeUndefined();
});

test("pending messages are kept even when there are more than the limit", () => {
  const { log, endpoints } = logWith({ isOn: true });
  state.change(() => {
    for (let place = 0; place < 5_050; place += 1) log.add("user.updated", "{}");
  });
  endpoints.update("ep_app", { isEnabled: false });
  log.add("user.updated", "{}");
  expect([state.messages.size, log.pending().length]).toEqual([5_050, 5_050]);
});

test("only the newest mails, up to the limit, are kept", () => {
  const retention = new Retention(state, 3);
  for (const id of ["a", "b", "c", "d", "e"]) {
    const mail = { id, to: "a@b.c", subject: id, text: "", code: null, createdAt: 1 };
    state.mails.make(mail);
  }
  retention.dropOldest(1);
  expect(ids(state.mails)).toEqual(["c", "d", "e"]);
});

test("used and expired tickets are deleted, and usable tickets are kept", () => {
  const retention = new Retention(state, 1);
  const ticket = (id: string, status: "pending" | "accepted", expiresAt: number) => {
    const about = { userId: null, organizationId: null, createdAt: 1, updatedAt: 1 };
    state.tickets.make({ id, token: id, status, expiresAt, ...about });
  };
  ticket("good", "pending", 100);
  ticket("used", "accepted", 100);
  ticket("late", "pending", 5);
  ticket("used later", "accepted", 100);
  retention.dropOldest(10);
  expect(ids(state.tickets)).toEqual(["good", "used later"]);
});

test("ended sessions and idle clients without sessions are deleted, and live sessions are kept", () => {
  const retention = new Retention(state, 1);
  const session = (id: string, clientId: string, status: "active" | "revoked", expireAt: number) =>
    state.sessions.make({
      id,
      clientId,
      userId: "user_1",
      status,
      lastActiveOrganizationId: null,
      lastActiveAt: 1,
      expireAt,
      abandonAt: 1e9,
      verifiedAt: 1,
      activity: {
        id: "a",
        browserName: "",
        browserVersion: "",
        deviceType: "",
        isMobile: false,
        ipAddress: "",
      },
      createdAt: 1,
      updatedAt: 1,
    });
  session("live", "in use", "active", 1e9);
  session("ended", "empty", "revoked", 1e9);
  session("over", "empty", "active", 5);
  session("ended last", "in use", "revoked", 1e9);
  for (const id of ["in use", "empty", "idle", "just here"]) {
    state.clients.make({
      id,
      token: id,
      lastActiveSessionId: null,
      lastAuthenticationStrategy: null,
      signInId: null,
      signUpId: null,
      uat: 0,
      createdAt: 1,
      updatedAt: id === "just here" ? 4_000_000 : 1,
    });
  }
  retention.dropOldest(4_000_000);
  expect(ids(state.sessions)).toEqual(["live", "ended last"]);
  expect(ids(state.clients)).toEqual(["in use", "idle", "just here"]);
});

test("an image is deleted when it is replaced or removed, and when its owner is deleted", async () => {
  const site = await openSite();
  const client = site.backend;
  const { users, organizations } = client;
  const file = new File([Buffer.from("89504e470d0a1a0a", "hex")], "a.png", { type: "image/png" });
  const statusOf = async (url: string) =>
    (await fetch(url.replace(/^.*\/__clerk/, `${site.clerk.url}/fapi`))).status;
  const { id } = await users.createUser({ emailAddress: ["pictured@example.com"] });
  const first = (await users.updateUserProfileImage(id, { file })).imageUrl;
  const second = (await users.updateUserProfileImage(id, { file })).imageUrl;
  expect([await statusOf(first), await statusOf(second)]).toEqual([404, 200]);
  await users.deleteUser(id);
  expect(await statusOf(second)).toBe(404);
  const organization = derivedId("org", "northwind-press");
  const old = (await organizations.updateOrganizationLogo(organization, { file })).imageUrl;
  const logo = (await organizations.updateOrganizationLogo(organization, { file })).imageUrl;
  expect([await statusOf(old), await statusOf(logo)]).toEqual([404, 200]);
  await organizations.deleteOrganization(organization);
  expect(await statusOf(logo)).toBe(404);
  await site.close();
});
