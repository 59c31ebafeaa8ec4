/** Compares what Clerk says with what we have, field by field, and says why they differ where that can be known. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { database } from "../db";
import type { ReconciledTable, Row } from "./clerk-lists";
import { columns } from "./columns";
import { relaxed } from "./relaxed";

export type Kind = "missing" | "stale" | "different" | "extra";
export type Cause = "event never came" | "event failed" | "local edit" | "equal stamps" | "unknown";
type Fields = Record<string, { ours: unknown; theirs: unknown }>;
export type Finding = {
  kind: Kind;
  table: ReconciledTable;
  id: string;
  fields: Fields;
  cause: Cause;
  /** A tombstone of ours that Clerk knows alive is shown, never raised: deletion is final. */
  isRepairable: boolean;
};

const oursShape = z.object({
  id: z.string(),
  deleted: z.boolean(),
  version: z.number(),
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
      FROM ${relaxed}, unnest($1::text[]) AS met(id) ON CONFLICT DO NOTHING
    )
    SELECT t.id, t.deleted, t.version::float8 AS version, jsonb_build_object(${content.join(", ")}) AS content
    FROM ${table} t WHERE t.id = ANY($1::text[])`;
}

/** Also notes that a run has met these ids. */
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
  const wanted = new Map(Object.entries(theirs));
  const differing = Object.keys(columns[table]).filter(
    (name) => !isDeepStrictEqual(content[name] ?? null, wanted.get(name) ?? null),
  );
  return Object.fromEntries(
    differing.map((name) => [
      name,
      { ours: content[name] ?? null, theirs: wanted.get(name) ?? null },
    ]),
  );
}

type Difference = Omit<Finding, "cause">;

function compare(table: ReconciledTable, ours: Ours | undefined, theirs: Row): Difference | null {
  const about = { table, id: theirs.id, isRepairable: true };
  if (!ours || (ours.version === 0 && !ours.deleted))
    return { ...about, kind: "missing", fields: {} };
  if (ours.deleted) {
    const fields = { deleted: { ours: true, theirs: false } };
    return { ...about, kind: "different", fields, isRepairable: false };
  }
  // A webhook was faster than the list.
  if (ours.version > theirs.version) return null;
  const fields = fieldsOf(table, ours.content, theirs);
  if (ours.version < theirs.version) return { ...about, kind: "stale", fields };
  return Object.keys(fields).length > 0 ? { ...about, kind: "different", fields } : null;
}

const failedOutcomes = ["pending", "dead", "quarantined", "unreadable"];

/** What the inbox and the history know of these objects. */
async function findCauses(differences: Difference[]): Promise<(difference: Difference) => Cause> {
  const { prisma } = database();
  const ids = differences.map(({ id }) => id);
  const failed = await prisma.delivery.findMany({
    where: { objectId: { in: ids }, outcome: { in: failedOutcomes } },
    select: { objectId: true },
    distinct: ["objectId"],
  });
  const hasFailed = new Set(failed.map(({ objectId }) => objectId));
  const contested = differences.filter(({ kind }) => kind === "different").map(({ id }) => id);
  const versions = contested.length
    ? await prisma.version.findMany({ where: { objectId: { in: contested }, isLate: false } })
    : [];
  const anObject = z.record(z.string(), z.unknown());
  const saidBefore = ({ id, fields }: Difference) =>
    versions.some(({ objectId, state }) => {
      const said = objectId === id ? anObject.safeParse(state).data : undefined;
      return (
        said !== undefined &&
        Object.entries(fields).every(([name, { theirs }]) =>
          isDeepStrictEqual(said[name] ?? null, theirs),
        )
      );
    });
  return (difference) => {
    if (hasFailed.has(difference.id)) return "event failed";
    if (difference.kind !== "different") return "event never came";
    if (!difference.isRepairable) return "unknown";
    // Clerk's words were applied here once, and are not here now.
    return saidBefore(difference) ? "local edit" : "equal stamps";
  };
}

/** Adds the cause to each. */
export async function explain(differences: Difference[]): Promise<Finding[]> {
  if (differences.length === 0) return [];
  const causeOf = await findCauses(differences);
  return differences.map((difference) => ({ ...difference, cause: causeOf(difference) }));
}

/** The drift among the rows of one page. */
export async function findDrift(table: ReconciledTable, theirs: Row[]): Promise<Finding[]> {
  const ids = theirs.map(({ id }) => id);
  const ours = await findOurs(table, ids);
  return explain(theirs.flatMap((row) => compare(table, ours.get(row.id), row) ?? []));
}
