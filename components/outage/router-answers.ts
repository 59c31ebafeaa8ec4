/**
 * Guards the fetches of Next's router. Next would reload the document when a proxy answers instead of the server, and replace
 * the page when the answer of a refresh is cut off. Here both become a failed fetch, which Next retries until it succeeds.
 */
import { browserOutages } from "./browser-outages";

type Outages = Pick<typeof browserOutages, "report" | "end">;

/** A prefetch is not needed for what is shown, and Next does not repeat it. */
function isOfRouter(init?: RequestInit): boolean {
  const headers = new Headers(init?.headers);
  return headers.get("rsc") === "1" && !headers.has("next-router-prefetch");
}

/** True for a refresh of the page at `href`. False for a navigation, which renders its answer while it still arrives. */
function isRefresh(response: Response, href: string): boolean {
  const [answered, shown] = [new URL(response.url || href), new URL(href)];
  answered.searchParams.delete("_rsc");
  return answered.pathname === shown.pathname && answered.search === shown.search;
}

/** A proxy answers with one of these while the server is away; the server's own answers to the router are components. */
function isFromProxy({ status, headers }: Response): boolean {
  const isComponents = headers.get("content-type")?.startsWith("text/x-component") ?? false;
  return [502, 503, 504].includes(status) && !isComponents;
}

/** @throws TypeError, as `fetch` does, when the connection is lost before the end. */
async function whole(response: Response): Promise<Response> {
  const { status, statusText, headers, url, redirected } = response;
  const copy = new Response(await response.arrayBuffer(), { status, statusText, headers });
  // The constructor does not take these, and the router reads them.
  return Object.defineProperties(copy, { url: { value: url }, redirected: { value: redirected } });
}

/** Returns `send` with the answers to Next's router guarded. `href` returns the URL of the page. */
export function guardRouterAnswers(
  send: typeof fetch,
  href: () => string,
  outages: Outages = browserOutages,
): typeof fetch {
  const cause = {};
  // Called when the app is ready. Next itself repeats the request, unless it needs it no longer.
  const end = () => outages.end(cause);
  return async (input, init) => {
    if (!isOfRouter(init)) return send(input, init);
    const startedAt = Date.now();
    try {
      const response = await send(input, init);
      if (isFromProxy(response)) throw new TypeError(`The server is away: ${response.status}`);
      const answer =
        response.body && isRefresh(response, href()) ? await whole(response) : response;
      end();
      return answer;
    } catch (error) {
      // Next itself aborts a request that it no longer needs.
      if (error instanceof TypeError) outages.report(cause, startedAt, end);
      throw error;
    }
  };
}

const GUARDED = Symbol.for("rollcall.routerAnswers");

if (typeof window !== "undefined" && !Reflect.has(window, GUARDED)) {
  Reflect.set(window, GUARDED, true);
  window.fetch = guardRouterAnswers(window.fetch.bind(window), () => window.location.href);
}
