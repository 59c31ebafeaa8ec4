/** Encrypts the keys of the archive again with the first key of ARCHIVE_KEY, so that the former key can be removed. */
import { recordAuditIn } from "../audit";
import { type Queryable, transaction } from "../db";
import { type ArchiveKey, env } from "../env";
import { UserError } from "../errors";
import { ArchiveUnreadable, unwrap, type WrappedKey, wrap } from "./archive-crypto";
import { withArchive } from "./archive-store";

const BATCH = 500;

type Stored = WrappedKey & { id: string };

/**
 * The SQL for each table of wrapped keys: `find` selects keys after the id $2 that the key $1 did not wrap, and `update` writes
 * one key. The column `id` is the context with which the key was wrapped.
 */
const sources = [
  {
    find: `SELECT entry_id::text AS id, wrapped_by AS "wrappedBy", wrapped FROM archive_keys WHERE wrapped_by <> $1 AND entry_id::text > $2
      ORDER BY entry_id::text LIMIT ${BATCH} FOR UPDATE`,
    update: "UPDATE archive_keys SET wrapped_by = $2, wrapped = $3 WHERE entry_id = $1::uuid",
  },
  {
    find: `SELECT 'lookup' AS id, wrapped_by AS "wrappedBy", wrapped FROM archive_lookup_key WHERE wrapped_by <> $1 AND 'lookup' > $2 FOR UPDATE`,
    update: "UPDATE archive_lookup_key SET wrapped_by = $2, wrapped = $3 WHERE $1 = 'lookup'",
  },
];

/** Resolves to the number of keys that are not wrapped by the first key of ARCHIVE_KEY. */
export async function countOtherKeys(): Promise<number> {
  return transaction((db) =>
    withArchive(db, async () => {
      const { rows } = await db.query<{ count: number }>(
        `SELECT (SELECT count(*) FROM archive_keys WHERE wrapped_by <> $1)::int
           + (SELECT count(*) FROM archive_lookup_key WHERE wrapped_by <> $1)::int AS count`,
        [env().archiveKeys[0]?.id ?? ""],
      );
      return rows[0]?.count ?? 0;
    }),
  );
}

/**
 * Wraps one key again. Resolves to false if the key cannot be decrypted; the id of the key that wrapped it is then counted in
 * `missing`.
 */
async function rewrap(
  db: Queryable,
  ring: ArchiveKey[],
  update: string,
  stored: Stored,
  missing: Map<string, number>,
): Promise<boolean> {
  try {
    const { wrappedBy, wrapped } = wrap(ring, stored.id, unwrap(ring, stored.id, stored));
    await db.query(update, [stored.id, wrappedBy, wrapped]);
    return true;
  } catch (error) {
    if (!(error instanceof ArchiveUnreadable)) throw error;
    missing.set(stored.wrappedBy, (missing.get(stored.wrappedBy) ?? 0) + 1);
    return false;
  }
}

/**
 * Wraps all keys of the archive with the first key of ARCHIVE_KEY. Resolves to the number of changed keys. After an interruption,
 * the next run continues with the remaining keys.
 * @throws UserError at the end if some keys could not be decrypted, for example because ARCHIVE_KEY lacks the key that wrapped
 * them.
 */
export async function rotateArchiveKey(actor: string): Promise<{ current: string; count: number }> {
  const ring = env().archiveKeys;
  const [first] = ring;
  if (!first)
    throw new UserError("ARCHIVE_KEY is not set. Set it to the new key, then the old one.");
  const current = first.id;
  const missing = new Map<string, number>();
  let total = 0;
  for (const { find, update } of sources) {
    let after = "";
    for (let more = true; more; ) {
      await transaction(async (db) => {
        const { rows } = await withArchive(db, async () => {
          const found = await db.query<Stored>(find, [current, after]);
          for (const stored of found.rows) {
            if (await rewrap(db, ring, update, stored, missing)) total += 1;
          }
          return found;
        });
        after = rows.at(-1)?.id ?? after;
        more = rows.length === BATCH;
      });
    }
  }
  await transaction((db) =>
    recordAuditIn(db, {
      actor,
      action: "archive.key_rotated",
      subject: null,
      detail: { current, count: total },
    }),
  );
  if (missing.size === 0) return { current, count: total };
  const left = [...missing].map(([id, count]) => `${count} by ${id}`).join(", ");
  throw new UserError(
    `${total} keys are encrypted by ${current} now. Others cannot be read (${left}): add that key to ARCHIVE_KEY, after the current one, and run this again.`,
  );
}
