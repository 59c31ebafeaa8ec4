// Reads users exported from Clerk, as a seed: a JSON array of users in the format of `clerk migrate export clerk` or of the
// Backend API (`GET /v1/users`). https://clerk.com/docs/guides/development/migrating/export-from-clerk
//
// All exported users get the password of the built-in seed: the API exports no password digests, and the local Clerk reads none.

import { z } from "zod";
import type { NewUser } from "../accounts/users";
import { newPhone } from "../authentication/identifications";
import type { ClerkContext } from "../context";
import { verifiedWith } from "../store/verification-record";

const text = z.string().nullish();
const time = z.number().nullish();
const metadata = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((given) => given ?? {});

/** An email address or phone number: a string in an export, an object in a response of the Backend API. */
const identification = z.union([
  z.string().transform((value) => ({ id: "", value, isVerified: true })),
  z
    .object({
      id: z.string().default(""),
      email_address: z.string().optional(),
      phone_number: z.string().optional(),
      verification: z.object({ status: z.string() }).nullish(),
    })
    .transform(({ id, email_address, phone_number, verification }) => ({
      id,
      value: email_address ?? phone_number ?? "",
      isVerified: verification?.status === "verified",
    })),
]);
const identifications = z
  .array(identification)
  .nullish()
  .transform((given) => given ?? []);
type Identification = z.output<typeof identification>;

export const clerkExport = z.array(
  z.object({
    id: z.string().regex(/^user_\w+$/, "must be the id of a user, such as user_2abc"),
    external_id: text,
    username: text,
    first_name: text,
    last_name: text,
    primary_email_address: text,
    primary_email_address_id: text,
    email_addresses: identifications,
    unverified_email_addresses: identifications,
    primary_phone_number: text,
    primary_phone_number_id: text,
    phone_numbers: identifications,
    unverified_phone_numbers: identifications,
    public_metadata: metadata,
    private_metadata: metadata,
    unsafe_metadata: metadata,
    banned: z.boolean().nullish(),
    legal_accepted_at: time,
    created_at: time,
  }),
);
export type ExportedUser = z.output<typeof clerkExport>[number];

/**
 * Returns the identifications without duplicates, the primary identification first. An export may name a primary identification
 * that its list lacks.
 */
function inOrder(
  listed: readonly Identification[],
  unverified: readonly Identification[],
  primary: { value: string | null | undefined; id: string | null | undefined },
): Identification[] {
  const all = [...listed, ...unverified.map((each) => ({ ...each, isVerified: false }))];
  const isPrimary = (each: Identification) =>
    each.value === primary.value || (each.id !== "" && each.id === primary.id);
  const named = primary.value ? [{ id: "", value: primary.value, isVerified: true }] : [];
  const first = all.filter(isPrimary);
  const sorted = [...(first.length > 0 ? first : named), ...all.filter((each) => !isPrimary(each))];
  return sorted.filter(
    ({ value }, place) => sorted.findIndex((each) => each.value === value) === place,
  );
}

export function newExportedUser(
  context: ClerkContext,
  user: ExportedUser,
  passwordHash: string,
): NewUser {
  const emails = inOrder(user.email_addresses, user.unverified_email_addresses, {
    value: user.primary_email_address,
    id: user.primary_email_address_id,
  });
  const phones = inOrder(user.phone_numbers, user.unverified_phone_numbers, {
    value: user.primary_phone_number,
    id: user.primary_phone_number_id,
  }).map(({ value, isVerified }) =>
    newPhone(context, value, isVerified ? verifiedWith("admin") : null),
  );
  const createdAt = user.created_at ?? context.clock.now();
  return {
    id: user.id,
    externalId: user.external_id ?? null,
    username: user.username ?? null,
    firstName: user.first_name ?? null,
    lastName: user.last_name ?? null,
    emailAddresses: emails.map(({ value }) => value),
    reserved: emails.flatMap(({ value, isVerified }) => (isVerified ? [] : [value])),
    verifiedBy: "admin",
    phones,
    primaryPhoneId: phones[0]?.id ?? null,
    publicMetadata: user.public_metadata,
    privateMetadata: user.private_metadata,
    unsafeMetadata: user.unsafe_metadata,
    isBanned: user.banned ?? false,
    legalAcceptedAt: user.legal_accepted_at ?? null,
    passwordHash,
    createdAt,
    updatedAt: createdAt,
  };
}
