"use client";

import { select, useSelection } from "./selection";

/** The checkbox of a row. The key `x` toggles the checkbox of the current row. */
export function RowSelection({ path, id, label }: { path: string; id: string; label: string }) {
  const isSelected = useSelection(path).has(id);
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={isSelected}
      onChange={({ target }) => select(path, [id], target.checked)}
      className="block size-4 accent-[var(--rc-accent)]"
    />
  );
}
