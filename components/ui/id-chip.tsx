"use client";

import { useEffect, useState } from "react";
import { classNames } from "./class-names";
import { Icon } from "./icon";

type Copying = "idle" | "copied" | "failed";

/** What tells two ids apart is at their ends: the type's prefix and the last characters. */
function shorten(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 9)}…${id.slice(-6)}`;
}

/** An id, shortened in the middle unless there is room for all of it, and copied whole by a click. */
export function IdChip({ id, isWhole }: { id: string; isWhole?: boolean }) {
  const shown = isWhole ? id : shorten(id);
  const [copying, setCopying] = useState<Copying>("idle");
  useEffect(() => {
    if (copying === "idle") return;
    const timer = setTimeout(() => setCopying("idle"), 2000);
    return () => clearTimeout(timer);
  }, [copying]);
  const copy = () =>
    navigator.clipboard.writeText(id).then(
      () => setCopying("copied"),
      () => setCopying("failed"),
    );
  const says: Record<Copying, string> = {
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
        {/* Keeps the width, so that nothing beside it moves while it says something else. */}
        <span className={classNames(copying !== "idle" && "opacity-0")}>{shown}</span>
        <span role="status" className="absolute inset-0 text-left">
          {copying !== "idle" && says[copying]}
        </span>
      </span>
      <Icon
        name={copying === "copied" ? "check" : "copy"}
        className={classNames(
          "size-3",
          !isWhole && "opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100",
        )}
      />
    </button>
  );
}
