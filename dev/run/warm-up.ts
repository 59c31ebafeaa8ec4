/**
 * Requests pages of the app so that `next dev` compiles them: first `/`, then what a person opens next, one after another.
 */
import { setTimeout as sleep } from "node:timers/promises";

const RETRY_MS = 50;

/**
 * Requests `url` until the app answers, and returns the status when the whole body has arrived. Undefined if `signal` was
 * aborted first. The first answer takes as long as the page takes to compile.
 */
export async function awaitFirstAnswer(
  url: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { signal });
      await response.arrayBuffer();
      return response.status;
    } catch {
      // The server does not listen yet, or closed the connection because it restarted.
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}

export type WarmUpOptions = {
  origin: string;
  signal: AbortSignal;
  /** A session token of a platform admin. Without it, pages that need a viewer are left out. */
  sessionToken: () => Promise<string | undefined>;
  /** Leaves the app's log lines that match out of the log until the returned function is called. */
  silence: (pattern: RegExp) => () => void;
};

type Request = { path: string; needsViewer: boolean; body?: object };

const REQUESTS: Request[] = [
  { path: "/sign-in", needsViewer: false },
  { path: "/home", needsViewer: true },
  { path: "/api/graphql", needsViewer: false, body: { query: "{ __typename }" } },
  { path: "/admin/users", needsViewer: true },
  { path: "/api/graphql/stream", needsViewer: false, body: { query: "{ __typename }" } },
];

/** Never throws: a page that fails here fails again, with its reason, when a person opens it. */
export async function warmUp(options: WarmUpOptions): Promise<void> {
  for (const request of REQUESTS) {
    if (options.signal.aborted) return;
    const speakAgain = options.silence(new RegExp(` ${request.path}(?:\\?\\S*)? \\d{3} in `));
    await send(request, options).catch(() => {});
    // Next logs a request a moment after it has answered.
    setTimeout(speakAgain, 500).unref();
  }
}

async function send(request: Request, options: WarmUpOptions): Promise<void> {
  const { origin, signal } = options;
  const token = request.needsViewer ? await options.sessionToken() : undefined;
  if (request.needsViewer && token === undefined) return;
  const issuedAt = Math.floor(Date.now() / 1000);
  const response = await fetch(`${origin}${request.path}`, {
    signal,
    redirect: "manual",
    headers: {
      origin,
      ...(token && { cookie: `__session=${token}; __client_uat=${issuedAt - 60}` }),
      ...(request.body && {
        "content-type": "application/json",
        accept: request.path.endsWith("/stream") ? "text/event-stream" : "application/json",
      }),
    },
    ...(request.body && { method: "POST", body: JSON.stringify(request.body) }),
  });
  await response.arrayBuffer();
}
