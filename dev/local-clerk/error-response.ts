// Error responses in Clerk's format, and the parsing of input. An unexpected error is logged with its stack;
// the caller gets a 500 without details.

import type { z } from "zod";
import type { ClerkContext } from "./context";
import { bodyInvalid, paramInvalid, paramTooLong, Refusal, refusal } from "./errors";
import { randomToken } from "./ids";

export function errorBody(failure: Refusal, meta?: Record<string, unknown>) {
  return {
    errors: failure.errors,
    ...(meta ? { meta } : {}),
    clerk_trace_id: randomToken(32).toLowerCase(),
  };
}

export function toRefusal(context: ClerkContext, error: unknown, where: string): Refusal {
  if (error instanceof Refusal) {
    if (error.status === 501) context.log(`Warning: ${error.errors[0]?.message ?? where}`);
    return error;
  }
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.log(`Local Clerk failed at ${where}: ${reason}`);
  return refusal(500, "internal_clerk_error", "Oops, an unexpected error occurred");
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bodyInvalid();
  }
}

/** Parses input with a schema. Throws the first issue as Clerk's form error. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const param = issue?.path.join(".") || "body";
  if (issue?.code === "too_big" && issue.origin === "string") {
    throw paramTooLong(param, Number(issue.maximum));
  }
  throw paramInvalid(param, `${param}: ${issue?.message ?? "is invalid"}`);
}
