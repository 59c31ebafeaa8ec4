"use client";

import { useEffect, useRef } from "react";
import { select, useSelection } from "./selection";

const boxClass = "block size-4 accent-[var(--rc-accent)]";

/** The checkbox of a row. The key `x` toggles the checkbox of the current row. */
export function RowSelection({ path, id, label }: { path: string; id: string; label: string }) {
  const isSelected = useSelection(path).has(id);
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={isSelected}
      onChange={({ target }) => select(path, [id], target.checked)}
      className={boxClass}
    />
  );
}

/** The checkbox in a list's head: selects or deselects all rows of this page. Shows a dash while some of them are selected. */
export function PageSelection({ path, ids }: { path: string; ids: string[] }) {
  const selected = useSelection(path);
  const count = ids.filter((id) => selected.has(id)).length;
  const isPartial = count > 0 && count < ids.length;
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = isPartial;
  }, [isPartial]);
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label="Select this page"
      checked={count > 0 && !isPartial}
      disabled={ids.length === 0}
      onChange={() => select(path, ids, count < ids.length)}
      className={boxClass}
    />
  );
}
