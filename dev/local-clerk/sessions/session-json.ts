// The JSON of a session. In responses to the browser it includes the session's user and last token.

import type { ClerkContext } from "../context";
import { publicUserJson } from "../resources/public-user";
import { userForClient, userForServer } from "../resources/user";
import type { SessionRecord } from "../store/records";
import { sessionTasks } from "./tasks";
import { sessionToken, verificationAges } from "./tokens";

export function sessionStatus(context: ClerkContext, session: SessionRecord): string {
  if (session.status !== "active" && session.status !== "pending") return session.status;
  return session.expireAt <= context.clock.now() ? "expired" : session.status;
}

function activityJson({ activity }: SessionRecord) {
  return {
    object: "session_activity",
    id: activity.id,
    device_type: activity.deviceType,
    is_mobile: activity.isMobile,
    browser_name: activity.browserName,
    browser_version: activity.browserVersion,
    ip_address: activity.ipAddress,
  };
}

function sharedSessionJson(context: ClerkContext, session: SessionRecord) {
  return {
    id: session.id,
    object: "session",
    status: sessionStatus(context, session),
    expire_at: session.expireAt,
    abandon_at: session.abandonAt,
    last_active_at: session.lastActiveAt,
    last_active_organization_id: session.lastActiveOrganizationId,
    actor: session.actor,
    created_at: session.createdAt,
    updated_at: session.updatedAt,
  };
}

export function sessionForServer(context: ClerkContext, session: SessionRecord) {
  return {
    ...sharedSessionJson(context, session),
    user_id: session.userId,
    client_id: session.clientId,
    latest_activity: activityJson(session),
  };
}

export function sessionForWebhook(context: ClerkContext, session: SessionRecord) {
  const user = context.state.users.get(session.userId);
  return {
    ...sessionForServer(context, session),
    user: user ? userForServer(context, user) : null,
  };
}

/** Reads every record before its first `await`, so that the JSON describes one moment. */
export async function sessionForClient(
  context: ClerkContext,
  session: SessionRecord,
  azp: string | null,
) {
  const user = context.state.users.get(session.userId);
  const status = sessionStatus(context, session);
  const hasToken = status === "active" || status === "pending";
  const token = hasToken ? sessionToken(context, session, azp) : null;
  const json = {
    ...sharedSessionJson(context, session),
    factor_verification_age: verificationAges(context, session),
    tasks: status === "pending" ? sessionTasks(context, session).map((key) => ({ key })) : null,
    user: user ? userForClient(context, user) : null,
    public_user_data: user ? publicUserJson(context, user) : null,
  };
  const jwt = await token;
  return { ...json, last_active_token: jwt === null ? null : { object: "token", jwt } };
}

/** Returns the JSON of a session for the list of devices in the user profile. */
export function sessionWithActivity(context: ClerkContext, session: SessionRecord) {
  const user = context.state.users.get(session.userId);
  return {
    ...sharedSessionJson(context, session),
    factor_verification_age: verificationAges(context, session),
    public_user_data: user ? publicUserJson(context, user) : null,
    latest_activity: activityJson(session),
  };
}
