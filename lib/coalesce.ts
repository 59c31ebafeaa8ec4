/** Two ways for overlapping calls to share a run. Used on the server and in the browser. */

/**
 * Calls made while `work` runs for their key get the result of that run; the next call after the run starts a new one. Use it
 * only where a result may be as old as the start of the run.
 *
 * @param share Turns the run into the promise that its callers get, for example the run with a deadline. Callers share that
 * promise until the run itself ends.
 */
export function singleFlight<Result, Key = void>(
  work: (key: Key) => Promise<Result>,
  share: (run: Promise<Result>) => Promise<Result> = (run) => run,
): (key: Key) => Promise<Result> {
  const shared = new Map<Key, Promise<Result>>();
  return (key) => {
    const running = shared.get(key);
    if (running) return running;
    const run = work(key).finally(() => shared.delete(key));
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
