// How this instance is set up: what Clerk's dashboard would hold. Plain values; nothing is read from
// the environment.

export type Settings = {
  applicationName: string;
  username: "off" | "optional";
  sessions: "single" | "multi";
  /** Whether deleting an organization or a person also sends what that implies for memberships. */
  sendsImpliedEvents: boolean;
  maxAllowedMemberships: number;
  passwordMinLength: number;
  passwordMaxLength: number;
  codeLifetimeMs: number;
  codeMaxAttempts: number;
  sessionLifetimeMs: number;
  tokenLifetimeSeconds: number;
};

const dayMs = 86_400_000;

export const defaultSettings: Settings = {
  applicationName: "Rollcall",
  username: "off",
  sessions: "multi",
  sendsImpliedEvents: true,
  maxAllowedMemberships: 50,
  passwordMinLength: 8,
  passwordMaxLength: 72,
  codeLifetimeMs: 10 * 60_000,
  codeMaxAttempts: 5,
  sessionLifetimeMs: 7 * dayMs,
  tokenLifetimeSeconds: 60,
};
