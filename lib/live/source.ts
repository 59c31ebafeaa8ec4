/**
 * The interface of a transport of announced changes: NOTIFY (`notify.ts`) or Redis (`redis.ts`). Which one a change takes is decided
 * in the database, in the transaction of the change (`announce` in the migrations), so a process listens to both.
 */

export type Receiver = {
  /** Called for each message, in the order of its source. */
  message: (channel: string, payload: string | undefined) => void;
  /** Called when the source is connected: messages before this call may have been missed. */
  up: () => void;
  /** Called when a connected source is lost. */
  down: () => void;
};

export type Source = {
  /** Connects, and connects again after each loss, until {@link Source.stop}. */
  start(channels: string[], receiver: Receiver): void;
  stop(): void;
};

/** The delay before the first reconnect, in ms. Each failure doubles the delay, up to MAX_RETRY_MS. */
const RETRY_MS = 250;
/** A server that is available again is noticed within 5 s. */
const MAX_RETRY_MS = 2_000;

export const retryDelay = (failures: number): number =>
  Math.min(RETRY_MS * 2 ** failures, MAX_RETRY_MS);
