/** The proof of erasures. `dev/prove/main.ts` starts this file and writes its log to a file, whose path is the first argument. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { closeDatabase } from "../../../lib/db";
import { runMain } from "../../../lib/errors";
import { migrate } from "../../../prisma/migrate";
import { createDatabase } from "../../postgres/server";
import { startBackendApi } from "../../testing/backend-api";
import { makeKeys, testEnvironment } from "../../testing/environment";
import { oldestAndNewest } from "../../testing/postgres-versions";
import { proveFeatures } from "./features";
import { findCheckpoints, killNaive, killRound, planRounds } from "./kill-rounds";
import { testErasureMutants } from "./mutants";
import { restoreDrill } from "./restore-drill";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "100" },
    mutants: { type: "boolean", default: false },
    fault: { type: "string", default: "" },
  },
});
const rounds = z.coerce.number().int().positive().parse(values.rounds);
const [logFile = ""] = positionals;

const say = (line: string) => console.log(line);
const sayFaults = (faults: string[]) => {
  for (const fault of faults) say(`  ${fault}`);
};

async function killAll(): Promise<boolean> {
  const checkpoints = await findCheckpoints();
  let killed = 0;
  let half = 0;
  for (const checkpoint of planRounds(rounds, checkpoints)) {
    const round = await killRound(checkpoint);
    if (round.isKilled) killed += 1;
    if (round.faults.length === 0) continue;
    half += 1;
    say(`  killed at "${checkpoint}":`);
    sayFaults(round.faults);
  }
  say(
    `kill -9 at ${checkpoints.length} places and at random times: ${rounds} rounds, ${killed} killed, ${half} half-erased`,
  );
  say("the same for an erasure without a transaction and without a queue:");
  for (const line of await killNaive()) say(line);
  return half === 0 && killed > 0;
}

async function proveAll(server: string, folder: string): Promise<boolean> {
  const url = await createDatabase(server, "erasure_proof");
  await migrate(url);
  const head = join(folder, "head.json");
  const keys = makeKeys();
  const clerk = await startBackendApi();
  Object.assign(process.env, testEnvironment(keys, url), {
    CLERK_API_URL: clerk.url,
    ERASURE_HEAD_URL: head,
    TEST_PRIVATE_KEY: keys.privateKey,
  });
  const features = await proveFeatures([head, logFile], clerk);
  await clerk.close();
  say(
    `a canary in every feature: ${features.rowsBefore} rows, readable in ${features.columnsBefore} columns; after the erasure and the purge: ${features.faults.length} places`,
  );
  sayFaults(features.faults);
  const drill = await restoreDrill({ server, url, folder });
  say(
    `restore (${drill.how}): ${drill.refused} requests refused until all were erased again, ${drill.resurrected.length} resurrected`,
  );
  sayFaults(drill.resurrected);
  const isSafe = await killAll();
  return features.faults.length === 0 && drill.resurrected.length === 0 && isSafe;
}

process.setSourceMapsEnabled(false);
await runMain(async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-prove-erasure-"));
  // The oldest installed Postgres has pg_dump; the embedded one has not.
  const version = oldestAndNewest().at(-1);
  if (!version) throw new Error("there is no Postgres for the proof");
  const postgres = await version.start();
  say(`Postgres: ${version.version}`);
  let isProven = false;
  await runMain(async () => {
    isProven = await proveAll(postgres.url, folder);
  });
  await closeDatabase();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
  // The tests of the planted faults run in processes that get these variables: all of them would share the head of this proof.
  for (const name of ["CLERK_API_URL", "ERASURE_HEAD_URL"]) delete process.env[name];
  if (values.mutants) isProven = (await testErasureMutants(values.fault)) && isProven;
  process.exitCode = isProven ? 0 : 1;
});
