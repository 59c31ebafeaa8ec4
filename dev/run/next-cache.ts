/**
 * Deletes `.next/dev`, the cache of Turbopack, when this start must not reuse it.
 *
 * Turbopack keeps compiled modules across restarts, with the values of environment variables in them. After a start on
 * another port the pages then reload without end ("HMR hash mismatch"). A cache whose writer was killed may be
 * incomplete. So the cache is reused only if it was made from the same inputs and the app has stopped by itself.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../local-clerk/store/make-folder";

const cacheRecord = z.object({ inputs: z.string(), hasEndedCleanly: z.boolean() });

/** The files that the compiled modules depend on and that Turbopack does not watch. */
const INPUT_FILES = [
  ".env",
  ".env.local",
  ".env.development",
  ".env.development.local",
  "next.config.ts",
  "package-lock.json",
  // npm's record of the installed packages. `npm install` updates this file, so it can be older than `package-lock.json`.
  "node_modules/.package-lock.json",
  "node_modules/next/package.json",
];

/** Variables that Next or its configuration reads while compiling. A change of any other variable keeps the cache. */
const INPUT_VARIABLES = /^(?:NEXT_|CLERK_|ROLLCALL_|LOCAL_CLERK|APP_URL$|PORT$|NODE_ENV$)/;

/** Variables that differ at every start and are never compiled into a module. */
const VOLATILE_VARIABLES = ["ROLLCALL_DEV_RUN"];

type NextCache = {
  wasDeleted: boolean;
  /** Records that the cache is complete. Call this after the app has ended without being killed. */
  markClean(): void;
};

function hashInputs(root: string, env: NodeJS.ProcessEnv): string {
  const variables = Object.entries(env)
    .filter(([name]) => INPUT_VARIABLES.test(name) && !VOLATILE_VARIABLES.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const files = INPUT_FILES.map((name) => {
    const file = join(root, name);
    return [name, existsSync(file) ? readFileSync(file, "utf8") : null];
  });
  const inputs = JSON.stringify([root, process.version, variables, files]);
  return createHash("sha256").update(inputs).digest("hex");
}

/**
 * Deletes the cache if this start must not reuse it. Call before Next starts. `recordFile` must be outside the cache, because it
 * outlives the cache.
 */
export function prepareNextCache(options: {
  root: string;
  recordFile: string;
  env: NodeJS.ProcessEnv;
}): NextCache {
  const { root, recordFile } = options;
  const cache = join(root, ".next/dev");
  const inputs = hashInputs(root, options.env);
  const previous = readRecord(recordFile);
  const isReusable = previous?.inputs === inputs && previous.hasEndedCleanly;
  const wasDeleted = !isReusable && existsSync(cache);
  if (wasDeleted) rmSync(cache, { recursive: true, force: true });
  makeFolder(dirname(recordFile));
  const write = (hasEndedCleanly: boolean) =>
    writeFileSync(recordFile, JSON.stringify({ inputs, hasEndedCleanly }));
  write(false);
  return { wasDeleted, markClean: () => write(true) };
}

function readRecord(file: string): z.infer<typeof cacheRecord> | undefined {
  try {
    return cacheRecord.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}
