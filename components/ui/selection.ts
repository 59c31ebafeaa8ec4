"use client";

/**
 * Stores which rows of each list are selected, on all pages of the list. Leaving or reloading the document clears the selections.
 */
import { useSyncExternalStore } from "react";

const NONE: ReadonlySet<string> = new Set();
const selections = new Map<string, ReadonlySet<string>>();
const listeners = new Set<() => void>();

/** Selects or deselects these rows of the list at `path`. */
export function select(path: string, ids: Iterable<string>, isSelected: boolean): void {
  const next = new Set(selections.get(path));
  for (const id of ids) {
    if (isSelected) next.add(id);
    else next.delete(id);
  }
  selections.set(path, next);
  for (const notify of listeners) notify();
}

export function clearSelection(path: string): void {
  selections.delete(path);
  for (const notify of listeners) notify();
}

function subscribe(notify: () => void): () => void {
  listeners.add(notify);
  return () => listeners.delete(notify);
}

/** Returns the ids of the selected rows of the list at `path`. */
export function useSelection(path: string): ReadonlySet<string> {
  return useSyncExternalStore(
    subscribe,
    () => selections.get(path) ?? NONE,
    () => NONE,
  );
}
