// The label of each setting on the control page: where Clerk's dashboard has the setting, the dashboard's name and section.
// The names and types of settings are in `/settings/schema.json`.

export const settingsGroups = [
  {
    name: "User & authentication",
    labels: {
      email: "Sign-up with email",
      emailVerification: "Email verification methods",
      phone: "Sign-up with phone",
      username: "Sign-up with username",
      password: "Sign-up with password",
      names: "First and last name",
      passwordMinLength: "Minimum password length",
      passwordMaxLength: "Maximum password length",
      verifiesAtSignUp: "Verify at sign-up",
      hasLegalConsent: "Require express consent to legal documents",
    },
  },
  {
    name: "SSO connections",
    labels: { hasSocial: "Social connections", socialProviders: "Social providers" },
  },
  {
    name: "Multi-factor",
    labels: {
      hasSecondFactor: "Multi-factor authentication",
      needsSecondFactor: "Require multi-factor authentication",
    },
  },
  {
    name: "Restrictions",
    labels: { signUp: "Sign-up mode", hasAllowlist: "Allowlist", hasBlocklist: "Blocklist" },
  },
  {
    name: "Attack protection",
    labels: {
      hasClientTrust: "Client Trust (code in a new browser)",
      lockAfter: "Account lockout: maximum attempts",
      lockMs: "Account lockout: duration (ms)",
      codeMaxAttempts: "Attempts for a code",
      codeLifetimeMs: "Code lifetime (ms)",
      needsReverification: "Reverification for sensitive actions",
    },
  },
  {
    name: "Sessions",
    labels: {
      sessions: "Multi-session handling",
      sessionLifetimeMs: "Maximum lifetime (ms)",
      tokenLifetimeSeconds: "Session token lifetime (s)",
      sessionTokenVersion: "Session token version",
      sessionClaims: "Customize session token (JSON)",
    },
  },
  {
    name: "Organizations",
    labels: {
      maxAllowedMemberships: "Default membership limit",
      needsOrganization: "Membership required",
      hasOrganizationDomains: "Verified domains",
    },
  },
  {
    name: "Application, webhooks and rate limits",
    labels: {
      applicationName: "Application name",
      hasApiKeys: "API keys",
      hasTestMode: "Test mode (code 424242)",
      sendsImpliedEvents: "Webhooks for cascading deletions",
      "backendLimit.calls": "Backend API rate limit (requests)",
      "backendLimit.perMs": "Backend API rate limit, per (ms)",
      "frontendLimit.calls": "Frontend API rate limit (requests)",
      "frontendLimit.perMs": "Frontend API rate limit, per (ms)",
    },
  },
];
