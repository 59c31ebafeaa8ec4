// Waits until the app is well, so that the first webhooks are not lost to a retry five minutes later
// because the app took ten seconds to start. After a minute it stops waiting.

const pauseMs = 300;
const answerWithinMs = 5_000;

export async function untilHealthy(
  url: string,
  { forMs, isCancelled }: { forMs: number; isCancelled: () => boolean },
): Promise<void> {
  const deadline = Date.now() + forMs;
  while (!isCancelled() && Date.now() < deadline) {
    if (await isWell(url)) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
  }
}

async function isWell(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
