/**
 * Finds the acts whose result has arrived in the mirror, and marks them as confirmed. Until then, such an act has the state
 * `sent`.
 */
import { z } from "zod";
import { database } from "../db";
import type { Proof } from "./act";

const proof = z.object({
  table: z.enum(["users", "organizations", "memberships", "invitations", "sessions", "domains"]),
  id: z.string(),
  version: z.number().optional(),
  fields: z.record(z.string(), z.union([z.boolean(), z.string(), z.null()])).optional(),
  deleted: z.literal(true).optional(),
}) satisfies z.ZodType<Proof>;

const mirrored = z.object({
  id: z.string(),
  deleted: z.boolean(),
  version: z.coerce.number(),
  row: z.record(z.string(), z.unknown()),
});
type Mirrored = z.output<typeof mirrored>;

/**
 * True if the row is newer than Clerk's response, or has the same version and the expected fields. A proof with `deleted` needs a
 * tombstone. A tombstone also proves every earlier act on the object.
 */
function isProven({ version = 0, fields = {}, deleted }: Proof, found: Mirrored | undefined) {
  if (!found) return false;
  if (deleted || found.deleted) return found.deleted;
  if (found.version !== version) return found.version > version;
  return Object.entries(fields).every(([name, value]) => found.row[name] === value);
}

type Stored = { id: string; proof: unknown };

/** Resolves to the ids of the acts whose proofs have all arrived in the mirror. */
export async function findProven(acts: readonly Stored[]): Promise<Set<string>> {
  const parsed = acts.map(({ id, proof: stored }) => ({
    id,
    proofs: z.array(proof).catch([]).parse(stored),
  }));
  const all = parsed.flatMap(({ proofs }) => proofs);
  const found = new Map<string, Mirrored>();
  for (const table of new Set(all.map((each) => each.table))) {
    const proofs = all.filter((each) => each.table === table);
    const columns = [...new Set(proofs.flatMap(({ fields = {} }) => Object.keys(fields)))];
    const { rows } = await database().pool.query(
      `SELECT t.id, t.deleted, t.version, coalesce(
         (SELECT jsonb_object_agg(name, to_jsonb(t) -> name) FROM unnest($2::text[]) AS name), '{}') AS row
       FROM ${table} t WHERE t.id = ANY ($1::text[]) AND (t.deleted OR t.version > 0)`,
      [[...new Set(proofs.map(({ id }) => id))], columns],
    );
    for (const row of z.array(mirrored).parse(rows)) found.set(row.id, row);
  }
  return new Set(
    parsed.flatMap(({ id, proofs }) =>
      proofs.length > 0 && proofs.every((each) => isProven(each, found.get(each.id))) ? [id] : [],
    ),
  );
}

/**
 * The time after which an act without a recorded response counts as interrupted. It is longer than the deadlines of an act's
 * calls and the wait after a 429.
 */
const INTERRUPTED_AFTER = "10 minutes";
const BATCH = 500;

/**
 * The worker's task: confirms the acts whose result is in the mirror. Marks an act as unanswered if it was interrupted before
 * Clerk's response was recorded.
 */
export async function settleActs(): Promise<void> {
  const { prisma, pool } = database();
  await pool.query(
    `UPDATE acts SET state = 'unanswered', answered_at = now(), error_code = 'interrupted',
       error_message = 'Rollcall stopped before Clerk answered. Check before you try again.'
     WHERE state = 'requested' AND requested_at < now() - interval '${INTERRUPTED_AFTER}'`,
  );
  let after = new Date(0);
  for (;;) {
    const sent = await prisma.act.findMany({
      where: { state: "sent", requestedAt: { gt: after } },
      select: { id: true, proof: true, requestedAt: true },
      orderBy: { requestedAt: "asc" },
      take: BATCH,
    });
    const proven = [...(await findProven(sent))];
    if (proven.length > 0)
      await pool.query(
        "UPDATE acts SET state = 'confirmed', confirmed_at = now() WHERE id = ANY ($1::uuid[]) AND state = 'sent'",
        [proven],
      );
    const last = sent.at(-1);
    if (!last || sent.length < BATCH) return;
    after = last.requestedAt;
  }
}
