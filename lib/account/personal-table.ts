/** The description of one table in a user's data archive. */

/** For each column: the SQL expression (on the row `t`) that replaces its value in the data archive, or null to leave it out. */
export type ReplacedColumns = Record<string, string | null>;

export type PersonalTable = {
  title: string;
  /** A sentence for the user that says what the rows are. */
  about: string;
  /** An SQL condition on the row `t`. `$1` is the user's id. */
  where: string;
  /** The columns of the primary key. The rows are read in this order. */
  key: readonly [string, ...string[]];
  columns?: ReplacedColumns;
  /** The number of rows read at once. Choose a small number for large rows. */
  pageSize?: number;
  /** Changes the JSON text of a row before it is written to the zip file. */
  restore?: (json: string) => string;
};
