"use client";

import { classNames } from "./class-names";
import { Icon } from "./icon";
import { type CopyState, useCopy } from "./use-copy";

/** Shortens an id in the middle. Keeps the type's prefix and the last characters, by which ids can be distinguished. */
function shorten(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 9)}…${id.slice(-6)}`;
}

/** An id; a click copies it. Shortened in the middle unless `isWhole`. */
export function IdChip({ id, isWhole }: { id: string; isWhole?: boolean }) {
  const shown = isWhole ? id : shorten(id);
  const [copyState, copy] = useCopy(() => id);
  const texts: Record<CopyState, string> = {
    idle: shown,
    copied: "Copied",
    failed: "Not copied",
  };
  return (
    <button
      type="button"
      onClick={copy}
      title={id}
      aria-label={`Copy id ${id}`}
      className={classNames(
        "group -mx-1.5 inline-flex min-h-6 items-center gap-1.5 rounded-control px-1.5 text-left font-mono text-xs text-ink-soft hover:bg-sunken hover:text-ink",
        !isWhole && "whitespace-nowrap",
      )}
    >
      <span className="relative">
        {/* Stays in the layout while hidden, so that the chip keeps its width. */}
        <span className={classNames(copyState !== "idle" && "opacity-0")}>{shown}</span>
        <span role="status" className="absolute inset-0 text-left">
          {copyState !== "idle" && texts[copyState]}
        </span>
      </span>
      <Icon
        name={copyState === "copied" ? "check" : "copy"}
        className={classNames(
          "size-3",
          !isWhole && "opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100",
        )}
      />
    </button>
  );
}
