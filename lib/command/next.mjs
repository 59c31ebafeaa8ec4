/**
 * `npm run build` and `npm start`: runs Next in this process, so that a signal reaches the server itself. Sets environment
 * variables without a shell, so that both commands work on Windows. Plain JavaScript, because it must run where the development
 * packages are missing.
 */
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import nextEnv from "@next/env";
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

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/**
 * Takes PORT also from the env files, which Next reads too late to listen on it, and without the quotes that `docker --env-file`
 * keeps. As elsewhere, an empty value counts as unset; Next would refuse it.
 */
function setPort() {
  nextEnv.loadEnvConfig(process.cwd(), false, {
    info: () => {},
    error: (...words) => process.stderr.write(`${words.join(" ")}\n`),
  });
  const given = (process.env.PORT ?? "").trim().replace(/^(["'])(.*)\1$/, "$2");
  if (given === "") delete process.env.PORT;
  else if (/^\d{1,5}$/.test(given) && Number(given) > 0 && Number(given) < 65_536)
    process.env.PORT = given;
  else refuse("PORT is not a port number: give one from 1 to 65535, like PORT=3001.");
}

/** Ends with one line if the port is in use or reserved. Next would print a stack. */
async function requirePort() {
  const text = { type: "string" };
  const options = { port: { ...text, short: "p" }, hostname: { ...text, short: "H" } };
  const { port, hostname } = parseArgs({ args, options, strict: false }).values;
  const wanted = Number(port ?? process.env.PORT ?? "3000");
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) return;
  const error = await new Promise((resolve) => {
    const server = createServer().once("error", resolve);
    server.listen({ port: wanted, host: hostname }, () => server.close(() => resolve(null)));
  });
  const reasons = { EADDRINUSE: "is taken by another program", EACCES: "needs the rights of root" };
  const reason = error && reasons[error.code];
  if (reason) refuse(`Port ${wanted} ${reason}: choose another with PORT, like PORT=3001.`);
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
  await requirePort();
  // Keeps Next from handling SIGTERM, so that `lib/boot.ts` can first answer open requests and stop the worker.
  process.env.NEXT_MANUAL_SIG_HANDLE = "true";
  onNpmExit(() => process.kill(process.pid, "SIGTERM"));
}

process.argv = [process.argv[0], require.resolve("next/dist/bin/next"), task, ...args];
require("next/dist/bin/next");
