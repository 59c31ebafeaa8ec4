/**
 * Receipts of erasures. A receipt is canonical JSON without personal data. The hash of each receipt covers the hash of the
 * receipt before it. So whoever knows the hash of one receipt can later detect that this or an earlier receipt was changed or
 * removed. docs/privacy.md describes the format for others who verify it.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { database, type Queryable } from "../db";
import { registry } from "./registry";

/** The hash before the first receipt. */
export const GENESIS_HASH = "0".repeat(64);

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Returns JSON with sorted keys and without white space, so that equal values have equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export const nextHash = (previous: string, body: string) => sha256(previous + body);

/** The hash of the registry. If two receipts have the same value, the same rules applied to their erasures. */
const registryVersion = sha256(canonicalJson(registry));

const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const receiptShape = z.strictObject({
  sequence: z.int().positive(),
  /** The SHA-256 of the receipt token. A person who deletes their own account gets the token. */
  id: hash,
  kind: z.enum(["user", "organization"]),
  /** The SHA-256 of the receipt token, a colon and the id at Clerk. Without the token, the hash cannot be compared with an id. */
  subject: hash,
  reason: z.string(),
  cause: z.string(),
  /** The user who requested the erasure, hashed like `subject`. Null if the user is not known. */
  requestedBy: hash.nullable(),
  requestedAt: z.iso.datetime(),
  deletedAt: z.iso.datetime(),
  erasedAt: z.iso.datetime(),
  /** The number of erased rows of each table. */
  counts: z.record(z.string(), z.number()),
  /** The state of each of the team's handlers of `deleted`, by the handler's name: `done`, `dead` or `pending`. */
  acknowledgements: z.record(z.string(), z.string()),
  registry: hash,
});
type Receipt = z.output<typeof receiptShape>;

/** An erasure whose receipt is due. */
const finished = z.object({
  id: z.string(),
  kind: receiptShape.shape.kind,
  subjectId: z.string(),
  token: z.string(),
  reason: z.string(),
  cause: z.string(),
  requestedBy: z.string().nullable(),
  requestedAt: z.date(),
  deletedAt: z.date(),
  erasedAt: z.date(),
  counts: receiptShape.shape.counts,
  acknowledgements: receiptShape.shape.acknowledgements,
  /** The body of the erasure's newest receipt; null if it has none. An erasure that a late event has repeated has one. */
  receipt: z.string().nullable(),
});
export type Finished = z.output<typeof finished>;

/** The greatest number of receipts that one transaction appends. */
const BATCH = 500;

