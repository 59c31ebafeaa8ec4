/**
 * Rows of ours that no list of Clerk's had. Absence from a list proves nothing, so each is asked for by itself, and only
 * a 404 buries. A brake stops a run that would bury too many: an empty answer is likelier than an emptied instance.
 */
import { database } from "../../db";
import type { ReconciledTable } from "../mirror/columns";
import { fromBackendApi } from "../mirror/decide";
import { tombstoneVersion } from "../mirror/version";
import { readOne } from "./clerk-lists";
import type { Row, UnlistedRow } from "./clerk-objects";
import type { ClerkCalls } from "./rate-limited-calls";

/** The brake held; the message is for a person. */
export class DeletionLimitExceeded extends Error {
  override name = "BrakeHeld";
  constructor(
    table: ReconciledTable,
    share: number,
    /** Those that were found gone until then. */
    readonly gone: Row[],
  ) {
    super(
      `More than ${Math.round(share * 100)} % of the ${table} are gone at Clerk. None was buried. If that is right, run again with --force; if not, check that CLERK_SECRET_KEY is of the right instance.`,
    );
  }
}

const BATCH = 500;

/** A row below what is buried here is not shown any more: it needs no question, and no brake. */
const buried = (table: "users" | "organizations", column: string) =>
  `EXISTS (SELECT FROM ${table} p WHERE p.id = t.${column} AND p.deleted)`;

const alone = { ids: 'NULL AS "userId", NULL AS "organizationId"', isOrphan: "false" };
const inOrganization = {
  ids: 'NULL AS "userId", organization_id AS "organizationId"',
  isOrphan: buried("organizations", "organization_id"),
};
const joins: Record<ReconciledTable, { ids: string; isOrphan: string }> = {
  users: alone,
  organizations: alone,
  memberships: {
    ids: 'user_id AS "userId", organization_id AS "organizationId"',
    isOrphan: `(${buried("users", "user_id")} OR ${buried("organizations", "organization_id")})`,
  },
  invitations: inOrganization,
  domains: inOrganization,
  roles: alone,
  permissions: alone,
};

type Found = UnlistedRow & { isOrphan: boolean };

async function findSuspects(table: ReconciledTable, after: string): Promise<Found[]> {
  const { ids, isOrphan } = joins[table];
  const { rows } = await database().pool.query<Found>(
    `SELECT id, ${ids}, ${isOrphan} AS "isOrphan" FROM ${table} t
     WHERE NOT deleted AND version > 0 AND id > $1
       AND NOT EXISTS (SELECT FROM sync_seen s WHERE s.object_table = '${table}' AND s.object_id = t.id)
     ORDER BY id LIMIT ${BATCH}`,
    [after],
  );
  return rows;
}

/** What is known of the table when its list has been read. */
export type ListSummary = {
  /** The share of the live rows that may go. */
  share: number;
  /** Rows that this run has added: they are no reason to let others go. */
  added: number;
  /** Did Clerk list any that we had before? */
  listsKnownRows: boolean;
};

/**
 * How many may go. The share, but at least one: of ten people, one who left is more than 5 %. Where Clerk lists none of
 * those we had, it is likelier another instance, and the share is all.
 */
async function findMost(
  table: ReconciledTable,
  { share, added, listsKnownRows }: ListSummary,
): Promise<number> {
  const { rows } = await database().pool.query<{ live: number }>(
    `SELECT count(*)::int AS live FROM ${table} t
     WHERE NOT deleted AND version > 0 AND NOT ${joins[table].isOrphan}`,
  );
  return Math.max(((rows[0]?.live ?? 0) - added) * share, listsKnownRows ? 1 : 0);
}

function tombstone({ id, userId, organizationId }: UnlistedRow, table: ReconciledTable): Row {
  const ids = { user_id: userId, organization_id: organizationId };
  return { ...tombstoneVersion(fromBackendApi), id, ...(table === "memberships" ? ids : {}) };
}

export type Confirmed = {
  /** To be buried. */
  gone: Row[];
  /** On Clerk after all: a list that moved, or somebody who just came. */
  stillAtClerk: Row[];
};

/** @throws BrakeHeld when too many are gone; then nothing was buried. */
export async function findGoneAtClerk(
  calls: ClerkCalls,
  table: ReconciledTable,
  read: ListSummary,
): Promise<Confirmed> {
  const extras: Confirmed = { gone: [], stillAtClerk: [] };
  const most = await findMost(table, read);
  let missed = 0;
  for (let after = ""; ; ) {
    const suspects = await findSuspects(table, after);
    for (const suspect of suspects) {
      const row = suspect.isOrphan ? null : await readOne(calls, table, suspect);
      if (row) {
        extras.stillAtClerk.push(row);
        continue;
      }
      extras.gone.push(tombstone(suspect, table));
      if (!suspect.isOrphan) missed += 1;
      if (missed > most) throw new DeletionLimitExceeded(table, read.share, extras.gone);
    }
    const last = suspects.at(-1);
    if (!last || suspects.length < BATCH) return extras;
    after = last.id;
  }
}
