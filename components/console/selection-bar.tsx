"use client";

import { Button } from "@/components/ui/button";
import { clearSelection, select, useSelection } from "@/components/ui/selection";
import { formatCount } from "@/lib/format";

/**
 * Shows how many rows of a list are selected, on this page and on other pages. Stays at the bottom of the window while rows are
 * selected.
 */
export function SelectionBar(props: { path: string; what: string; pageIds: string[] }) {
  const { path, what, pageIds } = props;
  const selected = useSelection(path);
  if (selected.size === 0) return null;
  const here = pageIds.filter((id) => selected.has(id)).length;
  const elsewhere = selected.size - here;
  return (
    <section
      aria-label="Selection"
      className="sticky bottom-4 z-10 mx-auto flex min-h-11 max-w-full flex-wrap items-center gap-2 rounded-card border border-line bg-surface px-4 py-1.5 shadow-float"
    >
      <p role="status" className="mr-2 tabular-nums">
        {formatCount(selected.size)} {what} selected
        {elsewhere > 0 && (
          <span className="text-ink-faint"> · {formatCount(elsewhere)} on other pages</span>
        )}
      </p>
      {here < pageIds.length && (
        <Button variant="quiet" onClick={() => select(path, pageIds, true)}>
          Select this page
        </Button>
      )}
      <Button variant="quiet" onClick={() => clearSelection(path)}>
        Clear
      </Button>
    </section>
  );
}
