// The signed-in user: names, devices, organizations, deletion of the account.

import { Hono } from "hono";
import { z } from "zod";
import { mergeMetadata, updateUser } from "../accounts/users";
import { deleteUser } from "../authentication/delete-user";
import { requireOneIdentifier } from "../authentication/identifications";
import { requireRecentVerification } from "../authentication/reverification";
import type { ClerkContext } from "../context";
import { notFound, paramMissing, paramUnknown, refusal } from "../errors";
import { requireUsername } from "../instance/usernames";
import { organizationGone } from "../organizations/errors";
import { findMembership, removeMembership } from "../organizations/organizations";
import { deletedJson, pageJson } from "../resources/lists";
import { membershipForClient } from "../resources/membership";
import { userForClient } from "../resources/user";
import { sessionForClient, sessionWithActivity } from "../sessions/session-json";
import { endSession, liveSessionsOfUser } from "../sessions/sessions";
import type { EmailRecord, PhoneRecord, UserRecord } from "../store/records";
import { callerOrigin, currentSession, currentUser, type FapiEnv, readForm, reply } from "./call";
import { json, requireMetadata, text } from "./form";
import { readPage } from "./pagination";

const profile = z.object({
  first_name: z.string().max(256).optional(),
  last_name: z.string().max(256).optional(),
  username: z.string().max(2_000).optional(),
  unsafe_metadata: json,
  primary_email_address_id: text,
  primary_phone_number_id: text,
});

/** From this version of the Frontend API on, PATCH /me refuses metadata, because PATCH /me/metadata changes it. */
const metadataVersion = "2026-05-12";

/** Fields that require reverification, so that access to an unattended browser is not enough. */
const sensitiveFields = [
  "username",
  "primary_email_address_id",
  "primary_phone_number_id",
] as const;

export function meRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/me", (call) =>
    reply(context, call, userForClient(context, currentUser(context, call))),
  );

  routes.patch("/me", (call) => {
    const user = currentUser(context, call);
    const given = readForm(call, profile);
    const version = call.req.query("__clerk_api_version") ?? "";
    if (given.unsafe_metadata && version >= metadataVersion) throw paramUnknown("unsafe_metadata");
    if (sensitiveFields.some((each) => given[each] !== undefined)) {
      requireRecentVerification(context, currentSession(context, call));
    }
    const patch = profilePatch(context, user, given);
    return reply(context, call, userForClient(context, updateUser(context, user, patch)));
  });

  routes.patch("/me/metadata", (call) => {
    const user = currentUser(context, call);
    const { unsafe_metadata: given } = readForm(call, z.object({ unsafe_metadata: json }));
    if (!given) throw paramMissing("unsafe_metadata");
    const unsafeMetadata = mergeMetadata(user.unsafeMetadata, requireMetadata(given));
    requireMetadata(JSON.stringify(unsafeMetadata));
    return reply(
      context,
      call,
      userForClient(context, updateUser(context, user, { unsafeMetadata })),
    );
  });

  // Clerk can suggest an organization by the domain of the user's address. The local Clerk suggests none.
  routes.get("/me/organization_creation_defaults", (call) => {
    currentUser(context, call);
    return reply(context, call, { advisory: null, form: null });
  });

  routes.get("/me/enterprise_connections", (call) => {
    currentUser(context, call);
    return reply(context, call, []);
  });

  routes.delete("/me", (call) => {
    const user = currentUser(context, call);
    requireRecentVerification(context, currentSession(context, call));
    if (!user.deleteSelfEnabled) {
      const message = "Self deletion is not enabled for this user";
      throw refusal(403, "user_delete_self_not_enabled", "delete self not enabled", message);
    }
    deleteUser(context, user);
    return reply(context, call, deletedJson("user", user.id));
  });

  for (const path of ["/me/sessions", "/me/sessions/active"]) {
    routes.get(path, (call) => {
      const sessions = liveSessionsOfUser(context, currentUser(context, call).id);
      return call.json(sessions.map((each) => sessionWithActivity(context, each)));
    });
  }

  routes.post("/me/sessions/:id/revoke", (call) => {
    const user = currentUser(context, call);
    const { id } = call.req.param();
    const session = liveSessionsOfUser(context, user.id).find((each) => each.id === id);
    if (!session) throw notFound("session", id);
    requireRecentVerification(context, currentSession(context, call));
    const revoked = endSession(context, session, "revoked");
    return reply(context, call, sessionForClient(context, revoked, callerOrigin(context, call)));
  });

  routes.get("/me/organization_memberships", (call) => {
    const memberships = context.state.membershipsByUser
      .all(currentUser(context, call).id)
      .reverse();
    const page = readPage(call, memberships).map((each) => membershipForClient(context, each));
    const isPaginated = call.req.query("paginated") === "true";
    return reply(context, call, isPaginated ? pageJson(page, memberships.length) : page);
  });

  routes.delete("/me/organization_memberships/:organizationId", (call) => {
    const { organizationId } = call.req.param();
    const membership = findMembership(context, organizationId, currentUser(context, call).id);
    if (!membership) throw organizationGone();
    removeMembership(context, membership);
    return reply(context, call, deletedJson("organization_membership", membership.id));
  });

  return routes;
}

function profilePatch(
  context: ClerkContext,
  user: UserRecord,
  given: z.infer<typeof profile>,
): Partial<UserRecord> {
  const patch: Partial<UserRecord> = {};
  if (given.first_name !== undefined) patch.firstName = given.first_name.trim() || null;
  if (given.last_name !== undefined) patch.lastName = given.last_name.trim() || null;
  if (given.unsafe_metadata) patch.unsafeMetadata = requireMetadata(given.unsafe_metadata);
  if (given.username !== undefined) patch.username = username(context, user, given.username);
  if (given.primary_email_address_id) {
    const id = given.primary_email_address_id;
    const email = user.emails.find((each) => each.id === id);
    if (!email) throw notFound("email address", id);
    requireVerified(email);
    patch.primaryEmailId = id;
  }
  if (given.primary_phone_number_id) {
    const id = given.primary_phone_number_id;
    const phone = user.phones.find((each) => each.id === id);
    if (!phone) throw notFound("phone number", id);
    requireVerified(phone);
    patch.primaryPhoneId = id;
  }
  return patch;
}

/**
 * Returns the new username. An empty `given` removes the username: the function returns null, or throws if the username is
 * required or is the user's only identifier.
 */
function username(context: ClerkContext, user: UserRecord, given: string): string | null {
  if (context.settings.username === "off") throw paramUnknown("username");
  if (given.trim()) return requireUsername(context, given, user);
  if (context.settings.username === "required") throw paramMissing("username");
  requireOneIdentifier({ ...user, username: null });
  return null;
}

function requireVerified({ verification }: EmailRecord | PhoneRecord): void {
  if (verification?.status === "verified") return;
  const message = "Verify it before it becomes the primary one.";
  throw refusal(400, "verification_missing", "missing verification", message);
}
