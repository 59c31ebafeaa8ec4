/**
 * The program of the production image: `node rollcall.mjs web`, or any other role or command. `lib/command/bundle.ts` compiles it
 * beside Next's standalone server. `probe` is the image's health check: it asks the role that runs in the container.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { imageCommands } from "./image-commands";
import { refuse, requirePort, setPort } from "./next-port.mjs";

const PROBE_TIMEOUT_MS = 3_000;

const defaults = {
  // A load balancer needs a few seconds to notice that this process is not ready any more.
  SHUTDOWN_DELAY: "5",
  WORKER_PORT: "3002",
  // Longer than a proxy keeps an idle connection. If Node closed it first, a request could meet a closed connection.
  KEEP_ALIVE_TIMEOUT: "65000",
};

function setDefaults(): void {
  for (const [name, value] of Object.entries(defaults)) process.env[name] ||= value;
  Object.assign(process.env, { NODE_ENV: "production" });
}

async function serveApp(): Promise<void> {
  setPort();
  await requirePort([]);
  // Keeps Next from handling SIGTERM, so that `lib/boot.ts` can first answer open requests and stop the worker.
  process.env.NEXT_MANUAL_SIG_HANDLE = "true";
  // Next listens on the address of HOSTNAME, which Docker sets to the name of the container; the health check uses 127.0.0.1.
  process.env.HOSTNAME = "0.0.0.0";
  await import(pathToFileURL(join(import.meta.dirname, "server.js")).href);
}

/** Exits with 0 if a role answers on one of the ports that roles listen on. */
async function probe(): Promise<void> {
  const { PORT, WS_PORT, WORKER_PORT } = process.env;
  const answers = [PORT || "3000", WS_PORT || "3001", WORKER_PORT].map((port) =>
    fetch(`http://127.0.0.1:${port}/api/health`, {
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    }).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  process.exitCode = (await Promise.all(answers)).includes(true) ? 0 : 1;
}

async function runImageCommand(name: string, args: string[]): Promise<void> {
  const file = join(import.meta.dirname, "commands", `${name}.mjs`);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

const [, , name = "", ...args] = process.argv;
setDefaults();
if (name === "web") await serveApp();
else if (name === "probe") await probe();
else if (imageCommands.some((known) => known === name)) await runImageCommand(name, args);
else refuse(`Usage: node rollcall.mjs ${["web", ...imageCommands, "probe"].join("|")} [arguments]`);
