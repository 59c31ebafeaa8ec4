/** Compares Clerk's rows with the mirror's, field by field, and finds the cause of each difference where it is known. */
import { z } from "zod";
import { database, withAsyncCommit } from "../../db";
import type { EditedRow } from "../mirror/apply";
import { columns, isUncompared, isVersioned, type ReconciledTable } from "../mirror/columns";
import type { ReadObject, Row } from "./clerk-objects";
import { findLocalEdits } from "./local-edits";
import { isSameJson } from "./same-json";

/** `unreadable`: Clerk's object cannot be read. `partial`: some of its attributes cannot be read, and are NULL in the mirror. */
type DriftKind = "missing" | "stale" | "different" | "extra" | "unreadable" | "partial";
type DriftCause =
  | "event not received"
  | "event failed"
  | "local edit"
  | "equal timestamps"
  | "unreadable at Clerk"
  | "unknown";
type Fields = Record<string, { ours: unknown; theirs: unknown }>;
export type Finding = {
  kind: DriftKind;
  table: ReconciledTable;
  id: string;
  fields: Fields;
  cause: DriftCause;
  /** False for a tombstone whose object still exists at Clerk. It is only reported, because a deletion is final. */
  isRepairable: boolean;
  /** Set for a row whose version was edited locally. Its version must be reset before Clerk's state can win. */
  edited?: EditedRow;
};

const oursShape = z.object({
  id: z.string(),
  deleted: z.boolean(),
  version: z.number(),
  svixId: z.string(),
  content: z.record(z.string(), z.unknown()),
});
type Ours = z.output<typeof oursShape>;

const valueSql = (name: string, kind: string) =>
  kind === "time" ? `round(extract(epoch FROM t.${name}) * 1000)` : `t.${name}`;

function oursSql(table: ReconciledTable): string {
  const content = Object.entries(columns[table]).map(
    ([name, kind]) => `'${name}', ${valueSql(name, kind)}`,
  );
  return `WITH seen AS (
      INSERT INTO sync_seen (object_table, object_id) SELECT '${table}', id
      FROM ${withAsyncCommit}, unnest($1::text[]) AS met(id) ON CONFLICT DO NOTHING
    )
    SELECT t.id, t.deleted, t.version::float8 AS version, t.svix_id AS "svixId", jsonb_build_object(${content.join(", ")}) AS content
    FROM ${table} t WHERE t.id = ANY($1::text[])`;
}

/** Records that Clerk listed these ids, so that the run does not treat them as deleted at Clerk. */
export async function recordListed(table: ReconciledTable, ids: string[]): Promise<void> {
  if (ids.length > 0) await findOurs(table, ids);
}

/**
 * Returns the findings about objects that cannot be read, or only in part. `fields` has the names of the attributes, not their
 * values.
 */
export function unreadableFindings(table: ReconciledTable, objects: ReadObject[]): Finding[] {
  return objects.map(({ id, row, unread }) => ({
    kind: row ? "partial" : "unreadable",
    table,
    id: id ?? "(no id)",
    fields: Object.fromEntries(
      unread.map((path) => [path, { ours: null, theirs: "not readable" }]),
    ),
    cause: "unreadable at Clerk",
    isRepairable: false,
  }));
}

/** Reads the mirrored rows with these ids, and records in `sync_seen` that Clerk listed them. */
async function findOurs(table: ReconciledTable, ids: string[]): Promise<Map<string, Ours>> {
  const { rows } = await database().pool.query({
    name: `ours of ${table}`,
    text: oursSql(table),
    values: [ids],
  });
  return new Map(
    z
      .array(oursShape)
      .parse(rows)
      .map((row) => [row.id, row]),
  );
}

function fieldsOf(table: ReconciledTable, content: Ours["content"], theirs: Row): Fields {
  const theirValues = new Map(Object.entries(theirs));
  const differing = Object.keys(columns[table]).filter(
    (name) =>
      !isUncompared(table, name) &&
      !isSameJson(name, content[name] ?? null, theirValues.get(name) ?? null),
  );
  return Object.fromEntries(
    differing.map((name) => [
      name,
      { ours: content[name] ?? null, theirs: theirValues.get(name) ?? null },
    ]),
  );
}

type Difference = Omit<Finding, "cause"> & { clerkVersion?: number };

const isAhead = (ours: Ours, theirs: Row) => ours.deleted || ours.version > theirs.version;

