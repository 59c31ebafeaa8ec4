/** The e-mail addresses, phone numbers and connected accounts of a user. They are stored as JSON, as Clerk sends them. */
import { z } from "zod";
import { builder } from "../builder";

const text = z.string().nullish().catch(null);
const verification = z.object({ status: text }).nullish().catch(null);

const emailAddress = z.object({ id: text, email_address: z.string(), verification });
const phoneNumber = z.object({ id: text, phone_number: z.string(), verification });
const externalAccount = z.object({
  id: text,
  provider: z.string(),
  email_address: text,
  username: text,
  verification,
});

/** Returns the stored elements that match the schema. Elements without a required attribute are left out. */
function listOf<Shape extends z.ZodType>(shape: Shape, stored: unknown): z.output<Shape>[] {
  return (Array.isArray(stored) ? stored : []).flatMap((item: unknown) => {
    const parsed = shape.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
}

export const emailAddressesOf = (stored: unknown) => listOf(emailAddress, stored);
export const phoneNumbersOf = (stored: unknown) => listOf(phoneNumber, stored);
export const externalAccountsOf = (stored: unknown) => listOf(externalAccount, stored);

export const isVerified = (item: { verification?: z.output<typeof verification> }) =>
  item.verification?.status === "verified";

/** Any viewer may read these types: only fields of a user return them, and these fields have their own access rules. */
const onlyThroughUser = { viewer: true } as const;

export const UserEmailAddress = builder
  .objectRef<z.output<typeof emailAddress>>("UserEmailAddress")
  .implement({
    authScopes: onlyThroughUser,
    fields: (t) => ({
      emailAddress: t.exposeString("email_address", { nullable: false }),
      isVerified: t.boolean({ nullable: false, resolve: isVerified }),
    }),
  });

export const UserPhoneNumber = builder
  .objectRef<z.output<typeof phoneNumber>>("UserPhoneNumber")
  .implement({
    authScopes: onlyThroughUser,
    fields: (t) => ({
      phoneNumber: t.exposeString("phone_number", { nullable: false }),
      isVerified: t.boolean({ nullable: false, resolve: isVerified }),
    }),
  });

export const UserExternalAccount = builder
  .objectRef<z.output<typeof externalAccount>>("UserExternalAccount")
  .implement({
    description: "An account at another provider, such as Google, that the user signs in with.",
    authScopes: onlyThroughUser,
    fields: (t) => ({
      provider: t.exposeString("provider", {
        nullable: false,
        description: "Clerk's name of the provider, e.g. oauth_google.",
      }),
      emailAddress: t.exposeString("email_address"),
      username: t.exposeString("username"),
      isVerified: t.boolean({ nullable: false, resolve: isVerified }),
    }),
  });
