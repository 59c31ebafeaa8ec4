/** Two ways for overlapping calls to share a run. Used on the server and in the browser. */

/**
 * While `work` runs for a key, further calls for that key get the result of that run. The next call after the run starts a new
 * run. Use it only where a result may be as old as the start of the run.
 *
 * @param share Wraps the promise of a run, for example with a deadline. Until the run itself ends, all its callers get the
 * wrapped promise.
 * @param keyOf Returns the key of what a call is given. By default that is the key itself.
 */
export function singleFlight<Result, Given = void>(
  work: (given: Given) => Promise<Result>,
  share: (run: Promise<Result>) => Promise<Result> = (run) => run,
  keyOf: (given: Given) => unknown = (given) => given,
): (given: Given) => Promise<Result> {
  const shared = new Map<unknown, Promise<Result>>();
  return (given) => {
    const key = keyOf(given);
    const running = shared.get(key);
    if (running) return running;
    const run = work(given).finally(() => shared.delete(key));
    const started = share(run);
    shared.set(key, started);
    return started;
  };
}

/**
 * Runs `work` one at a time. Calls made during a run cause exactly one more run after it, so that the last run starts after the
 * last call and sees every change made before that call. The error of a failed run is ignored.
 */
export function coalesce(work: () => Promise<unknown>): () => void {
  let isRunning = false;
  let isWanted = false;
  return async function run(): Promise<void> {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await work().catch(() => undefined);
    }
    isRunning = false;
  };
}
