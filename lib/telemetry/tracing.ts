/**
 * Spans, by the API of OpenTelemetry. Until `start.ts` has registered a tracer provider, spans are no-ops.
 * Attributes hold ids of deliveries, and names and counts of our own code, never data of a person.
 */
import {
  type Context,
  context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";

/** Refers to the tracer provider that is registered later, if any. */
const tracer = trace.getTracer("rollcall");

/** The attribute with the svix-id of the delivery that a span is about. */
export const DELIVERY_ID = "rollcall.delivery.id";
/** The attribute with the outcome of that delivery. */
export const DELIVERY_OUTCOME = "rollcall.delivery.outcome";

/** Marks a span as failed. Stores the error's class, never its message, which may quote data. */
function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
}

/** Runs `work` in a span. The span's parent is the active span, or the span of `parent`. */
export function withSpan<Result>(
  name: string,
  { parent = context.active(), ...options }: SpanOptions & { parent?: Context },
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  return tracer.startActiveSpan(name, options, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Runs `work` in a span of several traces: a child of the first context's span, with links to the others. */
export function withJointSpan<Result>(
  name: string,
  contexts: Context[],
  work: () => Promise<Result>,
): Promise<Result> {
  const [parent = ROOT_CONTEXT, ...others] = contexts;
  if (trace.getSpan(parent)?.isRecording() !== true) return work();
  const links = others.flatMap((other): Link[] => {
    const linked = trace.getSpanContext(other);
    return linked ? [{ context: linked }] : [];
  });
  const attributes = { "rollcall.batch.size": contexts.length };
  return withSpan(name, { parent, links, attributes }, work);
}

/** The context of the calling code, for {@link withJointSpan}. */
export const activeContext = (): Context => context.active();

/** Sets attributes of the active span. */
export function annotate(attributes: Record<string, string | number>): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** Names the active span. */
export function nameSpan(name: string): void {
  trace.getActiveSpan()?.updateName(name);
}

/**
 * Returns the active span as a W3C `traceparent`, to be stored with a delivery. Null if the span is not sampled or there is none.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function activeTraceparent(): string | null {
  const found = trace.getActiveSpan()?.spanContext();
  if (!found || (found.traceFlags & TraceFlags.SAMPLED) === 0) return null;
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

/** Returns the context of a stored {@link activeTraceparent}, as the parent of a later span; the active context for null. */
export function contextOfTraceparent(traceparent: string | null): Context {
  return traceparent === null
    ? context.active()
    : propagation.extract(ROOT_CONTEXT, { traceparent });
}
