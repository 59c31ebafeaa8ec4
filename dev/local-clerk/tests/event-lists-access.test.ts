// Which events signing up, sessions, roles and permissions send: all of them, each as often as it happened, and no other.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Backend, Browser, backendOf, openSite, type Site } from "../testing/site";

const password = "correct-horse-77";
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

async function signedIn() {
  const userId = await person();
  const { token } = await client.signInTokens.createSignInToken({ userId, expiresInSeconds: 60 });
  const browser = new Browser(site.clerk, site.receiver.url);
  const form = { strategy: "ticket", ticket: token };
  const { body } = await browser.answer("POST", "/client/sign_ins", form);
  return { browser, userId, sessionId: String(body.response.created_session_id) };
}

async function backend(method: string, path: string, body: object) {
  const response = await fetch(`${site.clerk.url}/bapi/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${site.clerk.keys.secretKey}` },
    body: JSON.stringify(body),
  });
  return response.json();
}

type Cause = {
  of: string;
  /** Makes what it needs, and gives what is then done. */
  prepare: () => Promise<() => Promise<unknown>>;
  events: string[];
};

const causes: Cause[] = [
  {
    of: "a sign-up with a code by mail",
    prepare: async () => {
      const browser = new Browser(site.clerk, site.receiver.url);
      const email_address = address();
      const { body } = await browser.answer("POST", "/client/sign_ups", {
        email_address,
        password,
      });
      const path = `/client/sign_ups/${body.response.id}`;
      await browser.answer("POST", `${path}/prepare_verification`, { strategy: "email_code" });
      const code = (await site.control.outbox.latest(email_address))?.code ?? "";
      const form = { strategy: "email_code", code };
      return () => browser.answer("POST", `${path}/attempt_verification`, form);
    },
    events: ["user.created", "session.created", "user.updated"],
  },
  {
    of: "a sign-in",
    prepare: async () => () => signedIn(),
    events: ["user.created", "session.created", "user.updated"],
  },
  {
    of: "a session that its person ends",
    prepare: async () => {
      const { browser, sessionId } = await signedIn();
      return () => browser.answer("POST", `/client/sessions/${sessionId}/end`);
    },
    events: ["session.ended"],
  },
  {
    of: "a session removed from the browser",
    prepare: async () => {
      const { browser, sessionId } = await signedIn();
      return () => browser.answer("POST", `/client/sessions/${sessionId}/remove`);
    },
    events: ["session.removed"],
  },
  {
    of: "a session revoked",
    prepare: async () => {
      const { sessionId } = await signedIn();
      return () => client.sessions.revokeSession(sessionId);
    },
    events: ["session.revoked"],
  },
  {
    of: "a role made",
    prepare: async () => () =>
      backend("POST", "/organization_roles", { name: "Helper", key: "org:helper" }),
    events: ["role.created"],
  },
  {
    of: "a permission given to a role",
    prepare: async () => {
      const permission = await backend("POST", "/organization_permissions", {
        name: "See",
        key: "org:things:see",
      });
      const made = await backend("POST", "/organization_roles", { name: "Seer", key: "org:seer" });
      const path = `/organization_roles/${made.id}/permissions/${permission.id}`;
      return () => backend("POST", path, {});
    },
    events: ["role.updated"],
  },
];

test.each(causes)("$of", async ({ prepare, events }) => {
  const act = await prepare();
  const before = site.told.length;
  await act();
  expect(site.told.slice(before)).toEqual(events);
});
