/**
 * Requests pages of the app so that `next dev` compiles them: first `/`, then what a person opens next, one after another.
 */
import { request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const RETRY_MS = 50;

/** The port at which the app listens, and the origin under which its pages are served. The two differ behind a tunnel. */
export type AppAddress = { port: number; appUrl: string };

type Request = { path: string; headers?: Record<string, string>; body?: string };

/** Sends a request. Resolves to the status as soon as the whole body has arrived. */
function send(
  { port, appUrl }: AppAddress,
  { path, headers, body }: Request,
  signal: AbortSignal,
): Promise<number> {
  const { host, origin } = new URL(appUrl);
  return new Promise((resolve, reject) => {
    // Not `fetch`, which cannot set the Host header: the middleware redirects requests whose host is not the host of APP_URL.
    const request = httpRequest(
      {
        host: "localhost",
        port,
        path,
        signal,
        method: body === undefined ? "GET" : "POST",
        headers: { host, origin, accept: "text/html", ...headers },
        agent: false,
      },
      (response) => {
        response.once("error", reject).once("end", () => resolve(response.statusCode ?? 0));
        response.resume();
      },
    );
    request.once("error", reject);
    request.end(body);
  });
}

/**
 * Requests `/` until the app responds. Resolves to the status when the whole body has arrived, or to undefined if `signal` was
 * aborted first. The first response takes as long as the page takes to compile.
 */
export async function awaitFirstPage(
  app: AppAddress,
  signal: AbortSignal,
): Promise<number | undefined> {
  while (!signal.aborted) {
    try {
      return await send(app, { path: "/" }, signal);
    } catch {
      // The server does not listen yet, or closed the connection because it restarted.
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}

export type WarmUpOptions = {
  app: AppAddress;
  signal: AbortSignal;
  /** Resolves to a session token of a platform admin. Without a token, pages that need a signed-in user are not requested. */
  sessionToken: () => Promise<string | undefined>;
  /**
   * Called when the request for the sign-in page has ended. Work that would compete with the compilation of the page starts then.
   */
  onSignInCompiled: () => void;
  /** Removes the app's log lines that match `pattern` from the log until the returned function is called. */
  silence: (pattern: RegExp) => () => void;
};

const QUERY = JSON.stringify({ query: "{ __typename }" });

const PAGES: { path: string; needsViewer?: true; accept?: string }[] = [
  { path: "/sign-in" },
  { path: "/home", needsViewer: true },
  { path: "/api/graphql", accept: "application/json" },
  { path: "/admin/users", needsViewer: true },
  { path: "/api/graphql/stream", accept: "text/event-stream" },
];

/** Requests each page once. Never throws: a page that fails here fails again, with its reason, when a person opens it. */
export async function warmUp({
  app,
  signal,
  sessionToken,
  onSignInCompiled,
  silence,
}: WarmUpOptions): Promise<void> {
  for (const { path, needsViewer, accept } of PAGES) {
    const token = needsViewer && (await sessionToken().catch(() => undefined));
    if (signal.aborted) return;
    if (needsViewer && token === undefined) continue;
    const speakAgain = silence(new RegExp(` ${path} \\d{3} in `));
    const request: Request = {
      path,
      headers: {
        ...(token && { cookie: `__session=${token}; __client_uat=${secondsNow() - 60}` }),
        ...(accept && { accept, "content-type": "application/json" }),
      },
      ...(accept && { body: QUERY }),
    };
    await send(app, request, signal).catch(() => {});
    if (path === "/sign-in") onSignInCompiled();
    // Next logs a request a moment after its response, so the line is silenced for 0.5 s more.
    setTimeout(speakAgain, 500).unref();
  }
}

const secondsNow = () => Math.floor(Date.now() / 1000);