/** Compares a mirrored row whose version is greater than Clerk's. The version guard would keep such a row. */
function compareAhead(
  ours: Ours,
  theirs: Row,
  isEdited: boolean,
): Omit<Difference, "table"> | null {
  const { id, deleted, version, svixId } = ours;
  const fields: Fields = deleted
    ? { deleted: { ours: true, theirs: false } }
    : { version: { ours: version, theirs: theirs.version } };
  const about = { id, kind: "different", fields } as const;
  if (isEdited) {
    const edited = { id, deleted, version, svixId, clerkVersion: theirs.version };
    return { ...about, isRepairable: true, edited };
  }
  // No drift if the row is not deleted: a webhook arrived after Clerk's list was read.
  return deleted ? { ...about, isRepairable: false } : null;
}

function compare(table: ReconciledTable, ours: Ours | undefined, theirs: Row): Difference | null {
  const about = { table, id: theirs.id, isRepairable: true, clerkVersion: theirs.version };
  if (!ours || ours.version === 0) return { ...about, kind: "missing", fields: {} };
  const fields = fieldsOf(table, ours.content, theirs);
  if (ours.version < theirs.version) return { ...about, kind: "stale", fields };
  return Object.keys(fields).length > 0 ? { ...about, kind: "different", fields } : null;
}

const failedOutcomes = ["pending", "dead", "quarantined", "unreadable", "discarded"];

const versionShape = z.object({ id: z.string(), version: z.number(), state: z.unknown() });

async function findFailed(ids: string[]): Promise<Set<string>> {
  const { rows } = await database().pool.query<{ object_id: string }>({
    name: "failed deliveries of",
    text: "SELECT object_id FROM deliveries WHERE object_id = ANY($1::text[]) AND outcome = ANY($2::text[])",
    values: [ids, failedOutcomes],
  });
  return new Set(rows.map(({ object_id }) => object_id));
}

async function findAppliedVersions(ids: string[]) {
  const { rows } = await database().pool.query({
    name: "applied versions of",
    text: `SELECT object_id AS id, version::float8 AS version, state FROM versions
      WHERE object_id = ANY($1::text[]) AND NOT is_late`,
    values: [ids],
  });
  return z.array(versionShape).parse(rows);
}

/** Looks up the cause of each difference in the tables deliveries and versions. */
async function findCauses(
  differences: Difference[],
): Promise<(difference: Difference) => DriftCause> {
  const withClerkVersion = differences.flatMap(({ id, clerkVersion }) =>
    clerkVersion === undefined ? [] : id,
  );
  const [hasFailed, versions] = await Promise.all([
    findFailed(differences.map(({ id }) => id)),
    withClerkVersion.length > 0 ? findAppliedVersions(withClerkVersion) : [],
  ]);
  const anObject = z.record(z.string(), z.unknown());
  const wasApplied = ({ id, fields, clerkVersion }: Difference) =>
    versions.some(({ id: about, state, version }) => {
      const applied =
        about === id && version === clerkVersion ? anObject.safeParse(state).data : undefined;
      return (
        applied !== undefined &&
        Object.entries(fields).every(([name, { theirs }]) =>
          isSameJson(name, applied[name] ?? null, theirs),
        )
      );
    });
  return (difference) => {
    if (difference.edited) return "local edit";
    if (hasFailed.has(difference.id)) return "event failed";
    // Clerk's values were written to the mirror before, so a local edit has overwritten them.
    if (wasApplied(difference)) return "local edit";
    if (difference.kind !== "different") return "event not received";
    return difference.isRepairable && isVersioned(difference.table)
      ? "equal timestamps"
      : "unknown";
  };
}

/** Converts differences to findings by adding the cause of each. */
export async function addCauses(differences: Difference[]): Promise<Finding[]> {
  if (differences.length === 0) return [];
  const causeOf = await findCauses(differences);
  return differences.map((difference) => ({ ...difference, cause: causeOf(difference) }));
}

/** Finds the drift in one page of Clerk's rows. */
export async function findDrift(table: ReconciledTable, theirs: Row[]): Promise<Finding[]> {
  const ours = await findOurs(
    table,
    theirs.map(({ id }) => id),
  );
  const ahead = theirs.flatMap((row) => {
    const mine = ours.get(row.id);
    return mine && isAhead(mine, row) ? mine : [];
  });
  const edited = await findLocalEdits(table, ahead);
  const differences = theirs.flatMap((row) => {
    const mine = ours.get(row.id);
    if (!mine || !isAhead(mine, row)) return compare(table, mine, row) ?? [];
    const difference = compareAhead(mine, row, edited.has(row.id));
    return difference ? { table, ...difference } : [];
  });
  return addCauses(differences);
}
