"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef } from "react";
import { Icon } from "./icon";
import { isTyping } from "./is-typing";
import { Link } from "./link";

/**
 * A panel at the right edge that shows one row of a list, while the list stays usable. Its state is in the URL: `closeHref` is
 * the list's URL without the panel. Escape closes the panel and gives the focus back to the row.
 */
export function SideSheet(props: {
  rowId: string;
  title: string;
  closeHref: string;
  children: ReactNode;
}) {
  const { rowId, title, closeHref, children } = props;
  const router = useRouter();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (rowId) panel.current?.focus();
  }, [rowId]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      const row = document.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(rowId)}"]`);
      row?.focus({ preventScroll: true });
      router.push(closeHref, { scroll: false });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router, closeHref, rowId]);
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={title}
      className="fixed inset-y-0 right-0 z-20 flex w-full max-w-md animate-arrive flex-col border-l border-line bg-surface shadow-float outline-none"
    >
      <div className="flex min-h-14 items-center gap-3 border-b border-line px-5 py-2">
        <h2 dir="auto" className="min-w-0 flex-1 truncate text-base">
          {title}
        </h2>
        <Link
          href={closeHref}
          scroll={false}
          aria-label="Close"
          className="-mr-1.5 flex size-8 items-center justify-center rounded-control text-ink-soft hover:bg-sunken hover:text-ink"
        >
          <Icon name="close" className="size-4" />
        </Link>
      </div>
      <div className="flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto px-5 py-4">{children}</div>
    </aside>
  );
}

/** Labelled values in a side sheet, one per line. */
export function SheetFacts({ children }: { children: ReactNode }) {
  return <dl className="flex flex-col [&>div:last-child]:border-b-0">{children}</dl>;
}
