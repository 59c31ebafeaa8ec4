// The schemas of the fields of a created or updated user, and the check that identifiers are unique in the instance.

import { z } from "zod";
import type { NewUser } from "../accounts/users";
import { requireEmailAddress, requirePhoneNumber } from "../authentication/formats";
import { newPhone, requireFreeAddress, requireFreeNumber } from "../authentication/identifications";
import { checkPassword, hashPassword } from "../authentication/passwords";
import { isTotpSecret } from "../authentication/second-factors";
import type { ClerkContext } from "../context";
import {
  formRefusal,
  identifierTaken,
  notImplemented,
  paramInvalid,
  paramMissing,
} from "../errors";
import { requireUsername } from "../instance/usernames";
import type { UserRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";
import { dateTime, metadata } from "./call";

const nullableText = z.string().nullish();
const statuses = z.array(z.enum(["verified", "reserved"])).nullish();
const shared = {
  external_id: nullableText,
  first_name: nullableText,
  last_name: nullableText,
  username: nullableText,
  password: nullableText,
  skip_password_checks: z.boolean().nullish(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
  unsafe_metadata: metadata.nullish(),
  delete_self_enabled: z.boolean().nullish(),
  locale: nullableText,
  created_at: dateTime,
  legal_accepted_at: dateTime,
  skip_legal_checks: z.boolean().nullish(),
  create_organization_enabled: z.boolean().nullish(),
  create_organizations_limit: z.number().int().min(0).nullish(),
  totp_secret: nullableText,
  backup_codes: z.array(z.string()).nullish(),
};
export const creation = z.object({
  ...shared,
  email_address: z.array(z.string()).nullish(),
  email_address_identification_status: statuses,
  phone_number: z.array(z.string()).nullish(),
  phone_number_identification_status: statuses,
  skip_password_requirement: z.boolean().nullish(),
  banned: z.boolean().nullish(),
  locked: z.boolean().nullish(),
});
export const changes = z.object({
  ...shared,
  primary_email_address_id: nullableText,
  primary_phone_number_id: nullableText,
  sign_out_of_other_sessions: z.boolean().nullish(),
  notify_primary_email_address_changed: z.boolean().nullish(),
});
type SharedFields = z.infer<z.ZodObject<typeof shared>>;

/** Converts the names, email addresses, phone numbers, ban and lock of the request. `sharedPatch` converts the other fields. */
export function newPerson(context: ClerkContext, given: z.infer<typeof creation>): NewUser {
  const addresses = (given.email_address ?? []).map((each) => requireEmailAddress(each));
  const numbers = (given.phone_number ?? []).map((each) => requirePhoneNumber(each));
  if (addresses.length + numbers.length === 0 && !given.username) {
    throw paramMissing("email_address");
  }
  const { email_address_identification_status: a, phone_number_identification_status: n } = given;
  const reserved = reservedAmong(addresses, a, "email_address");
  const reservedNumbers = reservedAmong(numbers, n, "phone_number");
  const phones = numbers.map((each) =>
    reservedNumbers.includes(each)
      ? { ...newPhone(context, each, null), isReserved: true }
      : newPhone(context, each, verifiedWith("admin")),
  );
  return {
    firstName: given.first_name ?? null,
    lastName: given.last_name ?? null,
    emailAddresses: addresses,
    verifiedBy: "admin",
    reserved,
    phones,
    primaryPhoneId: phones[0]?.id ?? null,
    isBanned: given.banned ?? false,
    isLocked: given.locked ?? false,
  };
}

/** Returns the reserved entries of `list`. `statuses` has one status for each entry, in the same order, or is empty. */
function reservedAmong(
  list: readonly string[],
  statuses: readonly string[] | null | undefined,
  param: string,
): string[] {
  if (!statuses || statuses.length === 0) return [];
  if (statuses.length !== list.length) {
    const name = `${param}_identification_status`;
    const long = `${name} must contain exactly one item for each item in ${param}.`;
    throw formRefusal("form_param_array_length_mismatch", name, "length mismatch", long);
  }
  return list.filter((_, place) => statuses[place] === "reserved");
}

/**
 * Refuses identifiers that another user has, and duplicates within the request. Call it in the same `state.change` that creates
 * the user.
 */
export function requireUnique(
  context: ClerkContext,
  { emailAddresses, phones = [] }: NewUser,
): void {
  for (const [place, address] of emailAddresses.entries()) {
    requireFreeAddress(context, address);
    const isTwice = emailAddresses.indexOf(address) !== place;
    if (isTwice) throw identifierTaken("email_address", "email address");
  }
  const numbers = phones.map(({ number }) => number);
  for (const [place, number] of numbers.entries()) {
    requireFreeNumber(context, number);
    if (numbers.indexOf(number) !== place) throw identifierTaken("phone_number", "phone number");
  }
}

/** Hashes the password, which is slow. Read records only after awaiting the hash, because records may change meanwhile. */
export async function newPasswordHash(
  context: ClerkContext,
  given: SharedFields,
): Promise<string | null> {
  if (!given.password) return null;
  if (!given.skip_password_checks) checkPassword(context.settings, given.password);
  return hashPassword(given.password);
}

export function sharedPatch(
  context: ClerkContext,
  given: SharedFields,
  passwordHash: string | null,
  user?: UserRecord,
): Partial<UserRecord> {
  const patch: Partial<UserRecord> = {};
  if (given.first_name !== undefined) patch.firstName = given.first_name;
  if (given.last_name !== undefined) patch.lastName = given.last_name;
  if (given.external_id !== undefined) {
    patch.externalId = given.external_id && requireFreeExternalId(context, given.external_id, user);
  }
  if (given.username !== undefined) {
    patch.username = given.username && requireUsername(context, given.username, user);
  }
  if (given.locale !== undefined) patch.locale = given.locale;
  if (given.created_at) patch.createdAt = given.created_at;
  if (given.legal_accepted_at) patch.legalAcceptedAt = given.legal_accepted_at;
  if (given.public_metadata) patch.publicMetadata = given.public_metadata;
  if (given.private_metadata) patch.privateMetadata = given.private_metadata;
  if (given.unsafe_metadata) patch.unsafeMetadata = given.unsafe_metadata;
  if (typeof given.delete_self_enabled === "boolean") {
    patch.deleteSelfEnabled = given.delete_self_enabled;
  }
  if (typeof given.create_organization_enabled === "boolean") {
    patch.createOrganizationEnabled = given.create_organization_enabled;
  }
  if (given.create_organizations_limit !== undefined) {
    patch.createOrganizationsLimit = given.create_organizations_limit;
  }
  if (given.totp_secret) {
    if (!isTotpSecret(given.totp_secret))
      throw paramInvalid("totp_secret", "totp_secret must be Base32.");
    patch.totpSecret = given.totp_secret;
    patch.isTotpVerified = true;
    patch.mfaEnabledAt = user?.mfaEnabledAt ?? context.clock.now();
  }
  if (given.backup_codes) {
    const isDigest = given.backup_codes.some((each) => each.startsWith("$2"));
    if (isDigest) throw notImplemented("importing bcrypt digests of backup codes");
    patch.backupCodes = given.backup_codes.map((each) => each.toLowerCase());
  }
  if (passwordHash) {
    patch.passwordHash = passwordHash;
    patch.passwordUpdatedAt = context.clock.now();
  }
  return patch;
}

function requireFreeExternalId(
  context: ClerkContext,
  externalId: string,
  owner?: UserRecord,
): string {
  const taken = context.state.usersByExternalId.first(externalId);
  if (taken && taken.id !== owner?.id) throw identifierTaken("external_id", "external id");
  return externalId;
}
