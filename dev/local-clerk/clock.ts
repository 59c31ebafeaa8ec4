// What time it is, and what happens later. A clock that can be moved forward, so that retries which
// take a day and sessions which take a week can be seen in a second. It never goes backwards.

export type Clock = {
  now(): number;
  /** Runs once, `ms` from now; the returned function cancels. Never keeps the process alive. */
  setTimeout(run: () => void, ms: number): () => void;
};

type Timer = { due: number; run: () => void; wake?: NodeJS.Timeout };

const longestWait = 2 ** 31 - 1;

export class MovableClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #isTicking: boolean;
  #at: number;

  /** Ticking: real time plus what was advanced. Standing: moves by `advance` only. */
  constructor({ ticking = true, at = Date.now() }: { ticking?: boolean; at?: number } = {}) {
    this.#isTicking = ticking;
    this.#at = ticking ? 0 : at;
  }

  now(): number {
    return this.#isTicking ? Date.now() + this.#at : this.#at;
  }

  /** How much was advanced; a standing clock is nowhere ahead. */
  get offsetMs(): number {
    return this.#isTicking ? this.#at : 0;
  }

  /** Goes on from where a clock before it was. */
  setOffset(ms: number): void {
    if (this.#isTicking) this.#at = Math.max(this.#at, ms);
  }

  setTimeout(run: () => void, ms: number): () => void {
    const timer: Timer = { due: this.now() + ms, run };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#cancel(timer);
  }

  /** Moves on, running what falls due in its order. */
  advance(ms: number): void {
    const target = this.now() + ms;
    if (this.#isTicking) this.#at += ms;
    const dueByThen = [...this.#timers].filter((timer) => timer.due <= target);
    for (const timer of dueByThen.sort((a, b) => a.due - b.due)) {
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
    const wait = Math.min(Math.max(0, timer.due - this.now()), longestWait);
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
