/**
 * `npm run check`: runs lint, types, documents and unit tests, in two processes at a time. The unit tests take about as long as
 * all other steps together. Every step runs, even after a failure. The output of a step is printed when the step ends.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { runMain } from "../../lib/errors";

type Step = { name: string; args: string[] };

const bin = (path: string) => join("node_modules", path);

const lanes: Step[][] = [
  [
    {
      name: "unit tests",
      args: [bin("vitest/vitest.mjs"), "run", "--project=unit", "--reporter=dot"],
    },
  ],
  [
    {
      name: "lint, format, boundaries",
      args: [bin("@biomejs/biome/bin/biome"), "check", "--error-on-warnings"],
    },
    {
      name: "GraphQL documents",
      args: [bin("gql.tada/bin/cli.js"), "check", "--fail-on-warn"],
    },
    { name: "route types", args: [bin("next/dist/bin/next"), "typegen"] },
    { name: "types", args: [bin("typescript-7/bin/tsc"), "--noEmit"] },
  ],
];

/** Runs one step. Resolves to true if it succeeded. */
function run({ name, args }: Step): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`── ${name}: ${code === 0 ? "ok" : "FAILED"}, ${seconds} s`);
      if (output.length > 0) console.log(Buffer.concat(output).toString().trim());
      resolve(code === 0);
    });
  });
}

async function main(): Promise<void> {
  const failed: string[] = [];
  await Promise.all(
    lanes.map(async (steps) => {
      for (const step of steps) if (!(await run(step))) failed.push(step.name);
    }),
  );
  console.log(failed.length === 0 ? "── all ok" : `── failed: ${failed.join(", ")}`);
  if (failed.length > 0) process.exitCode = 1;
}

void runMain(main);
