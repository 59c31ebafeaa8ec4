/** The only client of Clerk's Backend API. */
import { type ClerkClient, createClerkClient } from "@clerk/backend";
import { env } from "./env";

let client: ClerkClient | undefined;

export function clerk(): ClerkClient {
  const { secretKey, publishableKey, apiUrl } = env();
  client ??= createClerkClient({
    secretKey,
    publishableKey,
    ...(apiUrl && { apiUrl }),
    telemetry: { disabled: true },
  });
  return client;
}
