// Impersonation: a session in which an actor, such as support staff, acts as another user.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { decodeUnverified } from "../testing/claims";
import { amara, ines, kofi } from "../testing/seeded";
import type { Backend } from "../testing/site";
import { test } from "../testing/test";

const actor = { sub: ines.id };

/** Signs in as Kofi with an actor token of Ines. */
async function impersonate(backend: Backend, browser: Browser) {
  const given = { userId: kofi.id, actor, expiresInSeconds: 60 };
  const { token } = await backend.actorTokens.create(given);
  return browser.post("/client/sign_ins", { strategy: "ticket", ticket: token ?? "" });
}

test("the token of an impersonated session names the actor, and the user's last sign-in time does not change", async ({
  backend,
  browser,
}) => {
  const [session] = (await impersonate(backend, browser)).body.client.sessions;
  expect(session.actor).toEqual(actor);
  expect(decodeUnverified(session.last_active_token.jwt).act).toEqual(actor);
  expect((await backend.users.getUser(kofi.id)).lastSignInAt).toBeNull();
});

test("in a browser with an impersonated session, the sign-in of another user is refused", async ({
  backend,
  browser,
}) => {
  await impersonate(backend, browser);
  const refused = await browser.signIn(amara.email);
  expect([refused.status, refused.code]).toEqual([409, "session_creation_not_allowed"]);
  expect(refused.body.meta.client.sessions).toHaveLength(1);
});

test("impersonating a user who is signed in in the same browser adds a session with the actor and makes it active", async ({
  backend,
  browser,
}) => {
  const own = (await browser.signIn(kofi.email)).body.response.created_session_id;
  const { status, body } = await impersonate(backend, browser);
  expect([status, body.response.status]).toEqual([200, "complete"]);
  const created = body.response.created_session_id;
  expect(body.client.last_active_session_id).toBe(created);
  const actors = body.client.sessions.map((each: { id: string; actor: unknown }) => [
    each.id,
    each.actor,
  ]);
  expect(actors).toEqual([
    [own, null],
    [created, actor],
  ]);
  const second = await impersonate(backend, browser);
  expect([second.status, second.code]).toEqual([409, "session_creation_not_allowed"]);
});
