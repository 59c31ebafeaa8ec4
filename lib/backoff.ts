/** How often, and how late, failed work is tried again: deliveries that could not be applied, and effects. */

/** The number of tries. After the last one, the work is a dead letter. */
export const MAX_ATTEMPTS = 8;

const FIRST_DELAY_MS = 2_000;

/** The delay after the failed try number `attempts`, in ms: 2 s, 8 s, 32 s, … 2 h 16 min. */
export function backoffMs(attempts: number): number {
  return FIRST_DELAY_MS * 4 ** (attempts - 1);
}
