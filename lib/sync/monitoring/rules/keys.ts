/** Health rules for the Clerk keys in the settings: do they belong to one instance, and are they current? */
import type { Facts } from "../facts";
import { type Finding, say, shortId } from "../finding";
import type { Rule } from "./rule";

/**
 * Returns a finding if the keys belong to different Clerk instances, otherwise null. `npm run doctor` also calls this, with an
 * `instanceOfKey` that it has just requested from Clerk.
 */
export function keysFinding(keys: Facts["keys"]): Finding | null {
  const { publishable, secret, configuredInstance, instanceOfKey } = keys;
  const common = { code: "keys", state: "bad", href: null, since: null } as const;
  if (publishable !== secret) {
    return {
      ...common,
      sentence: say`NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY is a ${publishable} key and CLERK_SECRET_KEY a ${secret} key, so they belong to different Clerk instances.`,
      remedy: "Copy both keys from the same instance in Clerk’s dashboard, build, and restart.",
    };
  }
  if (configuredInstance && instanceOfKey && configuredInstance !== instanceOfKey) {
    return {
      ...common,
      sentence: say`CLERK_INSTANCE_ID is ${shortId(configuredInstance)}, but CLERK_SECRET_KEY belongs to ${shortId(instanceOfKey)}.`,
      remedy:
        "Remove `CLERK_INSTANCE_ID`, or set it and `CLERK_SECRET_KEY` to the same instance, and restart. Then run `npm run replay -- --quarantined`.",
    };
  }
  return null;
}

export const keysMismatch: Rule = ({ keys }) => keysFinding(keys);

export const outdatedJwtKey: Rule = ({ keys: { outdatedJwtKeyAt: at } }) =>
  at
    ? {
        code: "outdated-jwt-key",
        state: "warn",
        sentence: say`Clerk signed a session token ${at} with a key that CLERK_JWT_KEY lacks. Tokens are verified only while Clerk’s keys can be fetched.`,
        remedy:
          "Add the key from Clerk’s dashboard, under API keys, JWT public key, to `CLERK_JWT_KEY`, and restart.",
        href: null,
        since: at,
      }
    : null;
