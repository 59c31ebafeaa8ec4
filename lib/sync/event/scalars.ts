/** Schemas of the scalars in Clerk's payloads; their output is safe to store in Postgres. */
import { z } from "zod";

/** Replaces U+0000, which Postgres text cannot hold, and lone surrogates, which UTF-8 cannot encode, by U+FFFD. */
export const text = z
  .string()
  .transform((value) => value.toWellFormed().replaceAll("\u0000", "\uFFFD"));
export const textOrNull = text.nullish().transform((value) => value ?? null);

/** Clerk's payloads use milliseconds, the examples in its description seconds. A value below 1e11 is read as seconds. */
const epoch = z
  .number()
  .nonnegative()
  .max(8.64e15)
  .transform((value) => Math.trunc(value < 1e11 ? value * 1000 : value));
const isoText = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value));
/** Also reads a time as ISO 8601 text. */
export const milliseconds = z.union([epoch, isoText]);
export const millisecondsOrNull = milliseconds.nullish().transform((value) => value ?? null);

export const id = text.pipe(z.string().min(1).max(255));

/** Clerk's billing payloads use "" for "no organization" and "no user"; the output is null. */
export const idOrNull = textOrNull.transform((value) => value || null);
