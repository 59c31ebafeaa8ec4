// API keys of users and organizations: long-lived secrets with which their own programs call the app.

import { randomBytes } from "node:crypto";
import type { ClerkContext } from "../context";
import { notFound, paramInvalid } from "../errors";
import { randomToken } from "../ids";
import type { ApiKeyRecord } from "../store/records-machines";

type NewApiKey = Pick<
  ApiKeyRecord,
  "type" | "subject" | "name" | "description" | "claims" | "scopes" | "createdBy"
> & { secondsUntilExpiration: number | null };

export const expirationAfter = (context: ClerkContext, seconds: number | null) =>
  seconds === null ? null : context.clock.now() + seconds * 1000;

export const isExpired = (context: ClerkContext, { expiration }: { expiration: number | null }) =>
  expiration !== null && expiration <= context.clock.now();

/** Throws when `subject` is not the id of a user or organization. */
export function requireSubject(context: ClerkContext, subject: string): void {
  const { users, organizations } = context.state;
  if (users.get(subject) ?? organizations.get(subject)) return;
  throw paramInvalid("subject", `No user or organization was found with id ${subject}.`);
}

export function createApiKey(context: ClerkContext, given: NewApiKey): ApiKeyRecord {
  const { secondsUntilExpiration, ...rest } = given;
  requireSubject(context, given.subject);
  const now = context.clock.now();
  return context.state.apiKeys.put({
    ...rest,
    id: `ak_${randomBytes(16).toString("hex")}`,
    secret: `ak_${randomToken(43)}`,
    isRevoked: false,
    revocationReason: null,
    expiration: expirationAfter(context, secondsUntilExpiration),
    lastUsedAt: null,
    createdAt: now,
    updatedAt: now,
  });
}

export function requireApiKey(context: ClerkContext, id: string): ApiKeyRecord {
  const key = context.state.apiKeys.get(id);
  if (!key) throw notFound("API key", id);
  return key;
}

export function revokeApiKey(
  context: ClerkContext,
  key: ApiKeyRecord,
  revocationReason: string | null,
): ApiKeyRecord {
  const updatedAt = context.clock.now();
  return context.state.apiKeys.put({ ...key, isRevoked: true, revocationReason, updatedAt });
}

type Filter = { subject: string; type?: string; query?: string; includesInvalid: boolean };

/** Returns the API keys of a user or organization, newest first. Revoked and expired keys are left out unless requested. */
export function listApiKeys(context: ClerkContext, filter: Filter): ApiKeyRecord[] {
  const query = filter.query?.toLowerCase() ?? "";
  return context.state.apiKeysBySubject
    .all(filter.subject)
    .filter((key) => !filter.type || key.type === filter.type)
    .filter(({ name }) => name.toLowerCase().includes(query))
    .filter((key) => filter.includesInvalid || !(key.isRevoked || isExpired(context, key)))
    .reverse();
}
