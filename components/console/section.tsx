import { type ReactNode, useId } from "react";
import { formatCount } from "@/lib/format";

/** A part of a detail page: its heading, its count if it is a list, and its content. */
export function Section(props: {
  title: string;
  count?: number | undefined;
  /** Shown at the end of the heading's line. */
  action?: ReactNode;
  children: ReactNode;
}) {
  const { title, count, action, children } = props;
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <div className="flex items-baseline justify-between gap-4">
        <h2 id={id} className="flex items-baseline gap-2 text-base">
          {title}
          {count !== undefined && (
            <span className="text-md font-normal text-ink-faint tabular-nums">
              {formatCount(count)}
            </span>
          )}
        </h2>
        {action}
      </div>
      {children}
    </section>
  );
}