/** Resolves to the erasures whose receipts are due, and locks their rows, so that other processes skip them. */
async function findFinished(client: Queryable): Promise<Finished[]> {
  const { rows } = await client.query(
    `SELECT e.id, subject_kind AS kind, subject_id AS "subjectId", receipt_token AS token, reason, cause, requested_by AS "requestedBy",
       requested_at AS "requestedAt", coalesce(first_deleted_at, deleted_at) AS "deletedAt", erased_at AS "erasedAt", counts, acknowledgements,
       (SELECT r.body FROM erasure_receipts r WHERE r.sequence = e.receipt_sequence) AS receipt
     FROM erasures e WHERE step = 'receipt' AND next_at IS NOT NULL ORDER BY next_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
  );
  return z.array(finished).parse(rows);
}

const inSeconds = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;

function receiptOf(erasure: Finished, sequence: number): Receipt {
  const commit = (id: string) => sha256(`${erasure.token}:${id}`);
  const { kind, reason, cause, counts, acknowledgements } = erasure;
  return {
    sequence,
    id: sha256(erasure.token),
    kind,
    subject: commit(erasure.subjectId),
    reason,
    cause,
    requestedBy: erasure.requestedBy === null ? null : commit(erasure.requestedBy),
    requestedAt: inSeconds(erasure.requestedAt),
    deletedAt: inSeconds(erasure.deletedAt),
    erasedAt: inSeconds(erasure.erasedAt),
    counts,
    acknowledgements,
    registry: registryVersion,
  };
}

/**
 * True if a late event has repeated the erasure, but no further rows were erased and no handler's state has changed. The earlier
 * receipt is then still complete.
 */
function isUnchanged(erasure: Finished): boolean {
  if (erasure.receipt === null) return false;
  const { counts, acknowledgements } = receiptShape.parse(JSON.parse(erasure.receipt));
  const said = { counts, acknowledgements };
  return (
    canonicalJson(said) ===
    canonicalJson({ counts: erasure.counts, acknowledgements: erasure.acknowledgements })
  );
}

export type Head = { sequence: number; hash: string };

export type Link = Head & { id: string; body: string };

/** Resolves to the number and hash of the newest receipt. */
export async function findHead(client: Queryable): Promise<Head> {
  const { rows } = await client.query<{ sequence: string; hash: string }>(
    "SELECT sequence, hash FROM erasure_receipts ORDER BY sequence DESC LIMIT 1",
  );
  const [last] = rows;
  return last
    ? { sequence: Number(last.sequence), hash: last.hash }
    : { sequence: 0, hash: GENESIS_HASH };
}

export async function insertLinks(client: Queryable, links: Link[]): Promise<void> {
  await client.query(
    `INSERT INTO erasure_receipts (sequence, hash, id, body)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS link(sequence, hash, id, body) ORDER BY sequence`,
    [
      links.map(({ sequence }) => sequence),
      links.map(({ hash }) => hash),
      links.map(({ id }) => id),
      links.map(({ body }) => body),
    ],
  );
}

/** Blocks other writers of receipts until the transaction ends, so that the chain has no gap and no fork. */
export async function lockChain(client: Queryable): Promise<void> {
  await client.query("LOCK TABLE erasure_receipts IN SHARE ROW EXCLUSIVE MODE");
}

/**
 * Appends the receipts of the erasures that have nothing left to erase, and ends these erasures. The caller must have locked the
 * chain in the same transaction.
 */
export async function appendReceipts(client: Queryable): Promise<void> {
  let head = await findHead(client);
  const links: Link[] = [];
  const erasures = await findFinished(client);
  for (const erasure of erasures) {
    if (isUnchanged(erasure)) continue;
    const sequence = head.sequence + 1;
    const body = canonicalJson(receiptOf(erasure, sequence));
    head = { sequence, hash: nextHash(head.hash, body) };
    links.push({ ...head, id: sha256(erasure.token), body });
  }
  await insertLinks(client, links);
  await client.query(
    `UPDATE erasures e SET step = 'done', next_at = NULL,
       receipt_sequence = (SELECT max(r.sequence) FROM erasure_receipts r WHERE r.id = receipt_id(e.receipt_token))
     WHERE e.id = ANY ($1::uuid[])`,
    [erasures.map(({ id }) => id)],
  );
}

/** A receipt as a line of NDJSON. The body is copied unchanged, because its bytes are hashed. */
export const LINE = `'{"hash":"' || hash || '","receipt":' || body || '}'`;

export type FoundReceipt = {
  isFinished: boolean;
  /** True while the erasure is held, or its deletion was undone: it is not about to end. */
  isWaiting: boolean;
  line: string | null;
};

const token = z.uuid();

/** Resolves to the newest receipt for a token, or to null for an unknown token. `line` is null while the erasure is not done. */
export async function findReceipt(given: string): Promise<FoundReceipt | null> {
  const parsed = token.safeParse(given.toLowerCase());
  if (!parsed.success) return null;
  const { rows } = await database().pool.query<{ line: string | null; isWaiting: boolean }>(
    `SELECT EXISTS (SELECT FROM erasures WHERE receipt_token = $1 AND step IN ('held', 'undone')) AS "isWaiting",
       (SELECT ${LINE} FROM erasure_receipts WHERE id = $2 ORDER BY sequence DESC LIMIT 1) AS line
     WHERE EXISTS (SELECT FROM erasures WHERE receipt_token = $1) OR EXISTS (SELECT FROM erasure_receipts WHERE id = $2)`,
    [parsed.data, sha256(parsed.data)],
  );
  const [found] = rows;
  return found ? { isFinished: found.line !== null, ...found } : null;
}

const PAGE = 1_000;

/** Yields the receipts with a greater number than `from` in order, and reads them in pages. Continues after a missing receipt. */
export async function* readLinks(
  client: Queryable,
  from = 0,
): AsyncGenerator<Link & { line: string }> {
  for (let after = from; ; ) {
    const { rows } = await client.query<
      Omit<Link, "sequence"> & { sequence: string; line: string }
    >(
      `SELECT sequence, hash, id, body, ${LINE} AS line FROM erasure_receipts WHERE sequence > $1 ORDER BY sequence LIMIT ${PAGE}`,
      [after],
    );
    for (const row of rows) {
      after = Number(row.sequence);
      yield { ...row, sequence: after };
    }
    if (rows.length < PAGE) return;
  }
}

/** The first receipt that does not continue the chain, and why. */
type BrokenLink = { sequence: number; reason: string };

function faultOf(link: Link, before: Head): string | null {
  if (link.sequence !== before.sequence + 1) return `receipt ${before.sequence + 1} is missing`;
  if (nextHash(before.hash, link.body) !== link.hash) return "its hash does not match";
  const body = receiptShape.safeParse(JSON.parse(link.body));
  if (!body.success) return "it does not have the form of a receipt";
  const isSame = body.data.sequence === link.sequence && body.data.id === link.id;
  return isSame ? null : "its number or id is not that of its row";
}

/**
 * True if the receipt, which was verified before, is still there with the same hash. Always true for the beginning of the chain
 * (0).
 */
async function hasLink(client: Queryable, { sequence, hash }: Head): Promise<boolean> {
  if (sequence === 0) return true;
  const { rows } = await client.query(
    "SELECT FROM erasure_receipts WHERE (sequence, hash) = ($1, $2)",
    [sequence, hash],
  );
  return rows.length > 0;
}

/**
 * Verifies the whole chain, or only the part after the verified receipt `from`. `head` is the last receipt before the first
 * broken link, or the last receipt of an unbroken chain. If `from` is missing or changed, `head` is the beginning of the chain.
 */
export async function verifyChain(
  client: Queryable,
  from: Head = { sequence: 0, hash: GENESIS_HASH },
): Promise<{ head: Head; broken: BrokenLink | null }> {
  if (!(await hasLink(client, from))) {
    const broken = {
      sequence: from.sequence,
      reason: "it was verified before, and is missing or changed",
    };
    return { head: { sequence: 0, hash: GENESIS_HASH }, broken };
  }
  let head = from;
  for await (const link of readLinks(client, from.sequence)) {
    const reason = faultOf(link, head);
    if (reason !== null) return { head, broken: { sequence: link.sequence, reason } };
    head = { sequence: link.sequence, hash: link.hash };
  }
  return { head, broken: null };
}
