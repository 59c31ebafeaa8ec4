// The keys of this instance, generated at the first start and stored in the data folder, readable by its owner
// only. They work with no other Clerk instance.
// They are made with node:crypto and not with jose: CLERK_JWT_KEY is PEM, and node:crypto reads and writes it synchronously.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { newId, randomToken } from "../ids";
import { UserError } from "../user-error";

const keyFile = z.object({
  instanceId: z.string(),
  privateKey: z.string(),
  secretKey: z.string().startsWith("sk_live_"),
  webhookSigningSecret: z.string().startsWith("whsec_"),
});

export type Keys = {
  instanceId: string;
  /** The Frontend API host that the publishable key encodes. It does not resolve: browsers use the app's proxy. */
  frontendHost: string;
  publishableKey: string;
  secretKey: string;
  webhookSigningSecret: string;
  privateKey: KeyObject;
  /** The public key that verifies session tokens, as PEM. */
  jwtKey: string;
  jwks: { keys: Record<string, unknown>[] };
};

const generate = promisify(generateKeyPair);

async function makeKeyFile(now: number): Promise<z.infer<typeof keyFile>> {
  const { privateKey } = await generate("rsa", { modulusLength: 2048 });
  return {
    instanceId: newId("ins", now),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    secretKey: `sk_live_${randomToken(40)}`,
    webhookSigningSecret: `whsec_${randomBytes(24).toString("base64")}`,
  };
}

/**
 * Returns a host name that differs for each instance and each origin of the app, and stays the same across restarts. Clerk's SDKs
 * derive their cookie names from it. A browser sends the cookies of `localhost` to the apps on all ports, so equal names would
 * collide.
 */
function frontendHostOf(instanceId: string, appOrigin: string): string {
  const hash = createHash("sha256").update(`${instanceId} ${appOrigin}`).digest("hex");
  return `clerk-${hash.slice(0, 12)}.rollcall.localhost`;
}

/** Encodes the host of the Frontend API as Clerk does. `prefix` tells Clerk's SDKs the kind of the instance. */
export function publishableKeyOf(prefix: "pk_live_" | "pk_test_", frontendHost: string): string {
  return `${prefix}${Buffer.from(`${frontendHost}$`).toString("base64").replaceAll("=", "")}`;
}

export async function loadKeys(dataDir: string, appOrigin: string, now: number): Promise<Keys> {
  const path = join(dataDir, "keys.json");
  if (!existsSync(path)) {
    const draft = `${path}.new`;
    writeFileSync(draft, JSON.stringify(await makeKeyFile(now), null, 2), { mode: 0o600 });
    renameSync(draft, path);
  }
  const stored = parseKeyFile(path);
  const privateKey = createPrivateKey(stored.privateKey);
  const publicKey = createPublicKey(privateKey);
  const frontendHost = frontendHostOf(stored.instanceId, appOrigin);
  return {
    instanceId: stored.instanceId,
    frontendHost,
    publishableKey: publishableKeyOf("pk_live_", frontendHost),
    secretKey: stored.secretKey,
    webhookSigningSecret: stored.webhookSigningSecret,
    privateKey,
    jwtKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    jwks: {
      keys: [
        {
          ...publicKey.export({ format: "jwk" }),
          use: "sig",
          alg: "RS256",
          kid: stored.instanceId,
        },
      ],
    },
  };
}

/** Throws the system's error when the file cannot be read, and a UserError when its content is damaged. */
function parseKeyFile(path: string): z.infer<typeof keyFile> {
  const text = readFileSync(path, "utf8");
  try {
    return keyFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(
      `Local Clerk: ${path} is damaged. Delete it: the next start generates new keys.`,
      {
        cause,
      },
    );
  }
}
