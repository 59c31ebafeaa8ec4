/** Runs the proof from the command line with few histories. `npm run prove` and `npm run prove:kill` are the full runs. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readMutants } from "./mutants";

const MINUTES = 60_000;

async function run(script: string, ...args: string[]): Promise<string> {
  const command = ["--import", "tsx", `dev/prove/${script}`, ...args];
  // A non-zero exit rejects with an error that contains the output.
  return (await promisify(execFile)(process.execPath, command)).stdout;
}

test(
  "the mirror is correct after every simulated history, and the proof catches every planted fault",
  async () => {
    const output = await run("main.ts", "--part", "mirror", "--histories", "60", "--mutants");
    expect(output).toMatch(/^Rollcall: 60 histories, .*diverged: 0 /m);
    expect(output).toContain("no fault planted: nothing caught");
    expect(output.match(/: caught by history \d+$/gm)).toHaveLength(readMutants().length);
    // The output has a full failure report for one mutant: the actions, the messages, the lanes, the differences.
    expect(output).toMatch(
      /^ {2}what happened at Clerk:\n( {4}.*\n)+ {2}messages:\n( {4}msg_.*\n)+/m,
    );
    expect(output).toMatch(
      /^ {2}wrong (after .*\n {4}(missing|unexpected) |because the reconciliation failed: )/m,
    );
    // The two comparison handlers must fail the proof. Otherwise it would mean nothing that our handler passes.
    expect(output).not.toMatch(/^(a guard|the handler).*diverged: 0 /m);
  },
  15 * MINUTES,
);

test(
  "acknowledged webhooks survive kill -9 of the app and of Postgres, and are lost without a durable commit; each mirrored user has exactly one effect",
  async () => {
    const output = await run("kill.ts", "--rounds", "3");
    expect(output).toMatch(/^3 rounds, 0 lost; .* [1-9]\d* lost$/m);
    expect(output).toContain("users without exactly one effect, in all rounds: 0\n");
  },
  5 * MINUTES,
);
