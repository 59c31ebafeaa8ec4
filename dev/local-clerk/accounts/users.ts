// Creates, updates and bans users, and emits their events. The Frontend API, the Backend API, the seed and the
// control API all use these functions.

import type { ClerkContext } from "../context";
import { newId } from "../ids";
import { hasSecondFactor, userForServer } from "../resources/user";
import { activateReadySessions, endSession, liveSessionsOfUser } from "../sessions/sessions";
import type { EmailRecord, Metadata, UserRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";
import { emit } from "../webhooks/events";
import { ownerOfAddress, ownerOfNumber } from "./identifier-owners";

export type VerifiedBy = "email_code" | "email_link" | "admin" | `from_oauth_${string}`;

export type NewUser = Pick<UserRecord, "firstName" | "lastName"> &
  Partial<Omit<UserRecord, "emails">> & {
    emailAddresses: string[];
    verifiedBy: VerifiedBy;
    /** The addresses in `emailAddresses` that are unverified but reserved: no other user can add them. */
    reserved?: readonly string[];
  };

/** Finds a user by email address, and by phone number or username if the settings enable these. */
export function findUserByIdentifier(
  context: ClerkContext,
  identifier: string,
): UserRecord | undefined {
  const { usersByUsername } = context.state;
  const given = identifier.trim();
  const byEmail = ownerOfAddress(context, given);
  if (byEmail) return byEmail;
  const { phone, username } = context.settings;
  const number = given.replaceAll(/[ ()-]/g, "");
  const byPhone = phone === "off" ? undefined : ownerOfNumber(context, number);
  return byPhone ?? (username === "off" ? undefined : usersByUsername.first(given.toLowerCase()));
}

function newEmail(
  context: ClerkContext,
  address: string,
  verifiedBy: VerifiedBy,
  isReserved: boolean,
): EmailRecord {
  const now = context.clock.now();
  const isByEmail = verifiedBy === "email_code" || verifiedBy === "email_link";
  return {
    id: newId("idn", now),
    address: address.toLowerCase(),
    isReserved,
    verification: isReserved
      ? null
      : {
          ...verifiedWith(verifiedBy),
          attempts: isByEmail ? 1 : null,
          expireAt: isByEmail ? now + context.settings.codeLifetimeMs : null,
        },
    linkedTo: [],
    createdAt: now,
    updatedAt: now,
  };
}

export function createUser(context: ClerkContext, newUser: NewUser): UserRecord {
  const { emailAddresses, verifiedBy, reserved = [], ...given } = newUser;
  const now = context.clock.now();
  return context.state.change(() => {
    const emails = emailAddresses.map((each) =>
      newEmail(context, each, verifiedBy, reserved.includes(each)),
    );
    const user = context.state.users.make({
      id: newId("user", now),
      externalId: null,
      username: null,
      primaryEmailId: emails[0]?.id ?? null,
      passwordHash: null,
      passwordUpdatedAt: given.passwordHash ? now : null,
      publicMetadata: {},
      privateMetadata: {},
      unsafeMetadata: {},
      isBanned: false,
      isLocked: false,
      deleteSelfEnabled: true,
      createOrganizationEnabled: true,
      lastSignInAt: null,
      lastActiveAt: null,
      createdAt: now,
      updatedAt: now,
      ...given,
      emails,
    });
    emit(context, "user.created", userForServer(context, user));
    return user;
  });
}

/**
 * Stores the patch and emits `user.updated`. `updatedAt` increases with every update, even within a millisecond, because
 * consumers order events by it.
 */
export function updateUser(
  context: ClerkContext,
  user: UserRecord,
  patch: Partial<UserRecord>,
): UserRecord {
  return context.state.change(() => {
    const updatedAt = Math.max(context.clock.now(), user.updatedAt + 1);
    const { passwordHash = user.passwordHash } = patch;
    // The compromised flag was set for the old password; the new password is not known to be compromised.
    const isReplaced = passwordHash !== user.passwordHash;
    const changes = { ...(isReplaced ? { isPasswordCompromised: false } : {}), ...patch };
    const updated = context.state.users.put({ ...user, ...changes, updatedAt });
    if (user.imageId && user.imageId !== updated.imageId) context.state.images.drop(user.imageId);
    emit(context, "user.updated", userForServer(context, updated));
    activateReadySessions(context, updated.id);
    return updated;
  });
}

export function banUser(context: ClerkContext, user: UserRecord): UserRecord {
  return context.state.change(() => {
    for (const session of liveSessionsOfUser(context, user.id))
      endSession(context, session, "revoked");
    return updateUser(context, user, { isBanned: true });
  });
}

/** Merges metadata by Clerk's rule: objects are merged recursively, and null removes a key. */
export function mergeMetadata(current: Metadata, patch: Metadata): Metadata {
  const merged: Metadata = { ...current };
  for (const [key, value] of Object.entries(patch)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else if (isObject(value)) merged[key] = mergeMetadata(isObject(before) ? before : {}, value);
    else merged[key] = value;
  }
  return merged;
}

function isObject(value: unknown): value is Metadata {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns the patch that removes the backup codes and the MFA date if the user has no second factor; an empty patch for any other
 * user.
 */
export function mfaResetPatch(user: UserRecord): Partial<UserRecord> {
  return hasSecondFactor(user) ? {} : { backupCodes: [], mfaEnabledAt: null };
}
