/**
 * Reads the results of one subscription from server-sent events, in the form that graphql-sse sends (one stream for each
 * operation). The client of graphql-sse also shares a stream between operations and reconnects; it is 3 kB on each page.
 */
export type StreamResult = { data?: Record<string, unknown> | null; errors?: readonly unknown[] };

type StreamRequest = {
  url: string;
  fetch: typeof fetch;
  headers: Record<string, string>;
  /** Sent as JSON. */
  operation: object;
};

type Sink = {
  next(result: StreamResult): void;
  complete(): void;
  /** Called with a {@link StreamRefused}, or because the connection failed or ended early. */
  error(error: unknown): void;
};

/** The server answered with an error status. */
export class StreamRefused extends Error {
  override name = "StreamRefused";
  readonly status: number;

  constructor({ status }: Response) {
    super(`The stream was refused with status ${status}.`);
    this.status = status;
  }
}

/** Opens the stream. The returned function closes it; nothing is reported afterwards. */
export function openEventStream(request: StreamRequest, sink: Sink): () => void {
  const controller = new AbortController();
  read(request, controller.signal, sink).catch((error: unknown) => {
    if (!controller.signal.aborted) sink.error(error);
  });
  return () => controller.abort();
}

async function read(
  { url, fetch: send, headers, operation }: StreamRequest,
  signal: AbortSignal,
  sink: Sink,
): Promise<void> {
  const response = await send(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify(operation),
    signal,
  });
  if (!response.ok || !response.body) throw new StreamRefused(response);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let pending = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error("The connection ended before the subscription.");
    const blocks = (pending + decoder.decode(value, { stream: true })).split("\n\n");
    pending = blocks.pop() ?? "";
    for (const block of blocks) {
      // A result may have closed the stream.
      if (signal.aborted) return;
      const event = /^event: (\w+)$/m.exec(block)?.[1];
      if (event === "complete") return sink.complete();
      if (event === "next") sink.next(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "{}"));
    }
  }
}
