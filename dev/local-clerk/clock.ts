// The time and the timers of an instance. Tests and the control API can advance the clock, so a test of retries over a day or of
// a week's session takes a second. The clock never goes backwards.

export type Clock = {
  now(): number;
  /** Runs the callback once, `ms` from now. The returned function cancels it. The timer never keeps the process alive. */
  setTimeout(run: () => void, ms: number): () => void;
};

type Timer = { due: number; run: () => void; wake?: NodeJS.Timeout };

/** The longest timeout that Node accepts. Node runs the callback of a longer timeout immediately. */
const maxTimeoutMs = 2 ** 31 - 1;

export class MovableClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #isTicking: boolean;
  #at: number;

  /** With `ticking`, the time is real time plus an offset. Without it, the time changes only by `advance`. */
  constructor({ ticking = true, at = Date.now() }: { ticking?: boolean; at?: number } = {}) {
    this.#isTicking = ticking;
    this.#at = ticking ? 0 : at;
  }

  now(): number {
    return this.#isTicking ? Date.now() + this.#at : this.#at;
  }

  /** How many milliseconds the clock is ahead of real time; 0 for a clock that does not tick. */
  get offsetMs(): number {
    return this.#isTicking ? this.#at : 0;
  }

  /** Sets the offset that an earlier process stored. Never decreases the offset. */
  setOffset(ms: number): void {
    if (this.#isTicking) this.#at = Math.max(this.#at, ms);
  }

  setTimeout(run: () => void, ms: number): () => void {
    const timer: Timer = { due: this.now() + ms, run };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#cancel(timer);
  }

  /** Advances the clock and runs the timers that fall due, in the order of their due times. */
  advance(ms: number): void {
    const target = this.now() + ms;
    if (this.#isTicking) this.#at += ms;
    const dueTimers = [...this.#timers].filter((timer) => timer.due <= target);
    for (const timer of dueTimers.sort((a, b) => a.due - b.due)) {
      if (!this.#timers.has(timer)) continue;
      if (!this.#isTicking) this.#at = Math.max(this.#at, timer.due);
      this.#fire(timer);
    }
    if (!this.#isTicking) this.#at = target;
    for (const timer of this.#timers) this.#arm(timer);
  }

  #arm(timer: Timer): void {
    if (!this.#isTicking) return;
    clearTimeout(timer.wake);
    const wait = Math.min(Math.max(0, timer.due - this.now()), maxTimeoutMs);
    timer.wake = setTimeout(() => {
      if (timer.due <= this.now()) this.#fire(timer);
      else this.#arm(timer);
    }, wait);
    timer.wake.unref();
  }

  #fire(timer: Timer): void {
    this.#cancel(timer);
    timer.run();
  }

  #cancel(timer: Timer): void {
    clearTimeout(timer.wake);
    this.#timers.delete(timer);
  }
}
