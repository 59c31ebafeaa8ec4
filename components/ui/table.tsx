import type { ReactNode } from "react";
import { classNames } from "./class-names";
import { Icon } from "./icon";
import { Link } from "./link";
import { ListFrame, type ListRow } from "./list-frame";
import { PageSelection, RowSelection } from "./row-selection";
import { Skeleton } from "./skeleton";

/** One column of a table: its header, the cell for a row, and the cell's placeholder while rows load. */
export type Column<Row> = {
  header: string;
  /** The API's order field for this column, such as `NAME`. Without it, the list cannot be sorted by this column. */
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
  /** Hidden until the user chooses this column. */
  isOptional?: boolean;
  /** Always the last column, whatever is chosen: the menu of a row. */
  isMenu?: boolean;
};

/**
 * How a table is sorted. `field` is the `sort` of the column that sorts it. `hrefOf` returns the URL that sorts by a given field,
 * or null if the list cannot be sorted by it.
 */
export type Sorting = {
  field: string;
  direction: "ASC" | "DESC";
  hrefOf: (field: string) => string | null;
};

/** How a list's table is shown. It comes from the list's URL. */
export type TableLayout = {
  /** The list's path. The selected rows of all pages of the list are stored under it. */
  path: string;
  /**
   * Identifies what the user requested: the list's URL parameters without the side sheet. If rows change while this key stays the
   * same, the data itself has changed.
   */
  requestKey: string;
  /**
   * The ids of the chosen columns, in their order, without the first column, which is always shown. Null for the default columns.
   */
  columns: string[] | null;
  isCompact: boolean;
  /** Returns the URL that shows a row in the side sheet. Null if the list has no side sheet. */
  sheetHrefOf: ((id: string) => string) | null;
  /** The id of the row in the side sheet; null while the side sheet is closed. */
  shownId: string | null;
};

export type ColumnChoice = { id: string; label: string; isOptional: boolean };

/** Returns the id of a column in a URL, such as "last-active". */
const columnId = (header: string) => header.toLowerCase().replaceAll(" ", "-");

/** Returns the columns that can be chosen for a list: all columns except the first, which names the row and is always shown. */
export function columnChoices<Row>(columns: Column<Row>[]): ColumnChoice[] {
  return columns
    .slice(1)
    .filter(({ isMenu }) => !isMenu)
    .map(({ header, isOptional = false }) => ({
      id: columnId(header),
      label: header,
      isOptional,
    }));
}

function shownColumns<Row>(columns: Column<Row>[], chosen: string[] | null): Column<Row>[] {
  if (!chosen) return columns.filter(({ isOptional }) => !isOptional);
  const [first] = columns;
  const others = chosen.flatMap(
    (id) => columns.slice(1).find(({ header, isMenu }) => !isMenu && columnId(header) === id) ?? [],
  );
  return [...(first ? [first] : []), ...others, ...columns.filter(({ isMenu }) => isMenu)];
}

type HeadProps<Row> = { caption: string; columns: Column<Row>[]; sorting?: Sorting };

function cellClass<Row>({ isRightAligned, isWideOnly }: Column<Row>): string {
  return classNames(
    "px-3 first:pl-4 last:pr-4",
    isRightAligned && "text-right tabular-nums",
    isWideOnly && "max-md:hidden",
  );
}

/** Returns a short hash (FNV-1a) of a row's data. The browser compares the hashes to detect changed rows. */
function markOf(row: unknown): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(row))
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}

export function Table<Row>(
  props: HeadProps<Row> & {
    rows: readonly Row[];
    keyOf: (row: Row) => string;
    /** Only for the table of a list: with a layout, rows can be selected, opened in the side sheet, and reached by keys. */
    layout?: TableLayout | undefined;
    /** The name of a row, for the label of its checkbox. */
    nameOf?: (row: Row) => string | null;
  },
) {
  const { caption, rows, keyOf, sorting, layout, nameOf } = props;
  const columns = shownColumns(props.columns, layout?.columns ?? null);
  if (!layout) {
    return (
      <Frame caption={caption} columns={columns} sorting={sorting}>
        {rows.map((row) => (
          <TableRow key={keyOf(row)} columns={columns} cellOf={({ cell }) => cell(row)} />
        ))}
      </Frame>
    );
  }
  const listRows = rows.map((row): ListRow => {
    const id = keyOf(row);
    return {
      id,
      mark: markOf(row),
      row: (
        <TableRow
          key={id}
          columns={columns}
          cellOf={({ cell }) => cell(row)}
          isCompact={layout.isCompact}
          leading={
            <RowSelection path={layout.path} id={id} label={`Select ${nameOf?.(row) ?? id}`} />
          }
          attributes={{
            "data-row": id,
            ...(layout.sheetHrefOf && { "data-sheet": layout.sheetHrefOf(id) }),
            "aria-current": layout.shownId === id ? "true" : undefined,
          }}
        />
      ),
    };
  });
  return (
    <ListFrame
      caption={caption}
      path={layout.path}
      requestKey={layout.requestKey}
      head={
        <Head
          columns={columns}
          sorting={sorting}
          selection={<PageSelection path={layout.path} ids={listRows.map(({ id }) => id)} />}
        />
      }
      rows={listRows}
    />
  );
}

