/**
 * The current outages of a page. Causes are a lost stream, a page that did not load, or a browser without network. While there is
 * an outage, checks whether a retry can succeed, and then retries all causes.
 */

/** The first delay between two checks. All delays are shortened by up to a half, so that not all tabs check at the same time. */
const FIRST_WAIT_MS = 1_000;
/** The longest delay while the app is not ready. It is short, because a check is cheap. */
const LONGEST_WAIT_MS = 5_000;
/** The longest delay while the app is ready but the retry fails, as when one page has a bug. */
const LONGEST_RETRY_MS = 30_000;

type Outage = { since: number; retry: () => void };

export class Outages {
  readonly #outages = new Map<object, Outage>();
  readonly #listeners = new Set<() => void>();
  readonly #canRetry: () => Promise<boolean>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isChecking = false;
  #wait = FIRST_WAIT_MS;

  /** `canRetry` resolves to false while a retry would fail. */
  constructor(canRetry: () => Promise<boolean>) {
    this.#canRetry = canRetry;
  }

  /** When the oldest outage began (ms), or null when there is none. */
  get since(): number | null {
    return this.#outages.size === 0
      ? null
      : Math.min(...[...this.#outages.values()].map(({ since }) => since));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts an outage for `cause`. A repeated report keeps the first `since`. Several causes may share one `retry`. */
  report(cause: object, since: number, retry: () => void): void {
    const known = this.#outages.get(cause);
    this.#outages.set(cause, { since: known?.since ?? since, retry });
    if (this.#timer === undefined && !this.#isChecking) this.#schedule();
    if (!known) this.#notify();
  }

  end(cause: object): void {
    if (!this.#outages.delete(cause)) return;
    if (this.#outages.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#wait = FIRST_WAIT_MS;
    }
    this.#notify();
  }

  /** Checks at once instead of after the delay. Call when the network is back. */
  checkNow(): void {
    if (this.#outages.size === 0 || this.#isChecking) return;
    clearTimeout(this.#timer);
    this.#wait = FIRST_WAIT_MS;
    void this.#check();
  }

  async #check(): Promise<void> {
    this.#timer = undefined;
    this.#isChecking = true;
    const canRetry = await this.#canRetry().catch(() => false);
    this.#isChecking = false;
    const retries = new Set([...this.#outages.values()].map(({ retry }) => retry));
    if (canRetry) for (const retry of retries) retry();
    if (this.#outages.size === 0) return;
    this.#wait = Math.min(this.#wait * 2, canRetry ? LONGEST_RETRY_MS : LONGEST_WAIT_MS);
    this.#schedule();
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#check(), this.#wait * (0.5 + Math.random() / 2));
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
