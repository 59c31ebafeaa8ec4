/** The proof, small, as a person would run it; `npm run prove` and `npm run prove:kill` are the large ones. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readMutants } from "./mutants";

const MINUTES = 60_000;

async function run(script: string, ...args: string[]): Promise<string> {
  const command = ["--import", "tsx", `dev/prove/${script}`, ...args];
  // A command that ends with an error rejects, with what it printed.
  return (await promisify(execFile)(process.execPath, command)).stdout;
}

test(
  "no history diverges, and every planted fault is caught",
  async () => {
    const output = await run("main.ts", "--histories", "100", "--mutants");
    expect(output).toMatch(/^Rollcall: 100 histories, .*diverged: 0 /m);
    expect(output).toContain("no fault planted: nothing caught");
    expect(output.match(/: caught by history \d+$/gm)).toHaveLength(readMutants().length);
    // How a failure is told, of one of them: what happened, the messages in their lanes, what came out wrong.
    expect(output).toMatch(
      /^ {2}what happened at Clerk:\n( {4}.*\n)+ {2}messages:\n( {4}msg_.*\n)+/m,
    );
    expect(output).toMatch(/^ {2}wrong after .*\n {4}(missing|unexpected) /m);
    // What the proof is worth: the usual ways do not pass it.
    expect(output).not.toMatch(/^(a guard|the handler).*diverged: 0 /m);
  },
  10 * MINUTES,
);

test(
  "what was acknowledged survives kill -9 of the app and of Postgres, and would not without a durable commit",
  async () => {
    expect(await run("kill.ts", "--rounds", "3")).toMatch(/^3 rounds, 0 lost; .* [1-9]\d* lost$/m);
  },
  5 * MINUTES,
);
