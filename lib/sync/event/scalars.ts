/** Scalars of Clerk's payloads, made safe for Postgres. */
import { z } from "zod";

/** Postgres text cannot hold U+0000, nor UTF-8 a lone surrogate: both become U+FFFD. */
export const text = z
  .string()
  .transform((value) => value.toWellFormed().replaceAll("\u0000", "\uFFFD"));
export const textOrNull = text.nullish().transform((value) => value ?? null);

/** Clerk's payloads carry milliseconds; examples in its description carry seconds. Ten digits are seconds. */
export const milliseconds = z
  .number()
  .nonnegative()
  .max(8.64e15)
  .transform((value) => Math.trunc(value < 1e11 ? value * 1000 : value));
export const millisecondsOrNull = milliseconds.nullish().transform((value) => value ?? null);

export const id = text.pipe(z.string().min(1).max(255));

/** Clerk's billing payloads write "" where there is no organization or no user. */
export const idOrNull = textOrNull.transform((value) => value || null);
