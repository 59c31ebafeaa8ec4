// The settings of an instance, which a real instance has in Clerk's dashboard. No setting comes from an environment variable.

import { z } from "zod";
import { isProvider, listOf } from "./providers";

const dayMs = 86_400_000;
const attribute = z.enum(["off", "optional", "required"]);
const rateLimit = z.strictObject({
  calls: z.number().int().min(0),
  perMs: z.number().int().positive(),
});

export const settingsShape = z.object({
  applicationName: z.string().default("Rollcall"),
  /** Attributes of users. Each can be required, optional or off. A user needs at least one of email, phone and username. */
  email: attribute.default("required"),
  phone: attribute.default("off"),
  username: attribute.default("off"),
  /** The first and last name of users: each of them is required, optional or off. */
  names: attribute.default("optional"),
  password: attribute.default("required"),
  /** Whether a sign-up must verify its email address and phone number before the user is created. */
  verifiesAtSignUp: z.boolean().default(true),
  /**
   * Whether addresses with the subaddress `+clerk_test` and numbers +1 XXX 555 0100 to 0199 accept the code 424242. No code is
   * sent to them.
   */
  hasTestMode: z.boolean().default(true),
  /** How email addresses are verified: by code, by link, or by either (`both`), as the page requests. */
  emailVerification: z.enum(["code", "link", "both"]).default("code"),
  hasSocial: z.boolean().default(false),
  /** The enabled providers, separated by commas, such as `google, github, custom_acme`. Used only with `hasSocial`. */
  socialProviders: z
    .string()
    .default("google, apple")
    .refine((text) => listOf(text).every(isProvider), "It must list providers that Clerk has."),
  hasSecondFactor: z.boolean().default(false),
  /** Whether a session is pending until its user has a second factor. True also enables second factors. */
  needsSecondFactor: z.boolean().default(false),
  /** Whether a sign-in by password in a new browser also needs a code, for users without a second factor. */
  hasClientTrust: z.boolean().default(false),
  signUp: z.enum(["public", "restricted", "waitlist"]).default("public"),
  hasLegalConsent: z.boolean().default(false),
  hasAllowlist: z.boolean().default(false),
  hasBlocklist: z.boolean().default(false),
  /** Whether a session is pending until its user has chosen an organization. */
  needsOrganization: z.boolean().default(false),
  hasOrganizationDomains: z.boolean().default(false),
  /** Whether sensitive actions require a verification in the last ten minutes. */
  needsReverification: z.boolean().default(false),
  /** Whether users can create API keys for themselves and for their organizations. The Backend API always can. */
  hasApiKeys: z.boolean().default(false),
  sessions: z.enum(["single", "multi"]).default("multi"),
  /** Whether deleting an organization or a user also emits `organizationMembership.deleted` for its memberships. */
  sendsImpliedEvents: z.boolean().default(true),
  maxAllowedMemberships: z.number().int().min(0).default(50),
  passwordMinLength: z.number().int().min(8).default(8),
  passwordMaxLength: z.number().int().max(72).default(72),
  codeLifetimeMs: z.number().int().positive().default(600_000),
  codeMaxAttempts: z.number().int().positive().default(5),
  /** After this number of failed attempts with a password or code, the user is locked for `lockMs`. */
  lockAfter: z.number().int().positive().default(100),
  lockMs: z.number().int().positive().default(3_600_000),
  sessionLifetimeMs: z
    .number()
    .int()
    .positive()
    .default(7 * dayMs),
  /**
   * The version of session tokens. Version 1 has `org_id`, `org_role`, `org_slug` and `org_permissions` in place of `o` and
   * `fea`.
   */
  sessionTokenVersion: z.literal([1, 2]).default(2),
  tokenLifetimeSeconds: z.number().int().positive().default(60),
  /** Custom claims of every session token: a JSON object, with shortcodes as in a JWT template. */
  sessionClaims: z
    .string()
    .default("{}")
    .refine((text) => claimsIn(text) !== null, "It must be a JSON object."),
  /**
   * The rate limit of the Backend API. The default is Clerk's limit for a production instance: 1,000 calls per ten seconds (a
   * development instance has 100). `calls: 0` means no limit.
   */
  backendLimit: rateLimit.default({ calls: 1_000, perMs: 10_000 }),
  /** No limit by default: Clerk limits the Frontend API per IP address, and all browsers of the local Clerk share one address. */
  frontendLimit: rateLimit.default({ calls: 0, perMs: 10_000 }),
});
export type Settings = z.infer<typeof settingsShape>;

function claimsIn(text: string): Record<string, unknown> | null {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export const allowsSecondFactor = ({ hasSecondFactor, needsSecondFactor }: Settings) =>
  hasSecondFactor || needsSecondFactor;

export const sessionClaims = (settings: Settings) => claimsIn(settings.sessionClaims) ?? {};
