// The keys of a development instance: the stored ones, with the prefixes that Clerk's SDKs know such an instance by.

import type { Keys } from "./keys";

export function developmentKeys(keys: Keys): Keys {
  return {
    ...keys,
    publishableKey: keys.publishableKey.replace(/^pk_live_/, "pk_test_"),
    secretKey: keys.secretKey.replace(/^sk_live_/, "sk_test_"),
  };
}
