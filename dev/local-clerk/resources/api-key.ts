// The JSON of an API key. Its secret is not part of it: only the response to its creation has the secret.

import type { ClerkContext } from "../context";
import type { ApiKeyRecord, M2mTokenRecord } from "../store/records-machines";

type Credential = ApiKeyRecord | M2mTokenRecord;

/** Returns the fields that API keys and M2M tokens have in common. */
export function credentialJson(context: ClerkContext, credential: Credential) {
  const { expiration } = credential;
  return {
    claims: credential.claims,
    scopes: credential.scopes,
    revoked: credential.isRevoked,
    revocation_reason: credential.revocationReason,
    expired: expiration !== null && expiration <= context.clock.now(),
    expiration,
    last_used_at: credential.lastUsedAt,
    created_at: credential.createdAt,
    updated_at: credential.updatedAt,
  };
}

export function apiKeyJson(context: ClerkContext, key: ApiKeyRecord) {
  return {
    object: "api_key",
    id: key.id,
    type: key.type,
    subject: key.subject,
    name: key.name,
    description: key.description,
    created_by: key.createdBy,
    ...credentialJson(context, key),
  };
}
