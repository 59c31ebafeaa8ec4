/** A collector of OpenTelemetry traces: an HTTP server that receives OTLP as JSON, and keeps the spans. */
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

const value = z.looseObject({
  stringValue: z.string().optional(),
  intValue: z.union([z.number(), z.string()]).optional(),
});
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .default([])
  .transform((list) =>
    Object.fromEntries(
      list.map(({ key, value: { stringValue, intValue } }) => [
        key,
        stringValue ?? String(intValue ?? ""),
      ]),
    ),
  );

const spanShape = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(""),
  name: z.string(),
  attributes,
});

const payload = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(spanShape) })),
    }),
  ),
});

type CollectedSpan = z.output<typeof spanShape> & { role: string; service: string };

export type Collector = {
  /** The value of OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  spans: CollectedSpan[];
  /** What was received, for a search for data that must not be in it. */
  bodies: string[];
  close(): Promise<void>;
};

const address = z.object({ port: z.number() });

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url === "/v1/traces") {
      bodies.push(body);
      for (const { resource, scopeSpans } of payload.parse(JSON.parse(body)).resourceSpans) {
        const role = resource.attributes["rollcall.role"] ?? "";
        const service = resource.attributes["service.name"] ?? "";
        for (const span of scopeSpans.flatMap((scope) => scope.spans))
          spans.push({ ...span, role, service });
      }
    }
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  return {
    url: `http://localhost:${address.parse(server.address()).port}`,
    spans,
    bodies,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
