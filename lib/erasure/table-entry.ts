/** The shape of the registry: what happens to each column of a table when a person or an organization is erased. */
import type { Prisma } from "../generated/prisma/client";

/**
 * - `not personal`: says nothing about a person.
 * - `erased`: deleted with its row, or emptied.
 * - `pseudonym`: an id that names nobody once everything else is erased. See docs/decisions/022-erased-users-keep-their-id.md.
 * - `archived`: kept for a legal reason, for a time.
 */
export type Verdict = "not personal" | "erased" | "pseudonym" | { archived: Basis };

/** Why data outlives its person, and for how long. */
export type Basis = { name: string; years: number };

export type TableEntry<Column extends string = string> = {
  /** The SQL name, with its schema when that is not the app's. */
  table: string;
  /** What the table holds, for docs/privacy.md. */
  holds: string;
  /**
   * SQL conditions on `t` that find the rows of a person and of an organization. `subject` is {@link subjectSql} in
   * `subject.ts`. Missing when no row belongs to one.
   */
  user?: string;
  organization?: string;
  /** An erasure deletes these rows. Otherwise it keeps them, and empties their erased columns. */
  isDeleted?: true;
  /** The SET list that empties the rows that an erasure keeps, for a table outside the mirror. */
  emptiedBy?: string;
  columns: Record<Column, Verdict>;
};

type Models = Prisma.TypeMap["model"];

/** The SQL name of a Prisma field: `isBanned` is `is_banned`. */
type SqlName<Field extends string> = Field extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${SqlName<Rest>}`
  : "";

type ColumnOf<Model extends keyof Models> = SqlName<
  Extract<keyof Models[Model]["payload"]["scalars"], string>
>;

/** The view that has no data of its own. */
type View = "OrganizationSize";

/** One entry for each model of Prisma's schema, with exactly its columns: a missing or removed column does not compile. */
export type ModelEntries<Model extends keyof Models = Exclude<keyof Models, View>> = {
  [M in Model]: TableEntry<ColumnOf<M>>;
};
