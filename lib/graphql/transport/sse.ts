/**
 * Subscriptions as server-sent events, in the "distinct connections" mode of
 * https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. Hand-made because the library's handler queues events for a
 * slow client without a limit. A request without a token or with a query string in its URL is refused before the stream starts.
 */
import { readBody } from "../../body";
import { findViewer } from "../../identity/viewer";
import { RETRY_AFTER } from "../errors";
import type { LiveResult, LiveResults } from "./live-results";
import { openSubscription } from "./open-subscription";

const MAX_BODY_BYTES = 16 * 1024;
/** The interval of pings. Proxies close a connection that is idle for a minute. */
const PING_MS = 15_000;

const noStore = { "cache-control": "no-store" };

function refuse(status: number, message: string, headers = {}): Response {
  return Response.json(
    { errors: [{ message, extensions: { code: "BAD_REQUEST" } }] },
    { status, headers: { ...noStore, ...headers } },
  );
}

const encoder = new TextEncoder();
const next = (result: LiveResult) =>
  encoder.encode(`event: next\ndata: ${JSON.stringify(result)}\n\n`);
const complete = encoder.encode("event: complete\ndata:\n\n");
const ping = encoder.encode(":\n\n");

function streamOf(results: LiveResults, signal: AbortSignal): ReadableStream<Uint8Array> {
  let pinger: NodeJS.Timeout | undefined;
  const stop = () => {
    clearInterval(pinger);
    void results.return();
  };
  signal.addEventListener("abort", stop, { once: true });
  return new ReadableStream({
    start(controller) {
      // The first ping is sent at once: some browsers report an open stream only after its first byte.
      controller.enqueue(ping);
      pinger = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(ping);
      }, PING_MS);
    },
    async pull(controller) {
      const { value, done } = await results.next();
      if (!done) return controller.enqueue(next(value));
      clearInterval(pinger);
      if (signal.aborted) return;
      controller.enqueue(complete);
      controller.close();
    },
    cancel: stop,
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
}

/**
 * Returns the time in ms at which the client last read its data, from the headers. Returns 0 for an unreadable time, and for a
 * resumed stream, which may have missed any change; null without these headers.
 */
function dataReadAt(headers: Headers): number | null {
  if (headers.get("x-stream-resumed") === "true") return 0;
  const since = headers.get("x-stream-since");
  return since === null ? null : Number(since) || 0;
}

export async function streamGraphQL(request: Request): Promise<Response> {
  const { headers, signal, url } = request;
  if (new URL(url).search) {
    return refuse(400, "Send nothing in the URL, above all no token: URLs are logged.");
  }
  if (!headers.get("content-type")?.startsWith("application/json")) {
    return refuse(415, "Send the operation as application/json.");
  }
  if (!headers.get("accept")?.includes("text/event-stream")) {
    return refuse(406, "Subscriptions are answered as text/event-stream.");
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!Buffer.isBuffer(body)) return refuse(body.status, body.error, body.headers);
  const operation = parseJson(body);
  if (!operation) return refuse(400, "The body must be one operation, as a JSON object.");
  const opened = await openSubscription(operation, await findViewer(headers), dataReadAt(headers));
  if (!("results" in opened)) {
    const { errors, status } = opened;
    const headers = new Headers(noStore);
    if (status === 503) headers.set("retry-after", RETRY_AFTER);
    return Response.json({ errors }, { status, headers });
  }
  return new Response(streamOf(opened.results, signal), {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}
