// Injected faults of the Frontend API and the Backend API: delayed responses, 429, 500, 503 and timeouts.

import { z } from "zod";
import type { Clock } from "../clock";
import { seededRandom } from "../random";
import { RateLimit } from "./rate-limit";

export const faultShape = z.strictObject({
  api: z.enum(["bapi", "fapi"]),
  /** A substring of the paths that the fault affects. Default: every path. */
  path: z.string().optional(),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).optional(),
  latencyMs: z.number().int().min(0).default(0),
  outcome: z.enum(["answer", "429", "500", "503", "timeout"]).default("answer"),
  /** How many calls the fault affects. Default: every call until the faults are cleared. */
  times: z.number().int().positive().optional(),
  /** The share of matching calls that the fault affects, 0 to 1. */
  share: z.number().min(0).max(1).default(1),
  seed: z.number().int().default(1),
});
export type Fault = z.output<typeof faultShape>;
export type NewFault = z.input<typeof faultShape>;

type ActiveFault = Fault & { left: number; random: () => number };

export class Faults {
  readonly #clock: Clock;
  readonly #held = new Set<() => void>();
  #active: ActiveFault[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(faults: Fault[]): void {
    this.#active = faults.map((fault) => ({
      ...fault,
      left: fault.times ?? Number.POSITIVE_INFINITY,
      random: seededRandom(fault.seed),
    }));
    if (faults.length === 0) this.release();
  }

  get all(): Fault[] {
    return this.#active.map(({ left: _l, random: _r, ...fault }) => fault);
  }

  /** Returns the first fault that matches the call, and counts the call towards the fault's `times`. */
  take(api: Fault["api"], method: string, path: string): Fault | undefined {
    const found = this.#active.find(
      (each) =>
        each.api === api &&
        each.left > 0 &&
        (!each.method || each.method === method) &&
        (!each.path || path.includes(each.path)) &&
        each.random() < each.share,
    );
    if (found) found.left -= 1;
    return found;
  }

  /** Waits in real time, not by the instance's clock: the caller's timeout runs in real time too. */
  async wait(ms: number): Promise<void> {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Makes a call wait, for the fault "timeout". Resolves when the faults are cleared or the instance closes. */
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
