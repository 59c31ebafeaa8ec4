/**
 * The causes that keep the page from being current: a lost stream, a page that did not load, a browser without network. While
 * there is any, checks whether a retry can succeed, and then retries all of them.
 */

/** Delays between two checks. Each is shortened by up to a half, so that not all tabs ask at the same time. */
const FIRST_WAIT_MS = 1_000;
/** The delay while the app does not answer: a check is cheap. */
const LONGEST_WAIT_MS = 5_000;
/** The delay while the app answers but the retry fails, as when one page has a fault. */
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

  /** Begins the outage of `cause`. When it is reported again, its begin stays. Several causes may share one `retry`. */
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

  /** Checks at once, as when the network is back. */
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
