"use client";

/**
 * The keys of a list: j and k move from row to row, Enter opens the row in the side sheet, x selects it. Tab stops only at the
 * current row. Inside that row, the left and right arrow keys reach its links and buttons.
 */
import { useRouter } from "next/navigation";
import { type RefObject, useEffect } from "react";
import { isTyping } from "./is-typing";

const CONTROLS = "a, button, input";

function rowsOf(frame: Element): HTMLElement[] {
  return [...frame.querySelectorAll<HTMLElement>("tr[data-row]")];
}

/** Makes `current` the only row of the table that Tab reaches. */
function setTabStop(frame: Element, current: HTMLElement | undefined) {
  for (const row of rowsOf(frame)) {
    row.tabIndex = row === current ? 0 : -1;
    for (const control of row.querySelectorAll<HTMLElement>(CONTROLS)) control.tabIndex = -1;
  }
}

function moveInRow(row: HTMLElement, step: 1 | -1) {
  const stops = [row, ...row.querySelectorAll<HTMLElement>(CONTROLS)].filter(
    (stop) => stop.getClientRects().length > 0,
  );
  const focused = stops.findIndex((stop) => stop.matches(":focus"));
  const next = stops[focused + step];
  next?.focus();
}

function currentRow(frame: Element): HTMLElement | null {
  const focused = document.activeElement?.closest<HTMLElement>("tr[data-row]");
  return focused && frame.contains(focused) ? focused : null;
}

function moveTo(frame: Element, row: HTMLElement | undefined) {
  if (!row) return;
  setTabStop(frame, row);
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/**
 * Focuses and clicks the page's control for a shortcut key, such as `e` for the export, so that Tab leads into what it opens. Returns
 * false if the page has no such control.
 */
function clickShortcut(key: string): boolean {
  const control = document.querySelector<HTMLElement>(`[data-shortcut="${CSS.escape(key)}"]`);
  control?.focus();
  control?.click();
  return control !== null;
}

/** Handles a key. Returns true if the key is one of the list's keys. */
function handle(frame: Element, event: KeyboardEvent, open: (href: string) => void): boolean {
  const row = currentRow(frame);
  const isInTable = row !== null;
  const { key } = event;
  if (key === "j" || key === "k" || (isInTable && /^Arrow(Down|Up)$/.test(key))) {
    const rows = rowsOf(frame);
    const last = row ?? rows.find((each) => each.tabIndex === 0 && each.dataset.visited);
    const step = key === "j" || key === "ArrowDown" ? 1 : -1;
    const next = last ? rows[rows.indexOf(last) + step] : rows[0];
    if (next) next.dataset.visited = "";
    moveTo(frame, next);
    return true;
  }
  if (key === "e" || key === "?") return clickShortcut(key);
  if (!row) return false;
  if (key === "ArrowRight" || key === "ArrowLeft") {
    moveInRow(row, key === "ArrowRight" ? 1 : -1);
    return true;
  }
  if (key === "x") {
    row.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
    return true;
  }
  const href = row.dataset.sheet;
  if (key === "Enter" && document.activeElement === row) {
    if (href) open(href);
    else row.querySelector("a")?.click();
    return true;
  }
  return false;
}

export function useListKeys(frame: RefObject<HTMLElement | null>, rowCount: number): void {
  const router = useRouter();
  // React does not set the `tabindex` of rows, so new rows do not have one yet.
  useEffect(() => {
    const element = frame.current;
    if (!element || rowCount === 0) return;
    const rows = rowsOf(element);
    setTabStop(element, rows.find(({ tabIndex }) => tabIndex === 0) ?? rows[0]);
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const element = frame.current;
      const isModified = event.ctrlKey || event.metaKey || event.altKey;
      if (
        !element ||
        isModified ||
        isTyping(event.target) ||
        document.querySelector("dialog[open]")
      )
        return;
      if (handle(element, event, (href) => router.push(href, { scroll: false })))
        event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [frame, router]);
}
