/**
 * `npm run build` and `npm start`: runs Next in this process, so that a signal reaches the server itself, and sets variables
 * without a shell, so that both work on Windows. Plain JavaScript: it must run where the development packages are missing.
 */
import { createRequire } from "node:module";
import { onNpmExit } from "./on-npm-exit.mjs";

const require = createRequire(import.meta.url);
const [, , task, ...args] = process.argv;

/** Packages that only the build needs; npm leaves them out when NODE_ENV is production. */
const BUILD_PACKAGES = ["typescript", "tailwindcss", "@tailwindcss/postcss"];

function isInstalled(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

if (task === "build" && !BUILD_PACKAGES.every(isInstalled)) {
  process.stderr.write(
    "The packages of the build are not installed: run npm ci --include=dev (with NODE_ENV=production npm leaves them out).\n",
  );
  process.exit(1);
}
if (task === "start") {
  // Keeps Next from handling SIGTERM: `lib/boot.ts` stops the worker first, and the server then ends.
  process.env.NEXT_MANUAL_SIG_HANDLE = "true";
  onNpmExit(() => process.kill(process.pid, "SIGTERM"));
}

process.argv = [process.argv[0], require.resolve("next/dist/bin/next"), task, ...args];
require("next/dist/bin/next");
