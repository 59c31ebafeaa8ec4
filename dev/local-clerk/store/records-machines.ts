// The stored records of machine authentication: API keys, machines with their M2M tokens, and OAuth applications.

import { z } from "zod";

const id = z.string();
const time = z.number();
const stamps = { createdAt: time, updatedAt: time };
const claims = z.record(z.string(), z.unknown()).nullable();

/** What an API key and an M2M token have in common. `expiration` is null when it never expires. */
const credential = {
  claims,
  scopes: z.array(z.string()),
  secret: z.string(),
  isRevoked: z.boolean(),
  revocationReason: z.string().nullable(),
  expiration: time.nullable(),
  lastUsedAt: time.nullable(),
  ...stamps,
};

export const apiKeySchema = z.object({
  id,
  type: z.string(),
  /** The id of the user or organization whose key it is. */
  subject: id,
  name: z.string(),
  description: z.string().nullable(),
  createdBy: id.nullable(),
  ...credential,
});
export type ApiKeyRecord = z.infer<typeof apiKeySchema>;

export const machineSchema = z.object({
  id,
  name: z.string(),
  defaultTokenSeconds: z.number(),
  secretKey: z.string(),
  /** The secret key before the last rotation, which is valid until `until`. */
  oldSecretKey: z.object({ secretKey: z.string(), until: time }).nullable(),
  /** The ids of the machines that may verify this machine's tokens. */
  scopes: z.array(id),
  ...stamps,
});
export type MachineRecord = z.infer<typeof machineSchema>;

export const m2mTokenSchema = z.object({ id, machineId: id, ...credential });
export type M2mTokenRecord = z.infer<typeof m2mTokenSchema>;

export const oauthApplicationSchema = z.object({
  id,
  name: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  redirectUris: z.array(z.string()),
  scopes: z.string(),
  hasConsentScreen: z.boolean(),
  requiresPkce: z.boolean(),
  isPublic: z.boolean(),
  imageId: id.nullable(),
  ...stamps,
});
export type OauthApplicationRecord = z.infer<typeof oauthApplicationSchema>;
