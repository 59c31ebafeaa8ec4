/** One table of the archive of a user's data. */

/** Columns that the archive has as another value (an SQL expression on the row `t`), or not at all (null). */
export type ReplacedColumns = Record<string, string | null>;

export type PersonalTable = {
  title: string;
  /** What the rows are, for their reader. */
  about: string;
  /** An SQL condition on the row `t`. `$1` is the user's id. */
  where: string;
  /** The primary key, in the order of the rows. */
  key: readonly [string, ...string[]];
  columns?: ReplacedColumns;
  /** How many rows are read at once. A small number for large rows. */
  pageSize?: number;
  /** Changes the JSON of a row before it is written. */
  restore?: (json: string) => string;
};
