/**
 * `npm run doctor [-- --json]`: checks from a shell whether changes at Clerk can reach the mirror. The checks cover the
 * environment, the database, Clerk's keys, the clock, the webhook endpoint and the sync. Prints each finding with its remedy.
 * Changes nothing. If a check fails, the exit code is 1, so that the command can be a step of a deployment.
 */
import { checkClock, checkEndpoint } from "../doctor/check-app";
import { checkClerk } from "../doctor/check-clerk";
import { checkDatabase } from "../doctor/check-database";
import { checkSync } from "../doctor/check-sync";
import { type Finding, finding, ok } from "../doctor/finding";
import { env } from "../env";
import { UserError } from "../errors";
import type { FindingState } from "../sync/monitoring/finding";
import { loadDevStackIfRunning, parseArguments, print, runCommand } from "./run";

const words: Record<FindingState, string> = {
  good: "ok",
  wait: "wait",
  warn: "warning",
  bad: "FAILURE",
};

function readArguments(args: string[]): { asJson: boolean } {
  const options = { json: { type: "boolean" } } as const;
  const { values } = parseArguments({ args, options }, "Usage: npm run doctor -- [--json]");
  return { asJson: values.json ?? false };
}

/** Runs all checks. If the environment is invalid, reports only that, because the other checks need its variables. */
async function diagnose(): Promise<Finding[]> {
  try {
    env();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [sentence = "", ...remedy] = error.message.split(/(?<=\.) (?=Set it)/);
    return [finding("bad", "Environment", sentence, remedy.join(" "))];
  }
  const clerk = await checkClerk();
  const database = await checkDatabase();
  const canReadSync = !database.some(({ state }) => state === "bad");
  return [
    ok("Environment", "Every variable is set and has a valid form."),
    ...database,
    ...clerk.findings,
    ...(clerk.clock ? [checkClock(clerk.clock)] : []),
    await checkEndpoint(),
    ...(canReadSync ? await checkSync() : []),
  ];
}

function linesOf({ check, state, sentence, remedy }: Finding): string[] {
  const indent = " ".repeat(28);
  return [
    `${words[state].padEnd(9)} ${check.padEnd(18)}${sentence}`,
    ...(remedy ? [`${indent}${remedy}`] : []),
  ];
}

await runCommand(
  async (args) => {
    const { asJson } = readArguments(args);
    loadDevStackIfRunning();
    const findings = await diagnose();
    const isOk = findings.every(({ state }) => state !== "bad");
    if (asJson) print(JSON.stringify({ ok: isOk, findings }, null, 2));
    else for (const line of findings.flatMap(linesOf)) print(line);
    if (!isOk) process.exitCode = 1;
  },
  { needsEnv: false },
);
