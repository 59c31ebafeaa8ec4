// Disturbs webhook deliveries on purpose: delay, reordering, duplicates, losses. The random numbers come from a seed, so that a
// failed run can be repeated.

import { z } from "zod";
import { seededRandom } from "../random";

const share = z.number().min(0).max(1);

export const disturbanceShape = z.object({
  /** The delay of the first attempt of every message, in milliseconds. */
  delayMs: z.number().int().min(0).default(0),
  /** The highest additional random delay of a message in milliseconds. Random delays change the order of messages. */
  shuffleWithinMs: z.number().int().min(0).default(0),
  /** The share of attempts, 0 to 1, that are sent twice at the same time with the same id. */
  duplicate: share.default(0),
  /** The share of messages, 0 to 1, that are not sent until `replay-missing` is called. */
  drop: share.default(0),
  seed: z.number().int().default(1),
});
export type DisturbanceSettings = z.infer<typeof disturbanceShape>;

/** The active disturbances and their random number generator. */
export class Disturbances {
  #values = disturbanceShape.parse({});
  #random = seededRandom(this.#values.seed);

  get values(): DisturbanceSettings {
    return this.#values;
  }

  /** Replaces all disturbances. A disturbance that is left out gets its default. Throws a ZodError on invalid input. */
  set(disturbances: unknown): void {
    this.#values = disturbanceShape.parse(disturbances);
    this.#random = seededRandom(this.#values.seed);
  }

  shouldDrop(): boolean {
    return this.#random() < this.#values.drop;
  }

  /** Returns the delay of the first attempt of the next message, in milliseconds. */
  nextDelayMs(): number {
    const { delayMs, shuffleWithinMs } = this.#values;
    return delayMs + Math.floor(this.#random() * shuffleWithinMs);
  }

  copies(): number {
    return this.#random() < this.#values.duplicate ? 2 : 1;
  }

  /** Returns the list unchanged for the order `made`, else reversed or shuffled. */
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
