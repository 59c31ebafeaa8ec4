/** The shape of the registry: what happens to each column of a table when a person or an organization is erased. */
import type { Prisma } from "../generated/prisma/client";

/**
 * What an erasure does with a column.
 * - `not personal`: says nothing about a person.
 * - `erased`: deleted with its row, or emptied.
 * - `pseudonym`: an id that no longer leads to a person. See docs/decisions/022-erased-users-keep-their-id.md.
 * - `archived`: kept for a legal reason, for the years of its basis.
 */
export type Verdict = "not personal" | "erased" | "pseudonym" | { archived: Basis };

/** The legal reason for which data is kept after an erasure. `retentionYears` in archive.ts says for how many years. */
export type Basis = "purchases";

export type TableEntry<Column extends string = string> = {
  /** The SQL name of the table. Includes the schema if the table is not in the app's schema. */
  table: string;
  /** Sentences that describe the rows of the table, for docs/privacy.md. */
  holds: string;
  /**
   * SQL conditions on `t` that find the rows of a user (`user`) or of an organization. `subject` is {@link subjectSql} in
   * `subject.ts`. Undefined if no row belongs to a user or an organization.
   */
  user?: string;
  organization?: string;
  /** True if an erasure deletes the rows. Otherwise it keeps them and empties their erased columns. */
  isDeleted?: true;
  /** For a table outside the mirror that keeps its rows: the SET list that empties the erased columns. */
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

/** An entry for each model of Prisma's schema, with exactly its columns: a missing or removed column does not compile. */
export type ModelEntries<Model extends keyof Models = keyof Models> = {
  [M in Model]: TableEntry<ColumnOf<M>>;
};
