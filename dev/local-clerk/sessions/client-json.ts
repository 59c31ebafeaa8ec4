// The JSON of a client, which is one browser: its live sessions, and the sign-in or sign-up in progress.

import type { ClerkContext } from "../context";
import { signInJson } from "../resources/sign-in";
import { signUpJson } from "../resources/sign-up";
import type { ClientRecord } from "../store/records";
import { sessionForClient, sessionForServer } from "./session-json";
import { isAbandoned, liveSessions } from "./sessions";

const yearMs = 365 * 86_400_000;

/** Reads every record before its first `await`, so that the JSON describes one moment. */
export async function clientJson(context: ClerkContext, client: ClientRecord, azp: string | null) {
  const signIn = context.state.signIns.get(client.signInId);
  const signUp = context.state.signUps.get(client.signUpId);
  const sessions = Promise.all(
    liveSessions(context, client.id).map((session) => sessionForClient(context, session, azp)),
  );
  const json = {
    object: "client",
    id: client.id,
    sign_in: signIn && !isAbandoned(context, signIn) ? signInJson(context, signIn) : null,
    sign_up: signUp && !isAbandoned(context, signUp) ? signUpJson(context, signUp) : null,
    last_active_session_id: client.lastActiveSessionId,
    last_authentication_strategy: client.lastAuthenticationStrategy,
    cookie_expires_at: client.createdAt + yearMs,
    captcha_bypass: false,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  };
  return { ...json, sessions: await sessions };
}

export function clientForServer(context: ClerkContext, client: ClientRecord) {
  const sessions = liveSessions(context, client.id);
  return {
    object: "client",
    id: client.id,
    session_ids: sessions.map((session) => session.id),
    sessions: sessions.map((session) => sessionForServer(context, session)),
    sign_in_id: client.signInId,
    sign_up_id: client.signUpId,
    last_active_session_id: client.lastActiveSessionId,
    last_authentication_strategy: client.lastAuthenticationStrategy,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}
