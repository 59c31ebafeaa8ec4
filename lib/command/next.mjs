/**
 * `npm run build` and `npm start`: runs Next in this process, so that a signal reaches the server itself. Sets environment
 * variables without a shell, so that both commands work on Windows. Plain JavaScript, because it must run where the development
 * packages are missing.
 */
import { createRequire } from "node:module";
import { refuse, requirePort, setPort } from "./next-port.mjs";
import { onNpmExit } from "./on-npm-exit.mjs";

const require = createRequire(import.meta.url);
const [, , task, ...args] = process.argv;

/** Packages that only the build needs; npm leaves them out when NODE_ENV is production. */
const BUILD_PACKAGES = ["typescript", "tailwindcss", "@tailwindcss/postcss", "esbuild"];

function isInstalled(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

// In another environment, Next builds what it cannot serve, and the server runs without parts of its protection.
process.env.NODE_ENV = "production";
if (task === "build" && !BUILD_PACKAGES.every(isInstalled)) {
  refuse(
    "The packages of the build are not installed: run npm ci --include=dev (with NODE_ENV=production npm leaves them out).",
  );
}
if (task === "start") {
  setPort();
  await requirePort(args);
  // Keeps Next from handling SIGTERM, so that `lib/boot.ts` can first answer open requests and stop the worker.
  process.env.NEXT_MANUAL_SIG_HANDLE = "true";
  onNpmExit(() => process.kill(process.pid, "SIGTERM"));
}

process.argv = [process.argv[0], require.resolve("next/dist/bin/next"), task, ...args];
require("next/dist/bin/next");
