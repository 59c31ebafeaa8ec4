// How this instance is set up: what Clerk's dashboard would hold. Nothing is read from the environment;
// what was changed at run time is remembered.

import { z } from "zod";

const dayMs = 86_400_000;
const toggle = z.enum(["off", "optional"]);
const attribute = z.enum(["off", "optional", "required"]);
const rateLimit = z.strictObject({
  calls: z.number().int().min(0),
  perMs: z.number().int().positive(),
});

export const settingsShape = z.object({
  applicationName: z.string().default("Rollcall"),
  /** Where numbers are on as well, a person gives either; where it is not required, a username alone will do. */
  email: attribute.default("required"),
  username: attribute.default("off"),
  /** The first and the last one. */
  names: z.enum(["optional", "required"]).default("optional"),
  phone: toggle.default("off"),
  /** Whether addresses are verified with a code, a link, or as the page asks. */
  emailVerification: z.enum(["code", "link", "both"]).default("code"),
  hasSocial: z.boolean().default(false),
  hasSecondFactor: z.boolean().default(false),
  signUp: z.enum(["public", "restricted", "waitlist"]).default("public"),
  hasLegalConsent: z.boolean().default(false),
  hasAllowlist: z.boolean().default(false),
  hasBlocklist: z.boolean().default(false),
  /** Whether a session is pending until its person has chosen an organization. */
  needsOrganization: z.boolean().default(false),
  hasOrganizationDomains: z.boolean().default(false),
  /** Whether what cannot be taken back asks for a proof that is not older than ten minutes. */
  needsReverification: z.boolean().default(false),
  sessions: z.enum(["single", "multi"]).default("multi"),
  /** Whether deleting an organization or a person also sends what that implies for memberships. */
  sendsImpliedEvents: z.boolean().default(true),
  maxAllowedMemberships: z.number().int().min(0).default(50),
  passwordMinLength: z.number().int().min(8).default(8),
  passwordMaxLength: z.number().int().max(72).default(72),
  codeLifetimeMs: z.number().int().positive().default(600_000),
  codeMaxAttempts: z.number().int().positive().default(5),
  /** Wrong passwords and codes, until the account is locked for so long. */
  lockAfter: z.number().int().positive().default(100),
  lockMs: z.number().int().positive().default(3_600_000),
  sessionLifetimeMs: z
    .number()
    .int()
    .positive()
    .default(7 * dayMs),
  tokenLifetimeSeconds: z.number().int().positive().default(60),
  /** Claims of the team's own in every session token, as a JSON object; shortcodes as in a JWT template. */
  sessionClaims: z
    .string()
    .default("{}")
    .refine((text) => claimsIn(text) !== null, "It must be a JSON object."),
  /** Clerk's for a production instance; one of a development instance has 100. 0 is no limit. */
  backendLimit: rateLimit.default({ calls: 1_000, perMs: 10_000 }),
  /** Clerk limits the Frontend API by address; here all come from one, so there is none unless asked. */
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

export const sessionClaims = (settings: Settings) => claimsIn(settings.sessionClaims) ?? {};
