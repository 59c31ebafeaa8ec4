/** Sends spans to a collector of the test, and reads what it received. */
import { context, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Collector, startCollector } from "@/dev/testing/collector";
import { log } from "../log";
import { startTracing } from "./sdk";
import { activeTraceparent, contextOfTraceparent, withJointSpan, withSpan } from "./tracing";

let collector: Collector;
let flush: () => Promise<void>;

beforeAll(async () => {
  // Before there is a tracer provider, spans cost nothing, and there is nothing to store.
  await withSpan("early", {}, async (span) => {
    expect([span.isRecording(), activeTraceparent()]).toEqual([false, null]);
  });
  collector = await startCollector();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  process.env.OTEL_SERVICE_NAME = "rollcall-staging";
  flush = startTracing("web", "http/json");
});

afterAll(() => collector.close());

const line = z.object({ trace_id: z.string(), span_id: z.string() });

test("a span that leaves the process has no URL, no message of an error and no attribute that is not listed", async () => {
  const written: string[] = [];
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const next = trace.getTracer("next.js");
  let traceparent: string | null = null;
  await next.startActiveSpan("GET /people/ada?search=ada", async (request) => {
    request.setAttributes({
      "next.span_type": "BaseServer.handleRequest",
      "next.span_name": "GET /people/ada?search=ada",
      "http.method": "GET",
      "http.target": "/people/ada?search=ada",
      "next.route": "/people/[handle]",
    });
    const work = withSpan("ours", { attributes: { "user.email": "ada@example.com" } }, async () => {
      log.warn("a line in a span");
      traceparent = activeTraceparent();
      throw new TypeError("ada@example.com is taken");
    });
    await expect(work).rejects.toThrow();
    request.recordException(new RangeError("ada@example.com is far away"));
    request.end();
  });
  stderr.mockRestore();
  log.info("a line outside of a span");

  // Later, in another process.
  await withSpan("later", { parent: contextOfTraceparent(traceparent) }, async () => undefined);
  const others = [0, 1].map(() => trace.setSpan(context.active(), next.startSpan("a request")));
  await withJointSpan("a batch", others, async () => undefined);
  await flush();

  const found = new Map(collector.spans.map((span) => [span.name, span]));
  const ours = found.get("ours");
  expect(found.get("GET /people/[handle]")?.attributes).toEqual({
    "next.span_type": "BaseServer.handleRequest",
    "http.method": "GET",
    "next.route": "/people/[handle]",
  });
  expect(ours?.attributes).toEqual({ "error.type": "TypeError" });
  expect(found.get("later")).toMatchObject({ traceId: ours?.traceId, parentSpanId: ours?.spanId });
  expect(found.get("a batch")?.attributes).toEqual({ "rollcall.batch.size": "2" });
  expect(ours).toMatchObject({ role: "web", service: "rollcall-staging" });
  expect(collector.bodies.join()).not.toMatch(/ada|@example/);
  expect(collector.bodies.join()).toContain("RangeError");
  expect(line.parse(JSON.parse(written[0] ?? ""))).toEqual({
    trace_id: ours?.traceId,
    span_id: ours?.spanId,
  });
});
