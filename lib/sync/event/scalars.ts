/** Schemas of the scalars in Clerk's payloads; their output is safe to store in Postgres. */
import { z } from "zod";
import { storableText } from "./storable-json";

/** Replaces U+0000, which Postgres text cannot hold, and lone surrogates, which UTF-8 cannot encode, by U+FFFD. */
export const text = z.string().transform(storableText);
export const textOrNull = text.nullish().transform((value) => value ?? null);

/**
 * The first and the last accepted time in ms: the years 1 to 9999. (A time sent as a number must also be at least 0, the year
 * 1970.) Postgres also stores other times, but prints them in a form that none of our clients can read.
 */
const [FIRST_TIME, LAST_TIME] = [-62_135_596_800_000, 253_402_300_799_999];

/**
 * Converts a time to ms. Clerk's payloads use milliseconds, but the examples in Clerk's description use seconds: a value below
 * 1e11 is read as seconds.
 */
const epoch = z
  .number()
  .nonnegative()
  .max(LAST_TIME)
  .transform((value) => Math.trunc(value < 1e11 ? value * 1000 : value));
const isoText = z.iso
  .datetime({ offset: true })
  .transform((value) => Date.parse(value))
  .pipe(z.number().min(FIRST_TIME).max(LAST_TIME));
/** Accepts digits as text, such as "1790000000000": a proxy that rewrites JSON may send 64-bit numbers as text. */
const epochText = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .pipe(epoch);
/** Accepts a time as a number, as ISO 8601 text or as digits in text. The output is in ms. */
export const milliseconds = z.union([epoch, isoText, epochText]);
export const millisecondsOrNull = milliseconds.nullish().transform((value) => value ?? null);

export const id = text.pipe(z.string().min(1).max(255));

/**
 * Accepts an id, null or "". The output for "" is null, because Clerk's billing payloads use "" for "no organization" and "no
 * user". The maximum length is that of `id`: the columns of such ids have B-tree indexes, which refuse a value of more than about
 * 2,700 bytes.
 */
export const idOrNull = textOrNull
  .pipe(z.string().max(255).nullable())
  .transform((value) => value || null);

export const flagOrNull = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null);
export const integerOrNull = z
  .number()
  .int()
  .nullish()
  .transform((value) => value ?? null);

/** A JSON object, returned unchanged. `z.record` would drop a key named `__proto__`. */
export const jsonObjectOrNull = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  )
  .nullish()
  .transform((value) => value ?? null);
