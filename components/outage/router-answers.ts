/**
 * Guards the fetches of Next's router. Next would reload the document when a proxy responds instead of the server, and replace
 * the page when a response is cut off. Here both become a failed fetch, which Next retries until it succeeds. Only a slow
 * navigation is rendered while it arrives: if it is cut off, what is shown stays until the app is ready, and then the document of
 * the new page is loaded.
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

/** Returns the URL of the page that a request of the router is for. */
function pageOf(url: string, href: string): URL {
  const page = new URL(url || href, href);
  page.searchParams.delete("_rsc");
  return page;
}

/**
 * True if a request of the router to `url` is for the page at `href`: a refresh of the page, or a navigation whose page is already
 * shown.
 */
function isOfPage(url: string, href: string): boolean {
  const [requested, shown] = [pageOf(url, href), new URL(href)];
  return requested.pathname === shown.pathname && requested.search === shown.search;
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
 * Copies a stream. If reading `stream` fails because the connection is lost, calls `onLost`, and the copy never ends: with an
 * error, React would replace the shown page with an error page.
 */
function keptOpen(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLost: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        onLost();
        await never;
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
  onLost: () => void,
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
  return withBody(response, keptOpen(passedOn, onLost));
}

type Page = Pick<Location, "href" | "reload" | "assign">;

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
  /** How many navigations have begun. */
  let navigations = 0;
  return async (input, init) => {
    if (!isOfRouter(init)) return send(input, init);
    const startedAt = Date.now();
    const from = page.href;
    if (!isOfPage(input instanceof Request ? input.url : String(input), from)) navigations += 1;
    const navigation = navigations;
    try {
      const response = await send(input, init);
      if (isFromProxy(response)) throw new TypeError(`The server is away: ${response.status}`);
      const onLost = () => {
        // An outage of its own: the response to another request must not end it, because this response stays incomplete.
        const lost = {};
        const wasShown = isOfPage(response.url, page.href);
        /** Loads the document of the new page, unless the user has left it or has opened another page meanwhile. */
        const load = () => {
          const isAwaited = !wasShown && page.href === from && navigations === navigation;
          if (isOfPage(response.url, page.href)) page.reload();
          else if (isAwaited) page.assign(pageOf(response.url, from));
          else outages.end(lost);
        };
        outages.report(lost, startedAt, load);
      };
      const holdMs = isOfPage(response.url, page.href) ? HOLD_REFRESH_MS : HOLD_NAVIGATION_MS;
      const answer = response.body ? await hold(response, response.body, holdMs, onLost) : response;
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
