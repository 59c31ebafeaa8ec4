import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { guardRouterAnswers } from "./router-answers";

const page = "https://rollcall.test/admin/users?q=ada";
const router = { headers: { rsc: "1", "next-router-state-tree": "x" } };
const health = "https://rollcall.test/admin/sync?_rsc=1";
const components = { "content-type": "text/x-component" };

/** Guards a fetch whose responses the test provides, and records the outages that the guard reports. */
function guarded(answer: () => Promise<Response>, url = `${page}&_rsc=abc`) {
  const open = new Map<object, { since: number; retry(): void }>();
  const seen = {
    get since() {
      return [...open.values()].at(0)?.since ?? null;
    },
    retry: () => {
      for (const { retry } of [...open.values()]) retry();
    },
  };
  const location = { href: page, reload: vi.fn(), assign: vi.fn() };
  const outages = {
    report: (cause: object, since: number, retry: () => void) =>
      void open.set(cause, { since, retry }),
    end: (cause: object) => void open.delete(cause),
  };
  const send = async () => Object.defineProperty(await answer(), "url", { value: url });
  return { seen, location, fetch: guardRouterAnswers(send, location, outages) };
}

/** Returns a response that sends some components, and then loses the connection. */
const cut = () =>
  new Response(
    new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("1:"));
        controller.error(new TypeError("network error"));
      },
    }),
    { headers: components },
  );

