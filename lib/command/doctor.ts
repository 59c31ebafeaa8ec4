/**
 * `npm run doctor [-- --json]`: checks from a shell whether changes at Clerk can reach the mirror. The checks cover the
 * environment, the database, Clerk's keys, the clock, the webhook endpoint and the sync. Prints each finding with its remedy.
 * Changes nothing. If a check fails, the exit code is 1. With `--gate`, it is a step of a deployment, which a stale mirror refuses
 * too, with exit code 2; `--allow CODE` lets a finding of the sync pass.
 */
import { checkClock, checkEndpoint } from "../doctor/check-app";
import { checkClerk } from "../doctor/check-clerk";
import { checkDatabase } from "../doctor/check-database";
import { checkSync } from "../doctor/check-sync";
import { type Finding, finding, ok } from "../doctor/finding";
import { type Gate, type GateVerdict, gateExitCodes, gateOf } from "../doctor/gate";
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

const USAGE = "Usage: npm run doctor -- [--json] [--gate [--allow CODE]…]";

function readArguments(args: string[]): { asJson: boolean; isGate: boolean; allow: string[] } {
  const options = {
    json: { type: "boolean" },
    gate: { type: "boolean" },
    allow: { type: "string", multiple: true },
  } as const;
  const {
    json = false,
    gate = false,
    allow = [],
  } = parseArguments({ args, options }, USAGE).values;
  if (!gate && allow.length > 0) throw new UserError(USAGE);
  return { asJson: json, isGate: gate, allow };
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

const verdicts: Record<GateVerdict, string> = {
  pass: "The deployment may go on.",
  broken: "The deployment is refused: something is broken.",
  stale: "The deployment is refused: the mirror is stale.",
};

/** Returns the lines of the verdict, with each reason again: in a long log of a pipeline, the last lines are read first. */
function linesOfGate({ verdict, reasons, allowed }: Gate): string[] {
  const named = (code: string | null) => (code ? ` (${code})` : "");
  return [
    "",
    verdicts[verdict],
    ...allowed.map(({ check, code }) => `Allowed: ${check}${named(code)}`),
    ...reasons.flatMap(({ check, code, sentence, remedy }) => [
      `${check}${named(code)}: ${sentence}`,
      ...(remedy ? [`  ${remedy}`] : []),
    ]),
  ];
}

await runCommand(
  async (args) => {
    const { asJson, isGate, allow } = readArguments(args);
    loadDevStackIfRunning();
    const findings = await diagnose();
    const isOk = findings.every(({ state }) => state !== "bad");
    const gate = gateOf(findings, allow);
    if (asJson) print(JSON.stringify({ ok: isOk, findings, ...(isGate && { gate }) }, null, 2));
    else {
      const lines = [...findings.flatMap(linesOf), ...(isGate ? linesOfGate(gate) : [])];
      for (const line of lines) print(line);
    }
    if (isGate) process.exitCode = gateExitCodes[gate.verdict];
    else if (!isOk) process.exitCode = 1;
  },
  { needsEnv: false },
);
