/**
 * Runs thousands of simulated histories against one subject (a webhook handler). Shrinks the first history after which the
 * subject's rows differ from the model. The same seed generates the same histories.
 */
import fc from "fast-check";
import { type History, history } from "./history";
import { report } from "./report";
import { attempt, type Divergence, type Trial } from "./trial";

export type Options = {
  histories: number;
  /** The seed of the first batch. The seed of each further batch is greater by 1. */
  seed: number;
  batch: number;
  /** Stops after the first batch in which a history diverges. */
  stopsAtFirst: boolean;
  onBatch?: (done: number) => void;
};

/** Identifies one simulated history: the seed of its batch, and its index in the batch. */
type Place = { seed: number; index: number };
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

const ATTEMPTS = 4;

/**
 * Resolves to the divergence of a history, or to null if no attempt diverges. The lanes run concurrently, so a history may pass
 * by chance although the subject is wrong. So the history is tried several times.
 */
async function divergenceOf(trial: Trial, one: History): Promise<Divergence | null> {
  for (let attempts = 0; attempts < ATTEMPTS; attempts += 1) {
    const [divergence] = await attempt(trial, [one]);
    if (divergence) return divergence;
  }
  return null;
}

/**
 * Shrinks a diverging history for at most `withinMs`. Resolves to a report of the smallest history that still diverges, or to
 * null if the history passes when it runs alone.
 */
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
