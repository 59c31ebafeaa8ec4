import type { ReactNode } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import { formatListCount } from "@/lib/format";

/** The number of a list's rows: exact, a lower bound ("over 1,000") or an estimate ("about 12,000"). */
export type ListCount = Parameters<typeof formatListCount>[0];

/** The layout of every list in the console: title and count, search and filters, table, pager. */
export function ListPage(props: {
  title: string;
  /** The number of rows, exact if it is a number; null while it loads. */
  count: ListCount | number | null;
  /** Buttons beside the title. */
  acts?: ReactNode;
  tools: ReactNode;
  children: ReactNode;
}) {
  const { title, count, acts, tools, children } = props;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1 className="flex items-baseline gap-2.5 text-lg">
          {title}
          {count === null ? (
            <Skeleton className="h-4 w-8 self-center" />
          ) : (
            <span className="text-md font-normal text-ink-faint tabular-nums">
              {formatListCount(
                typeof count === "number" ? { number: count, precision: "EXACT" } : count,
              )}
            </span>
          )}
        </h1>
        {acts && <div className="flex flex-wrap gap-2">{acts}</div>}
      </div>
      {tools}
      {children}
    </div>
  );
}
