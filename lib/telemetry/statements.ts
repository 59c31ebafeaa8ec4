/**
 * A span for each SQL statement that runs inside another span. The statements are traced here, where all of them pass, and not by
 * a hook on the module `pg`: a bundler and ES modules bypass such hooks without an error.
 */
import { AsyncResource } from "node:async_hooks";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { LRUCache } from "lru-cache";
import type pg from "pg";

const MOST_TEXT = 2_000;

/** Statements without their literals, by their text. */
const texts = new LRUCache<string, string>({ max: 1_000 });

/**
 * Returns a statement without its string literals. Values are sent as parameters, which are not part of the text. So the literals
 * are constants of our code; they are removed all the same, in case a statement of a product on top of Rollcall has values in it.
 */
function withoutLiterals(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  const stripped = text
    .replace(/'(?:[^']|'')*'/g, "'?'")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MOST_TEXT);
  texts.set(text, stripped);
  return stripped;
}

function property(value: unknown, name: string): string | undefined {
  const found: unknown =
    typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === "string" ? found : undefined;
}

function startSpan(config: unknown) {
  const text = typeof config === "string" ? config : (property(config, "text") ?? "");
  const operation = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? "SQL";
  return trace.getTracer("rollcall").startSpan(`sql ${property(config, "name") ?? operation}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      "db.system.name": "postgresql",
      "db.operation.name": operation,
      "db.query.text": withoutLiterals(text),
    },
  });
}

/** Makes each query of the client a span, if the caller is in a recorded span. */
export function traceStatements(client: pg.ClientBase): void {
  const query = client.query;
  const traced = (...given: unknown[]): unknown => {
    const [config, ...rest] = given;
    const isSubmittable = typeof config === "object" && config !== null && "submit" in config;
    if (isSubmittable || trace.getActiveSpan()?.isRecording() !== true)
      return Reflect.apply(query, client, given);
    const span = startSpan(config);
    const end = (error?: unknown) => {
      if (error) {
        // The SQLSTATE. The message may quote data.
        span.setAttribute("error.type", property(error, "code") ?? "error");
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    };
    const callback = rest.at(-1);
    if (typeof callback === "function") {
      const ended = (error: unknown, ...results: unknown[]) => {
        end(error);
        Reflect.apply(callback, undefined, [error, ...results]);
      };
      return Reflect.apply(query, client, [config, ...rest.slice(0, -1), ended]);
    }
    const result: unknown = Reflect.apply(query, client, given);
    if (result instanceof Promise) result.then(() => end(), end);
    else end();
    return result;
  };
  Reflect.set(client, "query", traced);
}

/**
 * Makes the pool call back in the context of its caller. A caller that waits for a connection would otherwise be called in the
 * context of the caller that releases one, and its statements would be spans of the wrong trace.
 */
export function keepCallerContext(pool: pg.Pool): void {
  const connect = pool.connect;
  Reflect.set(pool, "connect", (callback?: (...results: unknown[]) => void) =>
    Reflect.apply(connect, pool, callback ? [AsyncResource.bind(callback)] : []),
  );
}
