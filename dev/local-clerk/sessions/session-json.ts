// A session on the wire. The browser's view carries its person and its last token.

import type { World } from "../context";
import { publicUserJson } from "../resources/public-user";
import { userForClient, userForServer } from "../resources/user";
import type { SessionRecord } from "../store/records";
import { sessionToken, verificationAges } from "./tokens";

export function sessionStatus(world: World, session: SessionRecord): string {
  if (session.status !== "active" && session.status !== "pending") return session.status;
  return session.expireAt <= world.clock.now() ? "expired" : session.status;
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

function sharedSessionJson(world: World, session: SessionRecord) {
  return {
    id: session.id,
    object: "session",
    status: sessionStatus(world, session),
    expire_at: session.expireAt,
    abandon_at: session.abandonAt,
    last_active_at: session.lastActiveAt,
    last_active_organization_id: session.lastActiveOrganizationId,
    actor: session.actor,
    created_at: session.createdAt,
    updated_at: session.updatedAt,
  };
}

export function sessionForServer(world: World, session: SessionRecord) {
  return {
    ...sharedSessionJson(world, session),
    user_id: session.userId,
    client_id: session.clientId,
    latest_activity: activityJson(session),
  };
}

export function sessionForWebhook(world: World, session: SessionRecord) {
  const user = world.state.users.get(session.userId);
  return {
    ...sessionForServer(world, session),
    user: user ? userForServer(world, user) : null,
  };
}

export function sessionForClient(world: World, session: SessionRecord, azp: string) {
  const user = world.state.users.get(session.userId);
  const status = sessionStatus(world, session);
  const hasToken = status === "active" || status === "pending";
  return {
    ...sharedSessionJson(world, session),
    factor_verification_age: verificationAges(world, session),
    tasks: status === "pending" ? [{ key: "choose-organization" }] : null,
    user: user ? userForClient(world, user) : null,
    public_user_data: user ? publicUserJson(world, user) : null,
    last_active_token: hasToken
      ? { object: "token", jwt: sessionToken(world, session, azp) }
      : null,
  };
}

/** What the list of devices in a profile shows. */
export function sessionWithActivity(world: World, session: SessionRecord) {
  const user = world.state.users.get(session.userId);
  return {
    ...sharedSessionJson(world, session),
    factor_verification_age: verificationAges(world, session),
    public_user_data: user ? publicUserJson(world, user) : null,
    latest_activity: activityJson(session),
  };
}
