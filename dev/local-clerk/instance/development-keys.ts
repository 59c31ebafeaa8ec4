// The keys of a development instance: the stored keys with the prefixes `pk_test_` and `sk_test_`, by which Clerk's SDKs
// recognise a development instance.

import type { Keys } from "./keys";

export function developmentKeys(keys: Keys): Keys {
  return {
    ...keys,
    publishableKey: keys.publishableKey.replace(/^pk_live_/, "pk_test_"),
    secretKey: keys.secretKey.replace(/^sk_live_/, "sk_test_"),
  };
}
