/**
 * Splits a Clerk object into the attributes that have a column and all other attributes. So an attribute that Clerk adds later is
 * stored without a schema change. Leaves out secrets and embedded copies of other objects.
 */
import { clerkInvitation, clerkMembership, clerkOrganization, clerkUser } from "./event";
import { isMetadataKey, isSecretKey } from "./redact";
import { storableJson } from "./storable-json";

const knownKeys = {
  user: new Set(Object.keys(clerkUser.shape)),
  organization: new Set(Object.keys(clerkOrganization.shape)),
  organizationMembership: new Set(Object.keys(clerkMembership.shape)),
  organizationInvitation: new Set(Object.keys(clerkInvitation.shape)),
};

export type SplitNoun = keyof typeof knownKeys;
export const isSplitNoun = (noun: string): noun is SplitNoun => Object.hasOwn(knownKeys, noun);

/**
 * The attributes whose column holds the whole JSON value, apart from secrets and what Postgres cannot store. Every other
 * attribute that has a column is a scalar, or an object of which one scalar is stored.
 */
const jsonKeys = new Set([
  "public_metadata",
  "unsafe_metadata",
  "private_metadata",
  "email_addresses",
  "phone_numbers",
  "external_accounts",
  "web3_wallets",
  "passkeys",
  "permissions",
]);

/**
 * Attributes that are not stored. `object` is a constant. The others are copies of other objects, which have their own rows: such
 * a copy would become stale.
 */
const omittedKeys = new Set([
  "object",
  "organization_memberships",
  "public_organization_data",
  "public_inviter_data",
  "public_user_data",
]);

type Split = {
  /** The attributes that have a column, by name. The property `other_attributes` has all others. */
  object: unknown;
  /** The paths of values that cannot be stored. */
  lost: string[];
};

/**
 * Splits an object of Clerk. The output is the same for the original body and for the stored body without secrets, so that a
 * replay writes the same row.
 */
export function splitObject(noun: SplitNoun, raw: unknown, keepsPrivateMetadata: boolean): Split {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return { object: raw, lost: [] };
  const known: Record<string, unknown> = {};
  const others: [string, unknown][] = [];
  const lost: string[] = [];
  for (const [key, value] of Object.entries(raw)) {
    if (key === "private_metadata" && !keepsPrivateMetadata) continue;
    const omits = isMetadataKey(key) ? undefined : isSecretKey;
    if (knownKeys[noun].has(key)) {
      known[key] = jsonKeys.has(key) ? storableJson(value, key, lost, omits) : value;
    } else if (!omittedKeys.has(key) && !isSecretKey(key)) {
      others.push([key, storableJson(value, key, lost, omits)]);
    }
  }
  return { object: { ...known, other_attributes: Object.fromEntries(others) }, lost };
}
