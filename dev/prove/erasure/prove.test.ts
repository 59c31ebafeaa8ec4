/** Runs the proof of erasures from the command line with few rounds. `npm run prove` is the full run. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test(
  "nothing is left of a person who used every feature, no kill -9 leaves an erasure half done, and no restore brings a person back",
  async () => {
    const args = ["dev/prove/main.ts", "--part", "erasure", "--rounds", "3"];
    const command = ["--import", "tsx", ...args];
    // A non-zero exit rejects with an error that has the output. Then the first expectation fails, and shows it.
    const run = promisify(execFile)(process.execPath, command);
    const output = await run.then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }) => `failed\n${stdout}\n${stderr}`,
    );
    expect(output).not.toMatch(/^failed/);
    expect(output).toMatch(
      /^a canary in every feature: \d+ rows, readable in [1-9]\d+ columns; after the erasure and the purge: 0 places$/m,
    );
    expect(output).toMatch(/^restore .*: [1-9]\d+ requests refused .* 0 resurrected$/m);
    expect(output).toMatch(/: 3 rounds, [1-9] killed, 0 half-erased$/m);
    // The erasure that a product usually begins with must leave something behind. Otherwise the kills would prove nothing.
    expect(
      output.match(/^ {2}killed at ".*: [1-9]\d* columns with the person's data/gm),
    ).toHaveLength(3);
  },
  5 * 60_000,
);