/** The table while its rows load, with as many placeholder rows as are expected. */
export function TableSkeleton<Row>(
  props: HeadProps<Row> & { rowCount: number; isSelectable?: boolean },
) {
  const { caption, rowCount, isSelectable } = props;
  const columns = shownColumns(props.columns, null);
  return (
    <Frame caption={caption} columns={columns} isSelectable={isSelectable}>
      {Array.from({ length: rowCount }, (_, row) => (
        <TableRow
          // biome-ignore lint/suspicious/noArrayIndexKey: rows without identity, never reordered
          key={row}
          columns={columns}
          cellOf={skeletonOf}
          leading={isSelectable && <Skeleton className="size-4" />}
        />
      ))}
    </Frame>
  );
}

function skeletonOf<Row>({ skeleton, isRightAligned }: Column<Row>): ReactNode {
  return skeleton ?? <Skeleton className={classNames("h-3 w-2/3", isRightAligned && "ml-auto")} />;
}

/** The table's frame. Scrolls sideways, also by keyboard, when the columns do not fit. */
function Frame<Row>(
  props: HeadProps<Row> & { children: ReactNode; isSelectable?: boolean | undefined },
) {
  const { caption, columns, sorting, isSelectable, children } = props;
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative overflow-x-auto rounded-card border border-line bg-surface"
    >
      <table className="w-full table-fixed border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        <Head
          columns={columns}
          sorting={sorting}
          selection={isSelectable && <Skeleton className="size-4" />}
        />
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function Head<Row>(props: Omit<HeadProps<Row>, "caption"> & { selection?: ReactNode }) {
  const { columns, sorting, selection } = props;
  return (
    // The line below the head is a shadow: with collapsed borders, a border does not move with a sticky head.
    <thead className="sticky top-[var(--head-top,0)] z-[5] text-xs [&_:is(td,th)]:bg-surface text-ink-faint shadow-[inset_0_-1px_0_var(--rc-line)] [&_:is(td,th):first-child]:rounded-tl-card [&_th:last-child]:rounded-tr-card">
      <tr className="h-9">
        {selection && <td className="w-10 pl-4">{selection}</td>}
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
  );
}

const isSortedBy = <Row,>({ sort }: Column<Row>, sorting: Sorting | undefined) =>
  sort !== undefined && sorting?.field === sort;

function ariaSortOf<Row>(column: Column<Row>, sorting: Sorting | undefined) {
  if (!isSortedBy(column, sorting)) return undefined;
  return sorting?.direction === "ASC" ? "ascending" : "descending";
}

/**
 * The header of a column that sorts the list is a link: the first click sorts by the column, the next click reverses the order.
 */
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

/**
 * A table row. The cell of the first column is the row's header (`th`). In a selectable row, the cell `leading` comes before it
 * and holds the checkbox.
 */
function TableRow<Row>(props: {
  columns: Column<Row>[];
  cellOf: (column: Column<Row>) => ReactNode;
  isCompact?: boolean;
  leading?: ReactNode;
  attributes?: Record<`data-${string}`, string> & { "aria-current"?: "true" | undefined };
}) {
  const { columns, cellOf, isCompact = false, leading, attributes } = props;
  const space = isCompact ? "py-0.5" : "py-1.5";
  return (
    <tr
      {...attributes}
      className={classNames(
        isCompact ? "h-7" : "h-9",
        "border-b border-line last:border-b-0 hover:bg-sunken/60",
        attributes &&
          "scroll-mt-28 cursor-default outline-offset-[-2px] transition-colors has-checked:bg-accent-quiet aria-[current]:bg-sunken data-live:bg-good-quiet",
      )}
    >
      {leading && <td className="w-10 pl-4">{leading}</td>}
      {columns.map((column, index) =>
        index === 0 ? (
          <th
            key={column.header}
            scope="row"
            className={classNames(cellClass(column), space, "font-normal")}
          >
            {cellOf(column)}
          </th>
        ) : (
          <td key={column.header} className={classNames(cellClass(column), space, "text-ink-soft")}>
            {cellOf(column)}
          </td>
        ),
      )}
    </tr>
  );
}
