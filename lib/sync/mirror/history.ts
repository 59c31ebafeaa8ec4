/**
 * What a user, organization or membership was: "as of" a time at Clerk, "as known at" a time here. Reads only; versions
 * are written by the statement that applies (`apply.ts`).
 */
import { database } from "../../db";

export type Moment = {
  /** Clerk's clock: only what had happened by then. */
  asOf?: Date;
  /** Ours: only what had been received by then. */
  knownAt?: Date;
};

const END_OF_TIME = new Date(8.64e15);

const newestFirst = [{ deleted: "desc" }, { version: "desc" }, { eventTimestamp: "desc" }] as const;

type Versions = Awaited<ReturnType<typeof findVersions>>;

/** Of states with one clock the guard prefers the greatest id, byte by byte; the database may have an order of its own. */
function greatestId(versions: Versions): Versions[number] | null {
  const bytes = ({ svixId }: Versions[number]) => Buffer.from(svixId);
  return versions.toSorted((a, b) => bytes(b).compare(bytes(a)))[0] ?? null;
}

/** The state that held, or null when nothing was known yet. A tombstone has `state` null. */
export async function findVersion(objectId: string, { asOf, knownAt }: Moment = {}) {
  const { prisma } = database();
  const where = {
    objectId,
    occurredAt: { lte: asOf ?? END_OF_TIME },
    receivedAt: { lte: knownAt ?? END_OF_TIME },
  };
  const newest = await prisma.version.findFirst({ where, orderBy: [...newestFirst] });
  if (!newest) return null;
  const { deleted, version, eventTimestamp } = newest;
  return greatestId(
    await prisma.version.findMany({ where: { ...where, deleted, version, eventTimestamp } }),
  );
}

/** Every version of one object in the order they were received, the late ones marked. */
export function findVersions(objectId: string) {
  return database().prisma.version.findMany({
    where: { objectId },
    orderBy: [{ receivedAt: "asc" }, ...newestFirst],
  });
}
