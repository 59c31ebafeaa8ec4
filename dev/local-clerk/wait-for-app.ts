// Waits until the app's webhook route responds, before the first webhooks are sent; gives up after `forMs`. A development server
// compiles the route at its first request, which can take longer than the webhook timeout. The retry would then come minutes
// later. Any response below 500 counts: the route refuses this GET with 405. After `warnAfterMs` it logs once that nothing answers.

const pauseMs = 300;
const responseTimeoutMs = 60_000;

export async function waitForApp(
  url: string,
  {
    forMs,
    warnAfterMs,
    isCancelled,
    log,
  }: {
    forMs: number;
    warnAfterMs: number;
    isCancelled: () => boolean;
    log: (line: string) => void;
  },
): Promise<void> {
  const began = Date.now();
  let hasWarned = false;
  while (!isCancelled() && Date.now() < began + forMs) {
    if (await isAnswering(url)) return;
    if (!hasWarned && Date.now() >= began + warnAfterMs) {
      hasWarned = true;
      log(
        `Local Clerk: nothing answers at ${url} yet, so webhooks wait. Start the app there, or set its address with --app-url and --webhook-path.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
  }
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(responseTimeoutMs) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
