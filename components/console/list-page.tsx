import type { ReactNode } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import { formatCount, formatEstimate } from "@/lib/format";

/** The layout of every list in the console: title and count, search and filters, table, pager. */
export function ListPage(props: {
  title: string;
  /** The number of rows; null while it loads. */
  count: number | null;
  /** True if the count is only about right. */
  isCountEstimated?: boolean;
  tools: ReactNode;
  children: ReactNode;
}) {
  const { title, count, isCountEstimated, tools, children } = props;
  return (
    <div className="flex flex-col gap-4">
      <h1 className="flex items-baseline gap-2.5 text-lg">
        {title}
        {count === null ? (
          <Skeleton className="h-4 w-8 self-center" />
        ) : (
          <span className="text-md font-normal text-ink-faint tabular-nums">
            {isCountEstimated ? `about ${formatEstimate(count)}` : formatCount(count)}
          </span>
        )}
      </h1>
      {tools}
      {children}
    </div>
  );
}
