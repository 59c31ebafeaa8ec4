"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { classNames } from "./class-names";
import { Link } from "./link";
import type { TabLink } from "./tab-links";

const tabId = (name: string) => `tab-${name}`;
const panelId = (name: string) => `tab-panel-${name}`;

/** Returns the index to which a key moves the focus, or null for any other key. Wraps around at both ends. */
function targetIndex(key: string, index: number, count: number): number | null {
  if (key === "ArrowRight") return (index + 1) % count;
  if (key === "ArrowLeft") return (index - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}

/**
 * Tabs that are links, so that the URL names the current tab. Together they are one tab stop: the arrow keys, Home and End move
 * the focus, and Enter opens a tab. Make the links with `tabLinks` on the server, and render {@link TabPanel} below.
 */
export function Tabs({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: TabLink[];
  current: string;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Scrolls the current tab into view: on a narrow screen, the row of tabs scrolls and may hide it.
    const selected = document.getElementById(tabId(current));
    const row = list.current;
    if (!selected || !row) return;
    const overflow = selected.offsetLeft + selected.offsetWidth - row.clientWidth;
    if (overflow > row.scrollLeft) row.scrollLeft = overflow;
  }, [current]);
  const onKeyDown = (event: KeyboardEvent<HTMLAnchorElement>, index: number) => {
    const target = targetIndex(event.key, index, tabs.length);
    const name = target === null ? undefined : tabs[target]?.name;
    if (name === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    document.getElementById(tabId(name))?.focus();
  };
  return (
    <div
      ref={list}
      role="tablist"
      aria-label={label}
      className="relative flex gap-1 overflow-x-auto border-b border-line"
    >
      {tabs.map(({ name, label: text, count, href }, index) => {
        const isCurrent = name === current;
        return (
          <Link
            key={name}
            id={tabId(name)}
            role="tab"
            href={href}
            scroll={false}
            aria-selected={isCurrent}
            aria-controls={isCurrent ? panelId(name) : undefined}
            tabIndex={isCurrent ? 0 : -1}
            onKeyDown={(event) => onKeyDown(event, index)}
            className={classNames(
              "flex h-9 items-center gap-1.5 border-b-2 px-2.5 whitespace-nowrap focus-visible:-outline-offset-2",
              isCurrent
                ? "border-accent font-strong text-ink"
                : "border-transparent text-ink-soft hover:text-ink",
            )}
          >
            {text}
            {count !== undefined && (
              <span className="text-xs font-normal text-ink-faint tabular-nums">
                {count.toLocaleString("en")}
              </span>
            )}
          </Link>
        );
      })}
    </div>
  );
}

/** The content of the current tab. */
export function TabPanel({ current, children }: { current: string; children: ReactNode }) {
  return (
    <div
      role="tabpanel"
      id={panelId(current)}
      aria-labelledby={tabId(current)}
      className="flex flex-col gap-6"
    >
      {children}
    </div>
  );
}
