// Stores how far the clock is ahead of real time, so that after a restart no stored time lies in the future.

import { type Clock, MovableClock } from "../clock";
import type { ClerkContext } from "../context";
import { notImplemented } from "../errors";
import type { State } from "../store/state";

const recordId = "clock";

export function restoreClock(state: State, clock: Clock): void {
  if (clock instanceof MovableClock) clock.setOffset(state.clocks.get(recordId)?.aheadMs ?? 0);
}

/** Advances the clock. Stores the new offset first, because timers that fall due write records with the new time. */
export function advanceClock({ state, clock }: ClerkContext, ms: number): void {
  if (!(clock instanceof MovableClock)) throw notImplemented("advancing this clock");
  state.clocks.put({ id: recordId, aheadMs: clock.offsetMs + ms });
  clock.advance(ms);
}

/** Deletes every record except the clock's offset, because time never goes backwards. */
export function clearState({ state }: ClerkContext): void {
  const clock = state.clocks.get(recordId);
  state.clear();
  if (clock) state.clocks.put(clock);
}
