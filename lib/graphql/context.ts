/** The context of every resolver: the authenticated viewer, and the id that links a response to its log lines. */

import { noteAuditSession } from "../audit";
import { env } from "../env";
import { findViewer, type Viewer, type ViewerResult } from "../identity/viewer";
import { type SearchDb, searchDbFor, type ViewerDb, viewerDbFor } from "../identity/viewer-db";
import { parsePosition, positionForReader, type Read, readAfter } from "../replica";
import type { ListReader } from "./types/list-reader";

export type Context = {
  authentication: ViewerResult;
  requestId: string;
  /** The time by `performance.now()` at which the viewer was requested, for the duration of the operation. */
  startedAt?: number;
  /**
   * Only in a stream: returns the viewer as of the last event. This viewer's access determines which changes the stream receives.
   */
  latestViewer?: () => Viewer | null;
  /** Only in an export: the resolver of the exported list calls it with a reader of the list. */
  takeList?: (reader: ListReader) => void;
  /** The position in the primary's log that lists must include: the viewer's last write. */
  readAfter?: bigint | null;
  /** The greatest age of data that was read from a standby, in ms. */
  behindMs?: number;
};

/**
 * Returns the database client with row level security for this viewer. Resolvers that read tables themselves use this client.
 * Exceptions: a platform admin's searches ({@link searchReadOf}, `search.ts`) and effect jobs (`about.ts`).
 */
export function viewerDbOf(context: Context): ViewerDb {
  return viewerDbFor(context.authentication.viewer);
}

/** Returns the read of lists and plots, which may go to a standby. */
export function readOf(context: Context): Read {
  return readAfter(context.readAfter ?? null, (behindMs) => {
    context.behindMs = Math.max(context.behindMs ?? 0, behindMs);
  });
}

/** Like {@link readOf}, with the client of {@link viewerDbOf}. */
export function listReadOf(context: Context) {
  const read = readOf(context);
  return <Result>(work: (db: ViewerDb) => Promise<Result>): Promise<Result> =>
    read((source) => work(viewerDbFor(context.authentication.viewer, source)));
}

/** Like {@link listReadOf}; if `isSearch`, with the client without row level security, which only platform admins may use. */
export function searchReadOf(context: Context, isSearch: boolean) {
  const { viewer } = context.authentication;
  const read = readOf(context);
  return <Result>(work: (db: SearchDb | ViewerDb) => Promise<Result>): Promise<Result> =>
    read((source) => work(isSearch ? searchDbFor(viewer, source) : viewerDbFor(viewer, source)));
}

const READ_AFTER = "x-rollcall-read-after";
const COOKIE = "rollcall_read_after";
/** A standby that has not replayed a write after DATABASE_REPLICA_MAX_LAG is not read, so the cookie lasts at least as long. */
const LEAST_COOKIE_S = 60;

/** Returns the position of the viewer's last write, which {@link headersAfterWrite} has sent to the client. */
export function readAfterOf(headers: Headers): bigint | null {
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(headers.get("cookie") ?? "")?.[1];
  return parsePosition(headers.get(READ_AFTER) ?? cookie?.replace("%2F", "/"));
}

export function readAfterCookie(position: string, maxLagMs: number): string {
  const seconds = Math.max(LEAST_COOKIE_S, maxLagMs / 1_000);
  return `${COOKIE}=${encodeURIComponent(position)}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax`;
}

/**
 * Returns the headers that let the writer's next reads include the write, on any instance: a cookie for browsers, and the header
 * that other clients send back. Empty without a replica.
 */
export async function headersAfterWrite(): Promise<[string, string][]> {
  const position = await positionForReader();
  if (position === null) return [];
  return [
    [READ_AFTER, position],
    ["set-cookie", readAfterCookie(position, env().replicaMaxLagMs)],
  ];
}

export async function contextOf(headers: Headers, requestId: string): Promise<Context> {
  const startedAt = performance.now();
  const authentication = await findViewer(headers);
  if (authentication.viewer) noteAuditSession(authentication.viewer.claims.sessionId);
  return { authentication, requestId, startedAt, readAfter: readAfterOf(headers) };
}
