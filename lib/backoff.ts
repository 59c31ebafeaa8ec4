/** The number of attempts and the delays between them, for deliveries that could not be applied and for effects. */

/** The maximum number of attempts. When the last attempt fails, the delivery or effect becomes a dead letter. */
export const MAX_ATTEMPTS = 8;

const FIRST_DELAY_MS = 2_000;

/** Returns the delay after failed attempt number `attempts`, in ms: 2 s, 8 s, 32 s, … 2 h 16 min. */
export function backoffMs(attempts: number): number {
  return FIRST_DELAY_MS * 4 ** (attempts - 1);
}
