// How far the clock is ahead, kept with everything else: after a restart nothing lies in the future.

import { type Clock, MovableClock } from "../clock";
import type { World } from "../context";
import { notImplemented } from "../errors";
import type { State } from "../store/state";

const kept = "clock";

export function startClock(state: State, clock: Clock): void {
  if (clock instanceof MovableClock) clock.startAhead(state.clocks.get(kept)?.aheadMs ?? 0);
}

/** Kept first: what falls due on the way is written at its new time. */
export function advanceClock({ state, clock }: World, ms: number): void {
  if (!(clock instanceof MovableClock)) throw notImplemented("advancing this clock");
  state.clocks.put({ id: kept, aheadMs: clock.aheadMs + ms });
  clock.advance(ms);
}

/** Everything but the time: it never goes back. */
export function clearState({ state }: World): void {
  const clock = state.clocks.get(kept);
  state.clear();
  if (clock) state.clocks.put(clock);
}
