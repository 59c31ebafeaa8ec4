/**
 * `npm test`: all checks, the fastest first. Stops at the first step that fails; its last line counts the tests of all
 * steps.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const ROOT = process.cwd();
const REPORTS = join(ROOT, "test-results");
const bin = (path: string) => join(ROOT, "node_modules", path);

type Counts = { passed: number; failed: number; flaky: number };
type Step = { name: string; args: string[]; counts?: () => Counts };

function readReport<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  return schema.parse(JSON.parse(readFileSync(join(REPORTS, file), "utf8")));
}

function vitest(name: string, project: string, ...more: string[]): Step {
  const file = `vitest-${project}.json`;
  return {
    name,
    args: [
      bin("vitest/vitest.mjs"),
      "run",
      `--project=${project}`,
      ...more,
      // A shared machine may stall for seconds, so CI retries a failed test once, as for the browser tests; the output says which.
      ...(process.env.CI ? ["--retry=1"] : []),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(REPORTS, file)}`,
    ],
    counts: () => {
      const shape = z.object({ numPassedTests: z.number(), numFailedTests: z.number() });
      const report = readReport(file, shape);
      return { passed: report.numPassedTests, failed: report.numFailedTests, flaky: 0 };
    },
  };
}

function playwrightCounts(): Counts {
  const { stats } = readReport(
    "playwright.json",
    z.object({
      stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
    }),
  );
  return { passed: stats.expected, failed: stats.unexpected, flaky: stats.flaky };
}

const steps: Step[] = [
  { name: "generate", args: [bin("prisma/build/index.js"), "generate", "--no-hints"] },
  {
    name: "lint, format, boundaries",
    args: [bin("@biomejs/biome/bin/biome"), "ci", "--error-on-warnings"],
  },
  {
    name: "GraphQL documents",
    args: [bin("gql.tada/bin/cli.js"), "check", "--fail-on-warn"],
  },
  { name: "schema and migrations", args: [bin("tsx/dist/cli.mjs"), "prisma/check-drift.ts"] },
  { name: "route types", args: [bin("next/dist/bin/next"), "typegen"] },
  // Checking with TypeScript 7 takes less than half the time of TypeScript 6. gql.tada needs the JavaScript API of TypeScript 6,
  // so both are installed.
  { name: "types", args: [bin("typescript-7/bin/tsc"), "--noEmit"] },
  // Tests mostly wait for processes, timers and Postgres, so two files run at a time.
  vitest("unit tests", "unit", "--project=postgres", "--project=local-clerk", "--maxWorkers=2"),
  vitest("database tests", "database", "--maxWorkers=2"),
  vitest("the proof, small", "proof"),
  { name: "production build", args: [bin("next/dist/bin/next"), "build"] },
  { name: "production image", args: ["--import", "tsx", "lib/command/bundle.ts"] },
  {
    name: "browser tests",
    args: [bin("@playwright/test/cli.js"), "test"],
    counts: playwrightCounts,
  },
];

function run({ args }: Step): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code === 0));
  });
}

export async function main(): Promise<void> {
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  const total: Counts = { passed: 0, failed: 0, flaky: 0 };
  console.log(`Node ${process.version}`);
  for (const step of steps) {
    const startedAt = performance.now();
    console.log(`\n── ${step.name}`);
    const isGood = await run(step);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const counts = step.counts?.();
    total.passed += counts?.passed ?? 0;
    total.failed += counts?.failed ?? 0;
    total.flaky += counts?.flaky ?? 0;
    console.log(
      `── ${step.name}: ${isGood ? "ok" : "FAILED"}${counts ? `, ${counts.passed} tests passed` : ""}, ${seconds} s`,
    );
    if (isGood) continue;
    process.exitCode = 1;
    if (!counts?.failed) total.failed += 1;
    break;
  }
  const flaky = total.flaky ? `, ${total.flaky} passed only when tried again` : "";
  console.log(`\n${total.passed} passed, ${total.failed} failed${flaky}`);
}
