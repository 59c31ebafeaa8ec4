/** The proof itself; `main.ts` starts it and keeps its log. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { POST } from "../../app/api/webhooks/clerk/route";
import { CONTROL, loadMutant, type Mutant, readMutants } from "./mutants";
import { type Options, prove, type Result, shrink } from "./prove";
import { loadSubject, type Subject } from "./subject";
import { type Bench, type Lab, openLab } from "./testbed";
import type { Trial } from "./trial";
import { naiveSubject } from "./tutorial-handler";
import { guardedSubject } from "./updated-at-handler";

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "2000" },
    seed: { type: "string" },
    index: { type: "string" },
    mutants: { type: "boolean", default: false },
  },
});
const count = z.coerce.number().int().nonnegative();
const histories = count.parse(values.histories);
const seed = values.seed === undefined ? randomInt(1_000_000_000) : count.parse(values.seed);

const OURS = { batch: 100, stopsAtFirst: false };
/** The other handlers are there for comparison, and the worse is slow: most of what it does fails and comes again. */
const OTHERS = Math.min(histories, Math.max(20, Math.round(histories / 20)));
/** A mutant must be caught within as many. */
const MUTANTS = { histories: 200, batch: 20, stopsAtFirst: true };
const SHRINK_MS = 60_000;
/** Of one mutant it is shown how a failure is told. */
const SHOW_MS = 3_000;

let databases = 0;

async function withTrial<T>(
  lab: Lab,
  load: (bench: Bench) => Promise<Subject> | Subject,
  use: (trial: Trial) => Promise<T>,
): Promise<T> {
  databases += 1;
  const bench = await lab.openBench(`subject_${databases}`);
  try {
    const subject = await load(bench);
    try {
      for (const statement of subject.schema ?? []) await bench.observer.query(statement);
      return await use({ lab, bench, subject, counts: { deliveries: 0, failed: 0, crashes: 0 } });
    } finally {
      await subject.close();
    }
  } finally {
    await bench.close();
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

const NOT_ALONE = "it did not diverge again by itself: it takes the histories beside it";

async function proveOurs(trial: Trial): Promise<boolean> {
  if (values.index !== undefined) {
    const place = { seed, index: count.parse(values.index) };
    console.log((await shrink(trial, place, SHRINK_MS)) ?? NOT_ALONE);
    return true;
  }
  const { first } = await measure(trial, { ...OURS, histories });
  if (!first) return true;
  console.log(`\nseed ${first.seed}, index ${first.index}, as small as it gets:\n`);
  console.log((await shrink(trial, first, SHRINK_MS)) ?? NOT_ALONE);
  console.log(`\nAgain: npm run prove -- --seed ${first.seed} --index ${first.index}`);
  return false;
}

type Catch = { at: number; shown: string | null };

/** The number of the first history that shows the fault, or null. */
async function findCatch(lab: Lab, mutant: Mutant, isShown = false): Promise<Catch | null> {
  return withTrial(
    lab,
    () => loadMutant(mutant),
    async (trial) => {
      const { first } = await prove(trial, { ...MUTANTS, seed });
      if (!first) return null;
      const at = (first.seed - seed) * MUTANTS.batch + first.index + 1;
      return { at, shown: isShown ? await shrink(trial, first, SHOW_MS) : null };
    },
  );
}

async function catchMutants(lab: Lab): Promise<boolean> {
  const isControlGood = (await findCatch(lab, CONTROL)) === null;
  console.log(`no fault planted: ${isControlGood ? "nothing caught" : "CAUGHT"}`);
  let isEachCaught = isControlGood;
  let isShown = false;
  for (const mutant of readMutants()) {
    const found = await findCatch(lab, mutant, !isShown);
    console.log(`fault, ${mutant.name}: ${found ? `caught by history ${found.at}` : "NOT CAUGHT"}`);
    if (found?.shown) console.log(`\n${found.shown.replaceAll(/^/gm, "  ")}\n`);
    isShown ||= found?.shown != null;
    isEachCaught &&= found !== null;
  }
  return isEachCaught;
}

// A refused duplicate is an error with a stack, and to map that costs more than all of the delivery.
process.setSourceMapsEnabled(false);
console.log(`seed ${seed}`);
const lab = await openLab();
try {
  const ours = () => loadSubject("Rollcall", process.cwd(), POST);
  let isProven = await withTrial(lab, ours, proveOurs);
  if (values.index === undefined) {
    const others = { ...OURS, histories: OTHERS };
    for (const load of [guardedSubject, naiveSubject]) {
      await withTrial(
        lab,
        ({ faults }) => load(faults.url),
        (trial) => measure(trial, others),
      );
    }
    if (values.mutants) isProven = (await catchMutants(lab)) && isProven;
  }
  process.exitCode = isProven ? 0 : 1;
} catch (error) {
  // Told before the server is stopped: what that breaks would be told instead.
  console.error(error);
  process.exitCode = 1;
} finally {
  await lab.close();
}
