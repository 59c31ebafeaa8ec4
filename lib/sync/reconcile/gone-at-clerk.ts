/**
 * Finds rows that were deleted at Clerk. Each row that is missing in Clerk's list is requested from Clerk, and only a 404 deletes
 * it here. A limit stops a run that would delete too many rows: a wrong secret key is likelier than an emptied instance.
 */
import { database } from "../../db";
import type { ReconciledTable } from "../mirror/columns";
import { fromBackendApi } from "../mirror/decide";
import { tombstoneVersion } from "../mirror/version";
import { readOne } from "./clerk-lists";
import type { Row, UnlistedRow } from "./clerk-objects";
import type { ClerkCalls } from "./rate-limited-calls";

/**
 * The end of the message of {@link DeletionLimitExceeded}. A run stores that message as its reason, and Health recognises the
 * deletion limit by this text.
 */
export const LIMIT_REMEDY =
  "If that is right, run again with --force; if not, check that CLERK_SECRET_KEY belongs to the right instance.";

/** Thrown when the deletion limit is exceeded. The message is for the operator. */
export class DeletionLimitExceeded extends Error {
  override name = "DeletionLimitExceeded";
  constructor(
    table: ReconciledTable,
    share: number,
    /** The rows that were found to be deleted at Clerk before the limit was reached. */
    readonly gone: Row[],
  ) {
    super(
      `More than ${Math.round(share * 100)} % of the ${table} no longer exist at Clerk. None was deleted here. ${LIMIT_REMEDY}`,
    );
  }
}

const BATCH = 500;

/**
 * Returns SQL that is true for a row of a deleted user or organization. Such a row is no longer visible: it needs no request to
 * Clerk and does not count as a deletion.
 */
const parentIsDeleted = (table: "users" | "organizations", column: string) =>
  `EXISTS (SELECT FROM ${table} p WHERE p.id = t.${column} AND p.deleted)`;

/** `subjects`: the row's id and those of its user and organization. */
type Parents = { ids: string; isOrphan: string; subjects: string };

const withoutParent: Parents = {
  ids: 'NULL AS "userId", NULL AS "organizationId"',
  isOrphan: "false",
  subjects: "t.id",
};
const inOrganization: Parents = {
  ids: 'NULL AS "userId", organization_id AS "organizationId"',
  isOrphan: parentIsDeleted("organizations", "organization_id"),
  subjects: "t.id, t.organization_id",
};
const parents: Record<ReconciledTable, Parents> = {
  users: withoutParent,
  organizations: withoutParent,
  memberships: {
    ids: 'user_id AS "userId", organization_id AS "organizationId"',
    isOrphan: `(${parentIsDeleted("users", "user_id")} OR ${parentIsDeleted("organizations", "organization_id")})`,
    subjects: "t.id, t.user_id, t.organization_id",
  },
  invitations: inOrganization,
  domains: inOrganization,
  roles: withoutParent,
  permissions: withoutParent,
};

type UnlistedCandidate = UnlistedRow & { isOrphan: boolean };

/** Leaves out what was undone: the row, its user or its organization is no longer at Clerk, and stays here. */
async function findUnlisted(table: ReconciledTable, after: string): Promise<UnlistedCandidate[]> {
  const { ids, isOrphan, subjects } = parents[table];
  const { rows } = await database().pool.query<UnlistedCandidate>(
    `SELECT id, ${ids}, ${isOrphan} AS "isOrphan" FROM ${table} t
     WHERE NOT deleted AND id > $1
       AND NOT EXISTS (SELECT FROM sync_seen s WHERE s.object_table = '${table}' AND s.object_id = t.id)
       AND NOT EXISTS (SELECT FROM erasures e WHERE e.subject_id IN (${subjects}) AND e.step = 'undone')
     ORDER BY id LIMIT ${BATCH}`,
    [after],
  );
  return rows;
}

/** The facts that a run has about a table after it has read Clerk's whole list. */
type ListSummary = {
  /** The share of the table's rows (without tombstones) that a run may delete. */
  share: number;
  /** The number of rows that this run has added. They must not raise the deletion limit. */
  added: number;
  /** True if Clerk listed a row that we had before the run. */
  listsKnownRows: boolean;
};

/**
 * Resolves to the number of rows that may be deleted: the share, but at least one, because one of ten users is more than 5 %. If
 * Clerk lists none of our rows, the secret key is probably of another instance: the minimum of one then does not apply.
 */
async function findDeletionLimit(
  table: ReconciledTable,
  { share, added, listsKnownRows }: ListSummary,
): Promise<number> {
  const { rows } = await database().pool.query<{ live: number }>(
    `SELECT count(*)::int AS live FROM ${table} t
     WHERE NOT deleted AND NOT ${parents[table].isOrphan}`,
  );
  return Math.max(((rows[0]?.live ?? 0) - added) * share, listsKnownRows ? 1 : 0);
}

function tombstone({ id, userId, organizationId }: UnlistedRow, table: ReconciledTable): Row {
  const ids = { user_id: userId, organization_id: organizationId };
  return { ...tombstoneVersion(fromBackendApi), id, ...(table === "memberships" ? ids : {}) };
}

type Confirmed = {
  /** Tombstones of rows that no longer exist at Clerk. */
  gone: Row[];
  /** Rows that exist at Clerk but were missing in its list: the list changed while it was read, or they are new. */
  stillAtClerk: Row[];
};

/** Finds the rows of a table that no longer exist at Clerk. @throws DeletionLimitExceeded before anything is deleted here. */
export async function findGoneAtClerk(
  calls: ClerkCalls,
  table: ReconciledTable,
  read: ListSummary,
): Promise<Confirmed> {
  const confirmed: Confirmed = { gone: [], stillAtClerk: [] };
  const limit = await findDeletionLimit(table, read);
  let goneCount = 0;
  for (let after = ""; ; ) {
    const unlisted = await findUnlisted(table, after);
    for (const candidate of unlisted) {
      const found = candidate.isOrphan ? null : await readOne(calls, table, candidate);
      if (found) {
        // An object that cannot be read still exists at Clerk.
        if (found.row) confirmed.stillAtClerk.push(found.row);
        continue;
      }
      confirmed.gone.push(tombstone(candidate, table));
      if (!candidate.isOrphan) goneCount += 1;
      if (goneCount > limit) throw new DeletionLimitExceeded(table, read.share, confirmed.gone);
    }
    const last = unlisted.at(-1);
    if (!last || unlisted.length < BATCH) return confirmed;
    after = last.id;
  }
}
