/**
 * Rows of ours that no list of Clerk's had. Absence from a list proves nothing, so each is asked for by itself, and only
 * a 404 buries. A brake stops a run that would bury too many: an empty answer is likelier than an emptied instance.
 */
import { database } from "../db";
import type { ClerkCalls } from "./clerk-calls";
import { type ReconciledTable, type Row, readOne, type Suspect } from "./clerk-lists";
import { grave } from "./clock";
import { fromBackendApi } from "./decide";

/** The brake held; the message is for a person. */
export class BrakeHeld extends Error {
  override name = "BrakeHeld";
}

const BATCH = 500;

const joins = {
  users: 'NULL AS "userId", NULL AS "organizationId"',
  organizations: 'NULL AS "userId", NULL AS "organizationId"',
  memberships: 'user_id AS "userId", organization_id AS "organizationId"',
} satisfies Record<ReconciledTable, string>;

async function findSuspects(table: ReconciledTable, after: string): Promise<Suspect[]> {
  const { rows } = await database().pool.query<Suspect>(
    `SELECT id, ${joins[table]} FROM ${table} t
     WHERE NOT deleted AND version > 0 AND id > $1
       AND NOT EXISTS (SELECT FROM sync_seen s WHERE s.object_table = '${table}' AND s.object_id = t.id)
     ORDER BY id LIMIT ${BATCH}`,
    [after],
  );
  return rows;
}

async function countLive(table: ReconciledTable): Promise<number> {
  const { rows } = await database().pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table} WHERE NOT deleted AND version > 0`,
  );
  return rows[0]?.count ?? 0;
}

function tombstone({ id, userId, organizationId }: Suspect, table: ReconciledTable): Row {
  const ids = { user_id: userId, organization_id: organizationId };
  return { ...grave(fromBackendApi), id, ...(table === "memberships" ? ids : {}) };
}

export type Extras = {
  /** To be buried. */
  gone: Row[];
  /** On Clerk after all: a list that moved, or somebody who just came. */
  alive: Row[];
};

/** @throws BrakeHeld when more than `share` of the live rows are gone; then nothing was buried. */
export async function findExtras(
  calls: ClerkCalls,
  table: ReconciledTable,
  share: number,
): Promise<Extras> {
  const extras: Extras = { gone: [], alive: [] };
  const most = (await countLive(table)) * share;
  for (let after = ""; ; ) {
    const suspects = await findSuspects(table, after);
    for (const suspect of suspects) {
      const row = await readOne(calls, table, suspect);
      if (row) extras.alive.push(row);
      else extras.gone.push(tombstone(suspect, table));
      if (extras.gone.length > most) {
        throw new BrakeHeld(
          `More than ${Math.round(share * 100)} % of the ${table} are gone at Clerk. None was buried. If that is right, run again with --force; if not, check that CLERK_SECRET_KEY is of the right instance.`,
        );
      }
    }
    const last = suspects.at(-1);
    if (!last || suspects.length < BATCH) return extras;
    after = last.id;
  }
}
