/**
 * Runs `work` one at a time. However often it is called for while it runs, it runs once more afterwards: that run sees
 * everything that happened before the last call. A failure is the next call's to mend.
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
