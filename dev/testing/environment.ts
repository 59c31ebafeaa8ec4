/**
 * Makes the environment variables of an app with Clerk keys. The key pair is generated here, so that tests can sign session
 * tokens as Clerk does.
 */
import { generateKeyPairSync } from "node:crypto";

export const FRONTEND_API_HOST = "clerk.rollcall.test";
export const APP_URL = "https://rollcall.test";

export type TestKeys = { privateKey: string; publicKey: string };

export function makeKeys(): TestKeys {
  const pem = { privateKeyEncoding: { type: "pkcs8", format: "pem" } } as const;
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    ...pem,
  });
}

export function testEnvironment(keys: TestKeys, databaseUrl: string) {
  return {
    NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from(`${FRONTEND_API_HOST}$`).toString("base64").replace(/=+$/, "")}`,
    CLERK_SECRET_KEY: "sk_live_OnlyForTheseTests",
    CLERK_JWT_KEY: keys.publicKey,
    CLERK_WEBHOOK_SIGNING_SECRET: `whsec_${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`,
    // With this id set, no test requests the instance's id from Clerk.
    CLERK_INSTANCE_ID: "ins_test",
    DATABASE_URL: databaseUrl,
    APP_URL,
    // The limits are so high that the erasure brake never engages, because tests delete most of their few users.
    ERASURE_BRAKE_COUNT: "1000000",
    ERASURE_BRAKE_PERCENT: "100",
    ARCHIVE_KEY: `test:${Buffer.from("another thirty-two bytes secret!").toString("base64")}`,
  };
}
