import type { ReactNode } from "react";
import { classNames } from "./class-names";
import { Skeleton } from "./skeleton";

export type Column = {
  name: string;
  /** Numbers stand at the right, under each other. */
  isNumber?: boolean;
  /** Left out on narrow screens; what matters of it must be told by another column there. */
  isWideOnly?: boolean;
};

function cellClass({ isNumber, isWideOnly }: Column): string {
  return classNames(
    "px-3 first:pl-4 last:pr-4",
    isNumber && "text-right tabular-nums",
    isWideOnly && "max-md:hidden",
  );
}

/** Scrolls sideways by itself, by keyboard too, when it does not fit. */
export function Table(props: { caption: string; columns: Column[]; children: ReactNode }) {
  const { caption, columns, children } = props;
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-card border border-line bg-surface"
    >
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        <thead className="border-b border-line text-xs text-ink-faint">
          <tr className="h-9">
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={classNames(cellClass(column), "whitespace-nowrap")}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** A row of as many cells as there are columns; the first names it. */
export function TableRow({ columns, cells }: { columns: Column[]; cells: ReactNode[] }) {
  return (
    <tr className="h-9 border-b border-line last:border-b-0 hover:bg-sunken/60">
      {columns.map((column, index) =>
        index === 0 ? (
          <th
            key={column.name}
            scope="row"
            className={classNames(cellClass(column), "py-1.5 font-normal")}
          >
            {cells[index]}
          </th>
        ) : (
          <td key={column.name} className={classNames(cellClass(column), "py-1.5 text-ink-soft")}>
            {cells[index]}
          </td>
        ),
      )}
    </tr>
  );
}

/** The very rows that will come, without their words. */
export function TableSkeleton(props: { caption: string; columns: Column[]; rows: number }) {
  const { caption, columns, rows } = props;
  return (
    <Table caption={caption} columns={columns}>
      {Array.from({ length: rows }, (_, row) => (
        <TableRow
          // biome-ignore lint/suspicious/noArrayIndexKey: rows without identity, never reordered
          key={row}
          columns={columns}
          cells={columns.map(({ name, isNumber }, column) => (
            <Skeleton
              key={name}
              className={classNames(
                "h-3",
                isNumber && "ml-auto",
                column === 0 ? "w-44" : isNumber ? "w-6" : "w-24",
              )}
            />
          ))}
        />
      ))}
    </Table>
  );
}
