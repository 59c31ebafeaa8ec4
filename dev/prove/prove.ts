/** Histories by the thousand against one subject; the first that diverges is shrunk. Same seed, same histories. */
import fc from "fast-check";
import { type History, history } from "./history";
import { report } from "./report";
import { attempt, type Divergence, type Trial } from "./trial";

export type Options = {
  histories: number;
  /** Of the first batch; the next takes the next. */
  seed: number;
  batch: number;
  /** Is the first divergence all that is asked for? */
  stopsAtFirst: boolean;
  onBatch?: (done: number) => void;
};

/** `seed` and `index` make one history again. */
export type Place = { seed: number; index: number };
export type Result = { histories: number; diverged: number; first: Place | null };

export async function prove(trial: Trial, options: Options): Promise<Result> {
  const { histories, batch, stopsAtFirst, onBatch } = options;
  const result: Result = { histories: 0, diverged: 0, first: null };
  for (let seed = options.seed; result.histories < histories; seed += 1) {
    const numRuns = Math.min(batch, histories - result.histories);
    const found = await attempt(trial, fc.sample(history, { seed, numRuns }));
    const index = found.findIndex((divergence) => divergence !== null);
    if (index >= 0) result.first ??= { seed, index };
    result.diverged += found.filter((divergence) => divergence !== null).length;
    result.histories += found.length;
    onBatch?.(result.histories);
    if (stopsAtFirst && result.first) break;
  }
  return result;
}

const TRIES = 4;

/** Lanes race, so a history may pass by luck: it counts as good after a few passes. */
async function divergenceOf(trial: Trial, one: History): Promise<Divergence | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [divergence] = await attempt(trial, [one]);
    if (divergence) return divergence;
  }
  return null;
}

/** The smallest history fast-check finds in time that still diverges, as text; null when it takes those beside it. */
export async function shrink(
  trial: Trial,
  { seed, index }: Place,
  withinMs: number,
): Promise<string | null> {
  let smallest: string | null = null;
  const property = fc.asyncProperty(history, async (one) => {
    const divergence = await divergenceOf(trial, one);
    if (divergence) smallest = report(one, divergence);
    return divergence === null;
  });
  await fc.check(property, {
    seed,
    path: String(index),
    numRuns: index + 1,
    interruptAfterTimeLimit: withinMs,
  });
  return smallest;
}
