/**
 * Logs one JSON line per message to stderr. Of an error, logs only the class and the code, because messages of databases and HTTP
 * clients quote the data that caused the error. For a known database fault, adds the server's message, which quotes no data.
 * Leaves out the message of a fault of kind `schema`, which quotes names from the statement.
 * A line that is written inside a span has the ids of its trace and span.
 */
import { trace } from "@opentelemetry/api";
import { findDatabaseFault } from "./database-fault";

type Fields = Record<string, string | number | boolean | null | undefined>;

function failureOf(error: unknown): Fields {
  if (error === undefined) return {};
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const fault = findDatabaseFault(error);
  return {
    errorName: error.name,
    errorCode: code,
    ...(fault && {
      databaseFault: fault.kind,
      databaseMessage: fault.kind === "schema" ? undefined : fault.message,
    }),
  };
}

function traceIds(): Fields {
  const span = trace.getActiveSpan()?.spanContext();
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

function write(level: "info" | "warn" | "error", message: string, fields: Fields, error?: unknown) {
  const line = {
    time: new Date().toISOString(),
    level,
    message,
    ...fields,
    ...failureOf(error),
    ...traceIds(),
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

export const log = {
  info: (message: string, fields: Fields = {}) => write("info", message, fields),
  warn: (message: string, fields: Fields = {}, error?: unknown) =>
    write("warn", message, fields, error),
  error: (message: string, fields: Fields, error: unknown) =>
    write("error", message, fields, error),
};
