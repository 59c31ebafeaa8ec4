/**
 * Guards the fetches of Next's router. Next would reload the document when a proxy responds instead of the server, and replace
 * the page when a response is cut off. Here both become a failed fetch, which Next retries until it succeeds. Only a slow
 * navigation is rendered while it arrives: if it is cut off, its loading state stays until the app is ready.
 */
import { browserOutages } from "./browser-outages";

type Outages = Pick<typeof browserOutages, "report" | "end">;

/**
 * True for a request of Next's router, except a prefetch. Prefetches are not guarded: the shown page does not need them, and Next
 * does not repeat a failed one.
 */
function isOfRouter(init?: RequestInit): boolean {
  const headers = new Headers(init?.headers);
  return headers.get("rsc") === "1" && !headers.has("next-router-prefetch");
}

/** After this time, the incomplete response to a slow navigation is passed on, so that its loading state is shown. */
const HOLD_NAVIGATION_MS = 500;
/**
 * The response to a refresh is held until it is complete, because a refresh shows nothing earlier. This is the longest delay that
 * a timer allows: 24 days.
 */
const HOLD_REFRESH_MS = 2 ** 31 - 1;

/** True if the response is for the page at `href`: a refresh of the page, or a navigation whose page is already shown. */
function isOfPage(response: Response, href: string): boolean {
  const [answered, shown] = [new URL(response.url || href), new URL(href)];
  answered.searchParams.delete("_rsc");
  return answered.pathname === shown.pathname && answered.search === shown.search;
}

/**
 * True if a proxy sent this response because it could not reach the server. The server itself responds to the router with
 * components.
 */
function isFromProxy({ status, headers }: Response): boolean {
  const isComponents = headers.get("content-type")?.startsWith("text/x-component") ?? false;
  return [502, 503, 504].includes(status) && !isComponents;
}

/** Copies `response` with another body. Keeps `url` and `redirected`, which Next's router reads and the constructor cannot set. */
function withBody(response: Response, body: BodyInit): Response {
  const { status, statusText, headers, url, redirected } = response;
  const copy = new Response(body, { status, statusText, headers });
  return Object.defineProperties(copy, { url: { value: url }, redirected: { value: redirected } });
}

const never = new Promise<never>(() => {});

/**
 * Copies a stream. If reading `stream` fails and `isKept` returns true, the copy never ends, so that the part which React has
 * rendered stays.
 */
function keptOpen(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  isKept: (error: unknown) => boolean,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (isKept(error)) await never;
        throw error;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/**
 * Resolves to the complete response. After `holdMs`, resolves to a response that streams the part that has arrived, and then the
 * remaining part as it arrives. @throws TypeError, as `fetch` does, when the connection is lost within `holdMs`.
 */
async function hold(
  response: Response,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  holdMs: number,
  isKept: (error: unknown) => boolean,
): Promise<Response> {
  const [held, passedOn] = body.tee();
  const whole = new Response(held).arrayBuffer();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), holdMs);
  });
  const bytes = await Promise.race([whole, deadline]).finally(() => clearTimeout(timer));
  if (bytes) return withBody(response, bytes);
  whole.catch(() => undefined);
  return withBody(response, keptOpen(passedOn, isKept));
}

type Page = Pick<Location, "href" | "reload">;

/** Wraps `send` so that responses to Next's router are guarded: see the top of this file. */
export function guardRouterAnswers(
  send: typeof fetch,
  page: Page,
  outages: Outages = browserOutages,
): typeof fetch {
  const cause = {};
  // Ends the outage. Also serves as its `retry`, which is called when the app is ready: Next itself repeats a failed request that
  // it still needs.
  const end = () => outages.end(cause);
  return async (input, init) => {
    if (!isOfRouter(init)) return send(input, init);
    const startedAt = Date.now();
    try {
      const response = await send(input, init);
      if (isFromProxy(response)) throw new TypeError(`The server is away: ${response.status}`);
      const reload = () => (isOfPage(response, page.href) ? page.reload() : end());
      /**
       * Reports an outage if the connection was lost. Returns true if the page is already shown: its loading state then stays
       * until the page is reloaded.
       */
      const isKept = (error: unknown) => {
        if (!(error instanceof TypeError)) return false;
        const isShown = isOfPage(response, page.href);
        outages.report(cause, startedAt, isShown ? reload : end);
        return isShown;
      };
      const holdMs = isOfPage(response, page.href) ? HOLD_REFRESH_MS : HOLD_NAVIGATION_MS;
      const answer = response.body ? await hold(response, response.body, holdMs, isKept) : response;
      end();
      return answer;
    } catch (error) {
      // Any other error is no outage: Next aborts a request that it no longer needs.
      if (error instanceof TypeError) outages.report(cause, startedAt, end);
      throw error;
    }
  };
}

const GUARDED = Symbol.for("rollcall.routerAnswers");

if (typeof window !== "undefined" && !Reflect.has(window, GUARDED)) {
  Reflect.set(window, GUARDED, true);
  window.fetch = guardRouterAnswers(window.fetch.bind(window), window.location);
}
