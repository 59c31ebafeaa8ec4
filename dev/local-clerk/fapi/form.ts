// Schemas of form fields. An empty field is treated as absent.

import { z } from "zod";
import { paramInvalid } from "../errors";
import type { Metadata } from "../store/records";

export const text = z
  .string()
  .max(2_000)
  .transform((value) => value.trim() || undefined)
  .optional();

/** Schema of a name of a user or an organization. The schema trims the name. */
export const name = z
  .string()
  .max(256)
  .transform((value) => value.trim() || undefined)
  .optional();

/** Schema of a JSON field. It has no length limit, because `requireMetadata` checks the length. */
export const json = z
  .string()
  .transform((value) => value.trim() || undefined)
  .optional();

export const secret = z
  .string()
  .max(2_000)
  .transform((value) => value || undefined)
  .optional();

export const flag = z
  .enum(["true", "false", ""])
  .transform((value) => value === "true")
  .optional();

export const list = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat().filter(Boolean));

const largestMetadata = 8 * 1024;
const metadata = z.record(z.string(), z.unknown());

export function requireMetadata(value: string, param = "unsafe_metadata"): Metadata {
  if (Buffer.byteLength(value) > largestMetadata) {
    throw paramInvalid(param, `${param} must be at most 8 KB.`);
  }
  const parsed = metadata.safeParse(parseJson(value));
  if (parsed.success) return parsed.data;
  throw paramInvalid(param, `${param} must be a valid JSON object.`);
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
