/**
 * Reads Clerk's lists page by page, as rows of the mirror. A list may change while it is read, but no object may be skipped.
 * Users are paged by creation time, other objects by offset with overlapping pages: the overlap proves that no object moved to a
 * page that was already read.
 */
import { z } from "zod";
import type { ReconciledTable } from "../mirror/columns";
import {
  lists,
  type Range,
  type ReadObject,
  type Row,
  readObject,
  readOneRaw,
  requestsPerPage,
  type UnlistedRow,
} from "./clerk-objects";
import { type ClerkCalls, NotOffered } from "./rate-limited-calls";

export const positionShape = z.object({
  /** Lists only users that were created later than this, in ms since the epoch. Ignored for other objects. */
  after: z.number(),
  offset: z.number(),
  /** The last ids of the previous page. The next page must contain one of them. */
  anchors: z.array(z.string()),
});
type Position = z.output<typeof positionShape>;

export const firstPosition: Position = { after: 0, offset: 0, anchors: [] };

/** `unreadable`: objects that cannot be read, or of which some attributes cannot be read. */
type Page = {
  rows: Row[];
  unreadable: ReadObject[];
  total: number;
  next: Position | null;
};

const LIMIT = 500;
const OVERLAP = 10;
const STEP_BACK = 250;
const CLOCK_SKEW_MS = 24 * 3_600_000;

async function read(calls: ClerkCalls, table: ReconciledTable, range: Range) {
  const page = await calls.call(async () => {
    const { data, totalCount } = await lists[table](range);
    const objects = data.map(readObject[table]);
    if (objects.length > 0 && objects.every(({ id }) => id === null)) {
      throw new TypeError("none of the listed objects has an id");
    }
    return {
      /** The ids of all listed objects in the order of the list, also of objects that cannot be read. */
      ids: objects.flatMap(({ id }) => id ?? []),
      rows: objects.flatMap(({ row }) => row ?? []),
      unreadable: objects.filter(({ unread }) => unread.length > 0),
      isLast: data.length < LIMIT,
      listed: data.length,
      total: z.number().parse(totalCount),
    };
  }, requestsPerPage(table));
  if (!page) throw new NotOffered(`Clerk does not know the list of ${table}.`);
  return page;
}

async function usersPage(calls: ClerkCalls, { after, offset }: Position): Promise<Page> {
  const since = after > 0 ? { createdAtAfter: after } : {};
  const page = await read(calls, "users", { limit: LIMIT, offset, ...since });
  const last = page.rows.at(-1)?.created_at ?? 0;
  if (page.isLast) return { ...page, next: null };
  // Users created in the same millisecond may be on both pages. If they fill a whole page, the next page is read by offset. It is
  // also read by offset if the last user has no credible creation time: a time in the future would skip all users before it.
  const isCredible = last - 1 > after && last <= Date.now() + CLOCK_SKEW_MS;
  const firstRepeated = page.rows.find(({ created_at }) => created_at === last)?.id ?? "";
  const next = isCredible
    ? { after: last - 1, offset: 0, anchors: page.ids.slice(page.ids.indexOf(firstRepeated)) }
    : { after, offset: offset + page.listed, anchors: [] };
  return { ...page, next };
}

async function offsetPage(
  calls: ClerkCalls,
  table: ReconciledTable,
  { offset, anchors }: Position,
): Promise<Page> {
  let from = Math.max(0, offset - OVERLAP);
  for (;;) {
    const page = await read(calls, table, { limit: LIMIT, offset: from });
    const isJoined = from === 0 || page.ids.some((id) => anchors.includes(id));
    if (!isJoined) {
      // More objects than the overlap were deleted before this offset, so the list has moved. Reads again from an earlier offset.
      from = Math.max(0, from - STEP_BACK);
      continue;
    }
    const position = {
      after: 0,
      offset: from + page.listed,
      anchors: page.ids.slice(-OVERLAP),
    };
    return { ...page, next: page.isLast ? null : position };
  }
}

/**
 * Reads one page of a list. Leaves out the objects that were also on the previous page. Resolves to the page and the position at
 * which the next page starts.
 */
export async function readPage(
  calls: ClerkCalls,
  table: ReconciledTable,
  position: Position,
): Promise<Page> {
  const page =
    table === "users" ? await usersPage(calls, position) : await offsetPage(calls, table, position);
  const repeated = new Set<string | null>(position.anchors);
  return {
    ...page,
    rows: page.rows.filter(({ id }) => !repeated.has(id)),
    unreadable: page.unreadable.filter(({ id }) => !repeated.has(id)),
  };
}

/** Reads one object from Clerk; null if it does not exist. Needed because an object that is missing in a list may still exist. */
export function readOne(
  calls: ClerkCalls,
  table: ReconciledTable,
  suspect: UnlistedRow,
): Promise<ReadObject | null> {
  return calls.call(async () => {
    const raw = await readOneRaw[table](suspect);
    return raw === null ? null : readObject[table](raw);
  });
}
