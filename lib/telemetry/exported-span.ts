/**
 * What leaves the process of a span: attributes of a list, and names made of these. Next puts the URL of a request into the names
 * and attributes of its spans, and an error's message may quote data.
 */
import type { Attributes } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

/** Attributes of Next that hold a route's pattern, a host or a number. Our own begin with `rollcall.`, `db.` or `graphql.`. */
const EXPORTED = new Set([
  "error.type",
  "exception.type",
  "http.method",
  "http.request.method",
  "http.response.status_code",
  "http.route",
  "http.status_code",
  "net.peer.name",
  "net.peer.port",
  "next.route",
  "next.rsc",
  "next.span_type",
]);

const isListed = (key: string) => EXPORTED.has(key) || /^(rollcall|db|graphql)\./.test(key);

const pick = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => isListed(key)));

function nameOf({ name, instrumentationScope, attributes }: ReadableSpan): string {
  if (instrumentationScope.name === "rollcall") return name;
  const type = String(attributes["next.span_type"] ?? instrumentationScope.name);
  const method = attributes["http.method"] ?? attributes["http.request.method"];
  const where = attributes["http.route"] ?? attributes["next.route"] ?? attributes["net.peer.name"];
  const isRequest = type === "BaseServer.handleRequest";
  return [isRequest ? null : type, method, where].filter(Boolean).join(" ") || type;
}

/** False for the spans in which Next loads each route at its start: dozens of traces with one span each. */
export const isExported = ({ attributes }: ReadableSpan): boolean =>
  attributes["next.span_type"] !== "LoadComponents.loadRouteModule";

export function exportedSpan(span: ReadableSpan): ReadableSpan {
  return {
    name: nameOf(span),
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext && { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    status: { code: span.status.code },
    attributes: pick(span.attributes),
    links: span.links.map(({ context }) => ({ context })),
    events: span.events.map(({ name, time, attributes }) => ({
      name,
      time,
      attributes: pick(attributes ?? {}),
    })),
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}
