// Waits until the app's webhook route responds, before the first webhooks are sent; gives up after `forMs`. A development server
// compiles the route at its first request, which can take longer than the webhook timeout. The retry would then come minutes
// later. Any response below 500 counts: the route refuses this GET with 405.

const pauseMs = 300;
const responseTimeoutMs = 60_000;

export async function waitForApp(
  url: string,
  { forMs, isCancelled }: { forMs: number; isCancelled: () => boolean },
): Promise<void> {
  const deadline = Date.now() + forMs;
  while (!isCancelled() && Date.now() < deadline) {
    if (await isAnswering(url)) return;
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
