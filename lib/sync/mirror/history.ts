/**
 * Past states of a user, an organization or a membership: "as of" a time by Clerk's clock, "known at" a time by ours.
 * Only reads; `apply.ts` writes the versions in the same statement as the change.
 */
import { database } from "../../db";

type Moment = {
  /** Only events that had happened by then, by Clerk's clock. */
  asOf?: Date;
  /** Only events that had been received by then, by our clock. */
  knownAt?: Date;
};

const END_OF_TIME = new Date(8.64e15);

const newestFirst = [{ deleted: "desc" }, { version: "desc" }, { eventTimestamp: "desc" }] as const;

type Versions = Awaited<ReturnType<typeof findVersions>>;

/** Breaks ties as the guard does: the greatest id by bytes. The database's collation may sort ids differently. */
function greatestId(versions: Versions): Versions[number] | null {
  const bytes = ({ svixId }: Versions[number]) => Buffer.from(svixId);
  return versions.toSorted((a, b) => bytes(b).compare(bytes(a)))[0] ?? null;
}

/** The version valid at that moment, or null if none was known yet. A tombstone has `state` null. */
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

/** All versions of one object, ordered by receipt. `isLate` marks those that lost against a newer one. */
export function findVersions(objectId: string) {
  return database().prisma.version.findMany({
    where: { objectId },
    orderBy: [{ receivedAt: "asc" }, ...newestFirst],
  });
}
