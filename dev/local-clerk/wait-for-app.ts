// Waits until the app's webhook route answers, so that the first webhooks are not lost to a retry five minutes later
// because a development server compiles it first. Any answer will do (a GET is refused with 405); asking compiles it.

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
