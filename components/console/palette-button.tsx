"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { Icon } from "@/components/ui/icon";

const Palette = dynamic(() => import("./palette").then((file) => file.Palette));

/**
 * The button that opens the console's search dialog. ⌘K or Ctrl-K opens and closes the dialog too. The dialog is loaded when it
 * is first opened.
 */
export function PaletteButton() {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey)
        return;
      event.preventDefault();
      setIsOpen((open) => !open);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <button
        type="button"
        onClick={() => setIsOpen(true)}
        aria-label="Search the console"
        aria-keyshortcuts="Meta+K Control+K"
        className="flex h-8 shrink-0 items-center gap-2 rounded-control px-2 text-xs text-ink-soft hover:bg-sunken hover:text-ink"
      >
        <Icon name="search" className="size-4" />
        <kbd className="rounded-[0.25rem] border border-line px-1.5 font-mono text-ink-faint max-md:hidden">
          ⌘K
        </kbd>
      </button>
      {isOpen && <Palette onClose={() => setIsOpen(false)} />}
    </>
  );
}
