/**
 * `npm run prove [-- --histories N] [--seed S] [--index I] [--rounds N] [--mutants [--fault TEXT]] [--part mirror|erasure]`. Runs
 * each part of the proof in a child process. The log of a part goes to a file, because it is full of failures that it provokes.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    part: { type: "string" },
    histories: { type: "string" },
    seed: { type: "string" },
    index: { type: "string" },
    rounds: { type: "string" },
    mutants: { type: "boolean" },
    fault: { type: "string" },
  },
});

type Option = keyof typeof values;
type Part = { name: string; script: string; log: string; options: Option[] };

const partOf = (name: string, script: string, options: Option[]): Part => ({
  ...{ name, script, options },
  log: `.rollcall/prove-${name}.log`,
});

const parts: Part[] = [
  partOf("mirror", "./run.ts", ["histories", "seed", "index", "mutants", "fault"]),
  partOf("erasure", "./erasure/run.ts", ["rounds", "mutants", "fault"]), // part of the sample product
];

function argumentsOf(options: Option[]): string[] {
  return options.flatMap((name) => {
    const value = values[name];
    if (value === undefined) return [];
    return value === true ? [`--${name}`] : [`--${name}`, String(value)];
  });
}

async function run({ name, script, log, options }: Part): Promise<boolean> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const args = ["--import", "tsx", path, ...argumentsOf(options), log];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", openSync(log, "w")] });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", forward).on("SIGTERM", forward);
  const [code] = await once(child, "exit");
  process.off("SIGINT", forward).off("SIGTERM", forward);
  if (code !== 0) console.log(`\nThe proof failed (${name}). The log is in ${log}.`);
  return code === 0;
}

mkdirSync(".rollcall", { recursive: true });
// One history of the mirror is looked at alone.
const wanted = values.index === undefined ? values.part : "mirror";
for (const part of parts.filter(({ name }) => wanted === undefined || name === wanted)) {
  if (!(await run(part))) process.exitCode = 1;
}
