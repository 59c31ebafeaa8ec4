/**
 * The SDK of OpenTelemetry, which sends spans to a collector. Only loaded if the environment names a collector. The packages read
 * the other OTEL_ variables themselves: sampler, batch size, limits, headers, timeouts, TLS.
 */
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-base";
import { exportedSpan, isExported } from "./exported-span";

function exporterOf(protocol: "http/protobuf" | "http/json"): SpanExporter {
  const exporter = protocol === "http/json" ? new JsonExporter() : new ProtobufExporter();
  return {
    export: (spans, done) => exporter.export(spans.filter(isExported).map(exportedSpan), done),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/** Registers a tracer provider for this process. Returns a function that sends the remaining spans. */
export function startTracing(
  role: string,
  protocol: "http/protobuf" | "http/json",
): () => Promise<void> {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": "rollcall", "rollcall.role": role }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporterOf(protocol))],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown();
}
