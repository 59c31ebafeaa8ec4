// The OAuth providers that the local Clerk simulates.

import type { ExternalAccountRecord } from "../store/records";

export type Provider = ExternalAccountRecord["provider"];
export const providers: readonly Provider[] = ["google", "apple"];
export const providerNames = { google: "Google", apple: "Apple" } as const;
