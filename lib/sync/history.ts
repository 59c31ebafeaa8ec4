/**
 * What a user, organization or membership was: "as of" a time at Clerk, "as known at" a time here. Reads only; versions
 * are written by the statement that applies (`apply.ts`).
 */
import { database } from "../db";

export type Moment = {
  /** Clerk's clock: only what had happened by then. */
  asOf?: Date;
  /** Ours: only what had been received by then. */
  knownAt?: Date;
};

const END_OF_TIME = new Date(8.64e15);

/** The same order as the guard's: the greatest clock was the newest state. */
const newestFirst = [
  { deleted: "desc" },
  { version: "desc" },
  { eventTimestamp: "desc" },
  { svixId: "desc" },
] as const;

/** The state that held, or null when nothing was known yet. A tombstone has `state` null. */
export function findVersion(objectId: string, { asOf, knownAt }: Moment = {}) {
  return database().prisma.version.findFirst({
    where: {
      objectId,
      occurredAt: { lte: asOf ?? END_OF_TIME },
      receivedAt: { lte: knownAt ?? END_OF_TIME },
    },
    orderBy: [...newestFirst],
  });
}

/** Every version of one object in the order they were received, the late ones marked. */
export function findVersions(objectId: string) {
  return database().prisma.version.findMany({
    where: { objectId },
    orderBy: [{ receivedAt: "asc" }, ...newestFirst],
  });
}
