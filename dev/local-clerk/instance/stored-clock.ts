// How far the clock is ahead, kept with everything else: after a restart nothing lies in the future.

import { type Clock, MovableClock } from "../clock";
import type { ClerkContext } from "../context";
import { notImplemented } from "../errors";
import type { State } from "../store/state";

const recordId = "clock";

export function restoreClock(state: State, clock: Clock): void {
  if (clock instanceof MovableClock) clock.setOffset(state.clocks.get(recordId)?.aheadMs ?? 0);
}

/** Kept first: what falls due on the way is written at its new time. */
export function advanceClock({ state, clock }: ClerkContext, ms: number): void {
  if (!(clock instanceof MovableClock)) throw notImplemented("advancing this clock");
  state.clocks.put({ id: recordId, aheadMs: clock.offsetMs + ms });
  clock.advance(ms);
}

/** Everything but the time: it never goes back. */
export function clearState({ state }: ClerkContext): void {
  const clock = state.clocks.get(recordId);
  state.clear();
  if (clock) state.clocks.put(clock);
}
