import type { ReactNode } from "react";
import { classNames } from "./class-names";
import { Icon } from "./icon";
import { Link } from "./link";
import { Skeleton } from "./skeleton";

/** One column of a table: its header, the cell for a row, and the cell's placeholder while rows load. */
export type Column<Row> = {
  header: string;
  /** The order field by which this column sorts the list. */
  sort?: string;
  /**
   * Width classes, like "w-40". The widths of all columns add up to the table's least width; the space left over is
   * shared out in proportion. Content does not change them, so loading rows does not move a column.
   */
  width: string;
  cell: (row: Row) => ReactNode;
  /** What the cell shows while rows load. The default is a bar of two thirds of the column's width. */
  skeleton?: ReactNode;
  /** Right-aligned, with digits of equal width. */
  isRightAligned?: boolean;
  /** Hidden on narrow screens. There another column must show its important content. */
  isWideOnly?: boolean;
};

/** The current order of a table by a column's `sort`. `hrefOf` returns a column's sort link; null if the column cannot sort. */
export type Sorting = {
  field: string;
  direction: "ASC" | "DESC";
  hrefOf: (field: string) => string | null;
};

type HeadProps<Row> = { caption: string; columns: Column<Row>[]; sorting?: Sorting };

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
  const { caption, columns, rows, keyOf, sorting } = props;
  return (
    <Frame caption={caption} columns={columns} sorting={sorting}>
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

/** The table's frame. Scrolls sideways, also by keyboard, when the columns do not fit. */
function Frame<Row>(props: HeadProps<Row> & { children: ReactNode }) {
  const { caption, columns, sorting, children } = props;
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
                aria-sort={ariaSortOf(column, sorting)}
                className={classNames(cellClass(column), column.width, "whitespace-nowrap")}
              >
                <Header column={column} sorting={sorting} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

const isSortedBy = <Row,>({ sort }: Column<Row>, sorting: Sorting | undefined) =>
  sort !== undefined && sorting?.field === sort;

function ariaSortOf<Row>(column: Column<Row>, sorting: Sorting | undefined) {
  if (!isSortedBy(column, sorting)) return undefined;
  return sorting?.direction === "ASC" ? "ascending" : "descending";
}

/** A column that sorts the list is a link: the first click sorts by it, the next one reverses the order. */
function Header<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const href = column.sort === undefined ? null : sorting?.hrefOf(column.sort);
  if (!href) return column.header;
  return (
    <Link
      href={href}
      className="-mx-1 inline-flex h-6 items-center gap-1 rounded-control px-1 hover:text-ink"
    >
      {column.header}
      {isSortedBy(column, sorting) && (
        <Icon name={sorting?.direction === "ASC" ? "arrowUp" : "arrowDown"} className="size-3" />
      )}
    </Link>
  );
}

/** A row whose first cell is its header (`th`). */
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
