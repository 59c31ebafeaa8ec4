// What can be made to go wrong with webhooks on purpose. Chance comes from a seed, so that a run which
// failed can be had again.

import { z } from "zod";
import { seededRandom } from "../random";

const share = z.number().min(0).max(1);

export const disturbanceShape = z.object({
  /** Every first try waits this long. */
  delayMs: z.number().int().min(0).default(0),
  /** And up to this much longer, each by chance: the order is lost. */
  shuffleWithinMs: z.number().int().min(0).default(0),
  /** Share of tries that are sent twice at once, under one id. */
  duplicate: share.default(0),
  /** Share of messages that are never sent, until they are replayed as missing. */
  drop: share.default(0),
  seed: z.number().int().default(1),
});
export type DisturbanceSettings = z.infer<typeof disturbanceShape>;

/** The disturbances as they stand, and the chance that goes with them. */
export class Disturbances {
  #values = disturbanceShape.parse({});
  #chance = seededRandom(this.#values.seed);

  get values(): DisturbanceSettings {
    return this.#values;
  }

  /** What is not named goes back to doing nothing. */
  set(disturbances: unknown): void {
    this.#values = disturbanceShape.parse(disturbances);
    this.#chance = seededRandom(this.#values.seed);
  }

  shouldDrop(): boolean {
    return this.#chance() < this.#values.drop;
  }

  /** How long the next first try waits. */
  nextDelayMs(): number {
    const { delayMs, shuffleWithinMs } = this.#values;
    return delayMs + Math.floor(this.#chance() * shuffleWithinMs);
  }

  copies(): number {
    return this.#chance() < this.#values.duplicate ? 2 : 1;
  }

  inOrder<T>(list: readonly T[], order: ReleaseOrder): T[] {
    return inOrder(list, order, this.#chance);
  }
}

export const releaseOrders = ["made", "reversed", "shuffled"] as const;
export type ReleaseOrder = (typeof releaseOrders)[number];

function inOrder<T>(list: readonly T[], order: ReleaseOrder, chance: () => number): T[] {
  if (order === "made") return [...list];
  if (order === "reversed") return [...list].reverse();
  return list
    .map((each) => ({ each, place: chance() }))
    .sort((a, b) => a.place - b.place)
    .map(({ each }) => each);
}
