// A browser on the wire: its live sessions and the sign-in or sign-up in progress.

import type { World } from "../context";
import { signInJson } from "../resources/sign-in";
import { signUpJson } from "../resources/sign-up";
import type { ClientRecord } from "../store/records";
import { sessionForClient, sessionForServer } from "./session-json";
import { isAbandoned, liveSessions } from "./sessions";

const yearMs = 365 * 86_400_000;

export function clientJson(world: World, client: ClientRecord, azp: string) {
  const signIn = world.state.signIns.get(client.signInId);
  const signUp = world.state.signUps.get(client.signUpId);
  return {
    object: "client",
    id: client.id,
    sessions: liveSessions(world, client.id).map((session) =>
      sessionForClient(world, session, azp),
    ),
    sign_in: signIn && !isAbandoned(world, signIn) ? signInJson(world, signIn) : null,
    sign_up: signUp && !isAbandoned(world, signUp) ? signUpJson(world, signUp) : null,
    last_active_session_id: client.lastActiveSessionId,
    last_authentication_strategy: client.lastAuthenticationStrategy,
    cookie_expires_at: client.createdAt + yearMs,
    captcha_bypass: false,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}

export function clientForServer(world: World, client: ClientRecord) {
  const sessions = liveSessions(world, client.id);
  return {
    object: "client",
    id: client.id,
    session_ids: sessions.map((session) => session.id),
    sessions: sessions.map((session) => sessionForServer(world, session)),
    sign_in_id: client.signInId,
    sign_up_id: client.signUpId,
    last_active_session_id: client.lastActiveSessionId,
    last_authentication_strategy: client.lastAuthenticationStrategy,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}
