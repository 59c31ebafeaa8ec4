/**
 * `npm run prove [-- --histories N] [--seed S] [--index I] [--mutants [--fault TEXT]]`. Runs the proof in a child process. Its
 * log goes to a file, because it is full of failures that the proof provokes.
 */
import { spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";

const LOG = ".rollcall/prove.log";

mkdirSync(".rollcall", { recursive: true });
const run = fileURLToPath(new URL("./run.ts", import.meta.url));
const child = spawn(process.execPath, ["--import", "tsx", run, ...process.argv.slice(2)], {
  stdio: ["ignore", "inherit", openSync(LOG, "w")],
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => {
  if (code !== 0) console.log(`\nThe proof failed. The log is in ${LOG}.`);
  process.exitCode = code ?? 1;
});
