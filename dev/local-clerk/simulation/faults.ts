// Trouble on demand, for either API: answers that come late, or as 429 or 500, or not at all.

import { z } from "zod";
import type { Clock } from "../clock";
import { seededRandom } from "../random";
import { RateLimit } from "./rate-limit";

export const faultShape = z.strictObject({
  api: z.enum(["bapi", "fapi"]),
  /** Part of the path; all paths without one. */
  path: z.string().optional(),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).optional(),
  latencyMs: z.number().int().min(0).default(0),
  outcome: z.enum(["answer", "429", "500", "503", "timeout"]).default("answer"),
  /** For how many calls; for all until it is cleared without one. */
  times: z.number().int().positive().optional(),
  share: z.number().min(0).max(1).default(1),
  seed: z.number().int().default(1),
});
export type Fault = z.output<typeof faultShape>;
export type NewFault = z.input<typeof faultShape>;

type ActiveFault = Fault & { left: number; chance: () => number };

export class Faults {
  readonly #clock: Clock;
  readonly #held = new Set<() => void>();
  #armed: ActiveFault[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(faults: Fault[]): void {
    this.#armed = faults.map((fault) => ({
      ...fault,
      left: fault.times ?? Number.POSITIVE_INFINITY,
      chance: seededRandom(fault.seed),
    }));
    if (faults.length === 0) this.release();
  }

  get all(): Fault[] {
    return this.#armed.map(({ left: _l, chance: _c, ...fault }) => fault);
  }

  /** The first that fits; it counts as one of its times. */
  take(api: Fault["api"], method: string, path: string): Fault | undefined {
    const found = this.#armed.find(
      (each) =>
        each.api === api &&
        each.left > 0 &&
        (!each.method || each.method === method) &&
        (!each.path || path.includes(each.path)) &&
        each.chance() < each.share,
    );
    if (found) found.left -= 1;
    return found;
  }

  /** Real time on purpose: the caller waits in real time too. */
  async wait(ms: number): Promise<void> {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Until the faults are cleared or the process ends. */
  hold(): Promise<void> {
    return new Promise((resolve) => this.#held.add(resolve));
  }

  release(): void {
    for (const resolve of this.#held) resolve();
    this.#held.clear();
  }

  limit(): RateLimit {
    return new RateLimit(this.#clock);
  }
}
