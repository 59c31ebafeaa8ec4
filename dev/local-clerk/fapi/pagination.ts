// Parses the parameters `limit` and `offset` of a list operation.

import { z } from "zod";
import { parseInput } from "../error-response";
import type { Call } from "./call";

const window = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(10),
  offset: z.coerce.number().int().min(0).default(0),
});

export function readPage<T>(call: Call, list: readonly T[]): T[] {
  const { limit, offset } = parseInput(window, {
    limit: call.req.query("limit"),
    offset: call.req.query("offset"),
  });
  return list.slice(offset, offset + limit);
}
