import type { ReactNode } from "react";
import { classNames } from "./class-names";
import { Skeleton } from "./skeleton";

/** A column with its header, its cell for a row, and the shape of the cell while rows load. */
export type Column<Row> = {
  header: string;
  /**
   * Width classes, like "w-40". The widths of all columns add up to the table's least width; the space left over is
   * shared out in proportion. Content does not change them, so loading rows does not move a column.
   */
  width: string;
  cell: (row: Row) => ReactNode;
  /** Two thirds of the column unless given. */
  skeleton?: ReactNode;
  /** Right-aligned, with digits of equal width. */
  isRightAligned?: boolean;
  /** Hidden on narrow screens. Another column must show there what is important of it. */
  isWideOnly?: boolean;
};

type HeadProps<Row> = { caption: string; columns: Column<Row>[] };

function cellClass<Row>({ isRightAligned, isWideOnly }: Column<Row>): string {
  return classNames(
    "px-3 first:pl-4 last:pr-4",
    isRightAligned && "text-right tabular-nums",
    isWideOnly && "max-md:hidden",
  );
}

export function Table<Row>(
  props: HeadProps<Row> & { rows: readonly Row[]; keyOf: (row: Row) => string },
) {
  const { caption, columns, rows, keyOf } = props;
  return (
    <Frame caption={caption} columns={columns}>
      {rows.map((row) => (
        <TableRow key={keyOf(row)} columns={columns} cellOf={({ cell }) => cell(row)} />
      ))}
    </Frame>
  );
}

/** The table while its rows load, with as many placeholder rows as are expected. */
export function TableSkeleton<Row>(props: HeadProps<Row> & { rowCount: number }) {
  const { caption, columns, rowCount } = props;
  return (
    <Frame caption={caption} columns={columns}>
      {Array.from({ length: rowCount }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without identity, never reordered
        <TableRow key={row} columns={columns} cellOf={skeletonOf} />
      ))}
    </Frame>
  );
}

function skeletonOf<Row>({ skeleton, isRightAligned }: Column<Row>): ReactNode {
  return skeleton ?? <Skeleton className={classNames("h-3 w-2/3", isRightAligned && "ml-auto")} />;
}

/** Scrolls sideways when the columns do not fit, by keyboard too. */
function Frame<Row>(props: HeadProps<Row> & { children: ReactNode }) {
  const { caption, columns, children } = props;
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-card border border-line bg-surface"
    >
      <table className="w-full table-fixed border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        <thead className="border-b border-line text-xs text-ink-faint">
          <tr className="h-9">
            {columns.map((column) => (
              <th
                key={column.header}
                scope="col"
                className={classNames(cellClass(column), column.width, "whitespace-nowrap")}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** The first cell names the row. */
function TableRow<Row>(props: {
  columns: Column<Row>[];
  cellOf: (column: Column<Row>) => ReactNode;
}) {
  const { columns, cellOf } = props;
  return (
    <tr className="h-9 border-b border-line last:border-b-0 hover:bg-sunken/60">
      {columns.map((column, index) =>
        index === 0 ? (
          <th
            key={column.header}
            scope="row"
            className={classNames(cellClass(column), "py-1.5 font-normal")}
          >
            {cellOf(column)}
          </th>
        ) : (
          <td key={column.header} className={classNames(cellClass(column), "py-1.5 text-ink-soft")}>
            {cellOf(column)}
          </td>
        ),
      )}
    </tr>
  );
}
