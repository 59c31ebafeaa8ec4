// Disturbs webhook deliveries on purpose: delay, reordering, duplicates, losses. Randomness comes from a seed,
// so a run that failed can be repeated.

import { z } from "zod";
import { seededRandom } from "../random";

const share = z.number().min(0).max(1);

export const disturbanceShape = z.object({
  /** Delay of every first attempt. */
  delayMs: z.number().int().min(0).default(0),
  /** Upper bound of an additional random delay per message, which shuffles their order. */
  shuffleWithinMs: z.number().int().min(0).default(0),
  /** Share of attempts, 0 to 1, that are sent twice at once under one id. */
  duplicate: share.default(0),
  /** Share of messages, 0 to 1, that are not sent until `replay-missing`. */
  drop: share.default(0),
  seed: z.number().int().default(1),
});
export type DisturbanceSettings = z.infer<typeof disturbanceShape>;

/** The active disturbances with their random numbers. */
export class Disturbances {
  #values = disturbanceShape.parse({});
  #random = seededRandom(this.#values.seed);

  get values(): DisturbanceSettings {
    return this.#values;
  }

  /** Replaces all disturbances: one that is left out goes back to its default. Throws a ZodError on invalid input. */
  set(disturbances: unknown): void {
    this.#values = disturbanceShape.parse(disturbances);
    this.#random = seededRandom(this.#values.seed);
  }

  shouldDrop(): boolean {
    return this.#random() < this.#values.drop;
  }

  /** The delay of the next first attempt. */
  nextDelayMs(): number {
    const { delayMs, shuffleWithinMs } = this.#values;
    return delayMs + Math.floor(this.#random() * shuffleWithinMs);
  }

  copies(): number {
    return this.#random() < this.#values.duplicate ? 2 : 1;
  }

  /** The list as it was created, reversed, or shuffled. */
  reorder<T>(list: readonly T[], order: ReleaseOrder): T[] {
    return reorder(list, order, this.#random);
  }
}

export const releaseOrders = ["made", "reversed", "shuffled"] as const;
export type ReleaseOrder = (typeof releaseOrders)[number];

function reorder<T>(list: readonly T[], order: ReleaseOrder, random: () => number): T[] {
  if (order === "made") return [...list];
  if (order === "reversed") return [...list].reverse();
  return list
    .map((each) => ({ each, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ each }) => each);
}
