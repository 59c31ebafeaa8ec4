// The OAuth providers that the local Clerk simulates: providers that Clerk offers, and custom OIDC providers.

const names = new Map([
  ["google", "Google"],
  ["apple", "Apple"],
  ["github", "GitHub"],
  ["gitlab", "GitLab"],
  ["microsoft", "Microsoft"],
  ["facebook", "Facebook"],
  ["linkedin_oidc", "LinkedIn"],
  ["slack", "Slack"],
  ["discord", "Discord"],
  ["x", "X / Twitter"],
]);

const isCustom = (provider: string) => /^custom_[a-z0-9_]+$/.test(provider);

/**
 * Returns the name on the provider's button. The name of a custom provider is the part after `custom_`, with a capital first
 * letter: `custom_acme` is named `Acme`.
 */
export function providerName(provider: string): string {
  const key = provider.replace(/^custom_/, "");
  return names.get(provider) ?? key.charAt(0).toUpperCase() + key.slice(1);
}

export const isProvider = (provider: string) => names.has(provider) || isCustom(provider);

/** Returns the providers that users can sign in with, from the settings. */
export function enabledProviders({
  hasSocial,
  socialProviders,
}: {
  hasSocial: boolean;
  socialProviders: string;
}): string[] {
  return hasSocial ? listOf(socialProviders) : [];
}

export const listOf = (text: string) =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
