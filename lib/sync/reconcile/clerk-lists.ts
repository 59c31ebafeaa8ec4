/**
 * Clerk's lists, page by page, as rows of ours. A moving list must not lose anybody: users go by creation time, the
 * others by offset with an overlap that proves that no page slipped away.
 */
import { z } from "zod";
import type { ReconciledTable } from "../mirror/columns";
import {
  lists,
  type Range,
  type Row,
  readOneRaw,
  requestsPerPage,
  rowOf,
  type UnlistedRow,
} from "./clerk-objects";
import { type ClerkCalls, NotOffered } from "./rate-limited-calls";

export const positionShape = z.object({
  /** Users: created later than this. */
  after: z.number(),
  offset: z.number(),
  /** The last ids of the page before: one of them must be met again. */
  anchors: z.array(z.string()),
});
export type Position = z.output<typeof positionShape>;

export const firstPosition: Position = { after: 0, offset: 0, anchors: [] };

export type Page = { rows: Row[]; total: number; next: Position | null };

const LIMIT = 500;
const OVERLAP = 10;
const STEP_BACK = 250;

async function read(calls: ClerkCalls, table: ReconciledTable, range: Range) {
  const page = await calls.call(async () => {
    const { data, totalCount } = await lists[table](range);
    return { rows: data.map(({ raw }) => rowOf[table](raw)), total: z.number().parse(totalCount) };
  }, requestsPerPage(table));
  if (!page) throw new NotOffered(`Clerk does not know the list of ${table}.`);
  return page;
}

async function usersPage(calls: ClerkCalls, { after, offset }: Position): Promise<Page> {
  const since = after > 0 ? { createdAtAfter: after } : {};
  const { rows, total } = await read(calls, "users", { limit: LIMIT, offset, ...since });
  const last = rows.at(-1)?.created_at ?? 0;
  if (rows.length < LIMIT) return { rows, total, next: null };
  // People of the same millisecond may be on both pages; when they fill a page, the offset goes on.
  const next =
    last - 1 > after
      ? { after: last - 1, offset: 0, anchors: [] }
      : { after, offset: offset + rows.length, anchors: [] };
  return { rows, total, next };
}

async function offsetPage(
  calls: ClerkCalls,
  table: ReconciledTable,
  { offset, anchors }: Position,
): Promise<Page> {
  let from = Math.max(0, offset - OVERLAP);
  for (;;) {
    const { rows, total } = await read(calls, table, { limit: LIMIT, offset: from });
    const isJoined = from === 0 || rows.some(({ id }) => anchors.includes(id));
    if (!isJoined) {
      // More than the overlap was deleted before us: what slid past is further back.
      from = Math.max(0, from - STEP_BACK);
      continue;
    }
    const position = {
      after: 0,
      offset: from + rows.length,
      anchors: rows.slice(-OVERLAP).map(({ id }) => id),
    };
    return { rows, total, next: rows.length < LIMIT ? null : position };
  }
}

/** One page of a list, and where the next one begins. */
export function readPage(
  calls: ClerkCalls,
  table: ReconciledTable,
  position: Position,
): Promise<Page> {
  return table === "users" ? usersPage(calls, position) : offsetPage(calls, table, position);
}

/** What Clerk says of one object now; null when it says that there is none. Absence from a list proves nothing. */
export function readOne(
  calls: ClerkCalls,
  table: ReconciledTable,
  suspect: UnlistedRow,
): Promise<Row | null> {
  return calls.call(async () => {
    const raw = await readOneRaw[table](suspect);
    return raw === null ? null : rowOf[table](raw);
  });
}
