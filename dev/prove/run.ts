/** Runs the proof. `main.ts` starts this file and writes its log to a file. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { POST } from "../../app/api/webhooks/clerk/route";
import { runMain } from "../../lib/errors";
import { CONTROL, loadMutant, type Mutant, readMutants } from "./mutants";
import { type Options, prove, type Result, shrink } from "./prove";
import { loadSubject, type Subject } from "./subject";
import { openTestbed, type SubjectDatabase, type Testbed } from "./testbed";
import type { Trial } from "./trial";
import { tutorialSubject } from "./tutorial-handler";
import { updatedAtSubject } from "./updated-at-handler";

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    histories: { type: "string", default: "2000" },
    seed: { type: "string" },
    index: { type: "string" },
    mutants: { type: "boolean", default: false },
    /** Plants only the faults whose name contains this text. */
    fault: { type: "string", default: "" },
  },
});
const count = z.coerce.number().int().nonnegative();
const histories = count.parse(values.histories);
const seed = values.seed === undefined ? randomInt(1_000_000_000) : count.parse(values.seed);

const ROLLCALL = { batch: 100, stopsAtFirst: false };
/** The comparison handlers get fewer histories: the tutorial handler is slow, because most deliveries fail and are retried. */
const COMPARISON_HISTORIES = Math.min(histories, Math.max(20, Math.round(histories / 20)));
/**
 * The proof must catch each mutant within this many histories. Most mutants are caught by one of the first histories, so batches
 * are small.
 */
const MUTANT_OPTIONS = { histories: 200, batch: 8, stopsAtFirst: true };
/** The control is a copy of the code without a planted fault. It runs at most as many histories as the real code. */
const CONTROL_OPTIONS = { ...MUTANT_OPTIONS, histories: Math.min(histories, 200) };
const SHRINK_MS = 60_000;
/** The time in ms to shrink one mutant's history, which is printed as an example of a failure report. */
const EXAMPLE_SHRINK_MS = 3_000;

let databases = 0;

async function withTrial<T>(
  testbed: Testbed,
  load: (database: SubjectDatabase) => Promise<Subject> | Subject,
  use: (trial: Trial) => Promise<T>,
): Promise<T> {
  databases += 1;
  const database = await testbed.openSubjectDatabase(`subject_${databases}`);
  try {
    const subject = await load(database);
    try {
      for (const statement of subject.schema ?? []) await database.observer.query(statement);
      return await use({
        testbed,
        database,
        subject,
        counts: { deliveries: 0, failed: 0, crashes: 0 },
      });
    } finally {
      await subject.close();
    }
  } finally {
    await database.close();
  }
}

async function measure(trial: Trial, options: Omit<Options, "seed">): Promise<Result> {
  const startedAt = performance.now();
  const result = await prove(trial, { ...options, seed });
  const seconds = (performance.now() - startedAt) / 1_000;
  const { deliveries, failed, crashes } = trial.counts;
  console.log(
    `${trial.subject.name}: ${result.histories} histories, ${deliveries} deliveries (${failed} not acknowledged, ${crashes} crashes), diverged: ${result.diverged} (${((100 * result.diverged) / result.histories).toFixed(1)} %), ${seconds.toFixed(0)} s`,
  );
  return result;
}

const NOT_REPRODUCED =
  "The history passes when run alone: it diverges only beside the other histories of its batch.";

async function proveRollcall(trial: Trial): Promise<boolean> {
  if (values.index !== undefined) {
    const place = { seed, index: count.parse(values.index) };
    console.log((await shrink(trial, place, SHRINK_MS)) ?? NOT_REPRODUCED);
    return true;
  }
  const { first } = await measure(trial, { ...ROLLCALL, histories });
  if (!first) return true;
  console.log(`\nseed ${first.seed}, index ${first.index}, shrunk:\n`);
  console.log((await shrink(trial, first, SHRINK_MS)) ?? NOT_REPRODUCED);
  console.log(`\nReproduce: npm run prove -- --seed ${first.seed} --index ${first.index}`);
  return false;
}

type Catch = { at: number; shown: string | null };

/** Finds the first history that reveals the planted fault. Resolves to its number, counted from 1; null if none does. */
async function findCatch(
  testbed: Testbed,
  mutant: Mutant,
  { isShown = false, options = MUTANT_OPTIONS } = {},
): Promise<Catch | null> {
  return withTrial(
    testbed,
    () => loadMutant(mutant),
    async (trial) => {
      const { first } = await prove(trial, { ...options, seed });
      if (!first) return null;
      const at = (first.seed - seed) * options.batch + first.index + 1;
      return { at, shown: isShown ? await shrink(trial, first, EXAMPLE_SHRINK_MS) : null };
    },
  );
}

async function testMutants(testbed: Testbed): Promise<boolean> {
  const isControlGood = (await findCatch(testbed, CONTROL, { options: CONTROL_OPTIONS })) === null;
  console.log(`no fault planted: ${isControlGood ? "nothing caught" : "CAUGHT"}`);
  let isEachCaught = isControlGood;
  let isShown = false;
  for (const mutant of readMutants().filter(({ name }) => name.includes(values.fault))) {
    const found = await findCatch(testbed, mutant, { isShown: !isShown });
    console.log(`fault, ${mutant.name}: ${found ? `caught by history ${found.at}` : "NOT CAUGHT"}`);
    if (found?.shown) console.log(`\n${found.shown.replaceAll(/^/gm, "  ")}\n`);
    isShown ||= found?.shown != null;
    isEachCaught &&= found !== null;
  }
  return isEachCaught;
}

async function proveAll(testbed: Testbed): Promise<void> {
  const rollcall = () => loadSubject("Rollcall", process.cwd(), POST);
  let isProven = await withTrial(testbed, rollcall, proveRollcall);
  if (values.index === undefined) {
    const others = { ...ROLLCALL, histories: COMPARISON_HISTORIES };
    for (const load of [updatedAtSubject, tutorialSubject]) {
      await withTrial(
        testbed,
        ({ faults }) => load(faults.url),
        (trial) => measure(trial, others),
      );
    }
    if (values.mutants) isProven = (await testMutants(testbed)) && isProven;
  }
  process.exitCode = isProven ? 0 : 1;
}

// Each rejected duplicate delivery creates an error. Mapping the stack of that error costs more than the rest of the delivery.
process.setSourceMapsEnabled(false);
console.log(`seed ${seed}`);
await runMain(async () => {
  const testbed = await openTestbed();
  // An error is printed before Postgres stops: stopping it causes further errors that would hide this one.
  await runMain(() => proveAll(testbed));
  await testbed.close();
});
