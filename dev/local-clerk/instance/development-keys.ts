// The keys of a development instance: the stored keys with the prefixes `pk_test_` and `sk_test_`, by which Clerk's SDKs
// recognise a development instance.

import { type Keys, publishableKeyOf } from "./keys";

/**
 * clerk-js sends the dev browser only if the host in the publishable key has the ending of Clerk's development instances. Nothing is
 * requested from that host: pages use the app's proxy.
 */
const developmentHost = (host: string) => host.replace(/\..*$/, ".clerk.accounts.dev");

export function developmentKeys(keys: Keys): Keys {
  const frontendHost = developmentHost(keys.frontendHost);
  return {
    ...keys,
    frontendHost,
    publishableKey: publishableKeyOf("pk_test_", frontendHost),
    secretKey: keys.secretKey.replace(/^sk_live_/, "sk_test_"),
  };
}
