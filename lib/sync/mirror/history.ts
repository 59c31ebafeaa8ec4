/**
 * Finds past states of a user, an organization or a membership. `asOf` is a time by Clerk's clock, and `knownAt` a time by our
 * clock. This file only reads; `apply.ts` writes the versions in the same statement as the change.
 */
import { database } from "../../db";

type Moment = {
  /** If given, events that happened after this time by Clerk's clock are ignored. */
  asOf?: Date;
  /** If given, events that were received after this time by our clock are ignored. */
  knownAt?: Date;
};

const END_OF_TIME = new Date(8.64e15);

const newestFirst = [{ deleted: "desc" }, { version: "desc" }, { eventTimestamp: "desc" }] as const;

type Versions = Awaited<ReturnType<typeof findVersions>>;

/**
 * Returns the version with the greatest svix-id, compared by bytes as in the version guard. The collation of the database may
 * sort ids differently.
 */
function greatestId(versions: Versions): Versions[number] | null {
  const bytes = ({ svixId }: Versions[number]) => Buffer.from(svixId);
  return versions.toSorted((a, b) => bytes(b).compare(bytes(a)))[0] ?? null;
}

/**
 * Resolves to the greatest version that happened and was received by the given times, or to null if there is none. The `state` of
 * a tombstone is null.
 */
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

/** Resolves to all versions of one object, ordered by receipt. `isLate` marks versions that arrived after a newer one. */
export function findVersions(objectId: string) {
  return database().prisma.version.findMany({
    where: { objectId },
    orderBy: [{ receivedAt: "asc" }, ...newestFirst],
  });
}