describe("the answers to Next's router", () => {
  test.each([502, 503, 504])(
    "a proxy's error page with status %i becomes a failed fetch and an outage, until the server responds",
    async (status) => {
      const answers = [
        new Response("<h1>Bad Gateway</h1>", { status, headers: { "content-type": "text/html" } }),
        new Response("1:", { headers: components }),
      ];
      const { fetch, seen } = guarded(async () => answers.shift() ?? new Response());
      await expect(fetch(page, router)).rejects.toThrow(TypeError);
      expect(seen.since).toEqual(expect.any(Number));
      expect(await (await fetch(page, router)).text()).toBe("1:");
      expect(seen.since).toBeNull();
    },
  );

  test("an outage ends when the app is ready, although Next does not repeat the request", async () => {
    const { fetch, seen } = guarded(async () => {
      throw new TypeError("Failed to fetch");
    });
    await expect(fetch("/admin/sync", router)).rejects.toThrow("Failed to fetch");
    expect(seen.since).toEqual(expect.any(Number));
    seen.retry();
    expect(seen.since).toBeNull();
  });

  test("a refresh whose response is cut off becomes a failed fetch and an outage", async () => {
    const { fetch, seen } = guarded(async () => cut());
    await expect(fetch(page, router)).rejects.toThrow("network error");
    expect(seen.since).toEqual(expect.any(Number));
  });

  test("a complete response keeps its status, headers, URL and body", async () => {
    const { fetch } = guarded(async () => new Response("1:", { headers: components }));
    const answer = await fetch(page, router);
    expect([answer.status, answer.url, answer.redirected]).toEqual([
      200,
      `${page}&_rsc=abc`,
      false,
    ]);
    expect(answer.headers.get("content-type")).toBe("text/x-component");
    expect(await answer.text()).toBe("1:");
  });

  test("a navigation whose response is cut off becomes a failed fetch and an outage", async () => {
    const { fetch, seen } = guarded(async () => cut(), health);
    await expect(fetch("/admin/sync", router)).rejects.toThrow("network error");
    expect(seen.since).toEqual(expect.any(Number));
  });

  describe("a slow navigation", () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    /** Starts a navigation whose response has sent `0:`. `end` sends the rest, `lose` loses the connection. */
    async function slow() {
      let source: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          source = controller;
          controller.enqueue(new TextEncoder().encode("0:"));
        },
      });
      const answers = [new Response(body, { headers: components })];
      const { fetch, seen, location } = guarded(
        async () => answers.shift() ?? new Response("1:", { headers: components }),
        health,
      );
      const fetched = fetch("/admin/sync", router);
      await vi.advanceTimersByTimeAsync(1_000);
      const answer = await fetched;
      const end = () => {
        source?.enqueue(new TextEncoder().encode("1:"));
        source?.close();
      };
      const lose = () => source?.error(new TypeError("network error"));
      return { fetch, answer, seen, location, end, lose };
    }

    test("a slow navigation's response is passed on while it arrives", async () => {
      const { answer, seen, end } = await slow();
      const reader = answer.body?.getReader();
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("0:");
      end();
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("1:");
      expect((await reader?.read())?.done).toBe(true);
      expect(seen.since).toBeNull();
    });

    test("a slow navigation that is cut off keeps its loading state, and reloads its page when the app is ready", async () => {
      const { answer, seen, location, lose } = await slow();
      location.href = "https://rollcall.test/admin/sync";
      const ended = vi.fn();
      answer.text().then(ended, ended);
      lose();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(ended).not.toHaveBeenCalled();
      expect(seen.since).toEqual(expect.any(Number));
      expect(location.reload).not.toHaveBeenCalled();
      seen.retry();
      expect(location.reload).toHaveBeenCalledOnce();
    });

    test("a slow navigation that is cut off does not reload once another page is shown", async () => {
      const { answer, seen, location, lose } = await slow();
      location.href = "https://rollcall.test/admin/sync";
      void answer.text();
      lose();
      await vi.advanceTimersByTimeAsync(0);
      location.href = page;
      seen.retry();
      expect(location.reload).not.toHaveBeenCalled();
      expect(seen.since).toBeNull();
    });

    test("a slow navigation that is cut off before its page is shown keeps the page, and loads its own page when the app is ready", async () => {
      const { answer, seen, location, lose } = await slow();
      const ended = vi.fn();
      answer.text().then(ended, ended);
      lose();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(ended).not.toHaveBeenCalled();
      expect(seen.since).toEqual(expect.any(Number));
      expect(location.assign).not.toHaveBeenCalled();
      seen.retry();
      expect(String(location.assign.mock.calls)).toBe("https://rollcall.test/admin/sync");
      expect(location.reload).not.toHaveBeenCalled();
    });

    test("a slow navigation that is cut off loads its page although a later refresh succeeds", async () => {
      const { fetch, answer, location, seen, lose } = await slow();
      void answer.text();
      lose();
      await vi.advanceTimersByTimeAsync(0);
      const refreshed = fetch(page, router);
      await vi.advanceTimersByTimeAsync(1_000);
      expect((await refreshed).status).toBe(200);
      seen.retry();
      expect(String(location.assign.mock.calls)).toBe("https://rollcall.test/admin/sync");
    });

    test("a slow navigation that is cut off loads no page once the user has clicked another link", async () => {
      const { fetch, answer, location, lose, seen } = await slow();
      void answer.text();
      lose();
      await vi.advanceTimersByTimeAsync(0);
      void fetch("/admin/audit", router);
      await vi.advanceTimersByTimeAsync(1_000);
      seen.retry();
      expect(location.assign).not.toHaveBeenCalled();
      expect(seen.since).toBeNull();
    });

    test("a slow navigation that is cut off loads no page once the user has left the page", async () => {
      const { answer, seen, location, lose } = await slow();
      void answer.text();
      lose();
      await vi.advanceTimersByTimeAsync(0);
      location.href = "https://rollcall.test/admin/organizations";
      seen.retry();
      expect(location.assign).not.toHaveBeenCalled();
      expect(seen.since).toBeNull();
    });
  });

  test.each([
    ["of the server itself", 500, router],
    ["of a request that is not the router's", 502, {}],
    ["of a prefetch", 502, { headers: { rsc: "1", "next-router-prefetch": "1" } }],
  ])(
    "a failed response is passed on unchanged and is not reported as an outage: %s",
    async (_name, status, init) => {
      const { fetch, seen } = guarded(async () => new Response("x", { status }));
      expect((await fetch(page, init)).status).toBe(status);
      expect(seen.since).toBeNull();
    },
  );

  test("a request that Next aborts is not reported as an outage", async () => {
    const { fetch, seen } = guarded(async () => {
      throw new DOMException("aborted", "AbortError");
    });
    await expect(fetch(page, router)).rejects.toThrow("aborted");
    expect(seen.since).toBeNull();
  });
});
