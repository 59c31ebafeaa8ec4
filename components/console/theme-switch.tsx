"use client";

import { useSyncExternalStore } from "react";
import { parseTheme, THEME_COOKIE, type Theme, themes } from "@/components/theme";
import { capitalized } from "@/lib/format";

const listeners = new Set<() => void>();

function subscribe(notify: () => void): () => void {
  listeners.add(notify);
  return () => listeners.delete(notify);
}

function choose(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const age = theme === "system" ? 0 : 31_536_000;
  // biome-ignore lint/suspicious/noDocumentCookie: not all supported browsers have the Cookie Store API
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=${age}; samesite=lax`;
  for (const notify of listeners) notify();
}

/** A switch for the theme of all pages: the system's theme, light or dark. */
export function ThemeSwitch() {
  const theme = useSyncExternalStore<Theme>(
    subscribe,
    () => parseTheme(document.documentElement.dataset.theme),
    () => "system",
  );
  return (
    <label className="flex shrink-0 items-center gap-2 text-xs text-ink-faint md:mt-auto md:px-2.5">
      Theme
      <select
        value={theme}
        onChange={({ target }) => choose(parseTheme(target.value))}
        className="h-7 rounded-control border border-line-strong bg-surface px-1.5 text-xs text-ink-soft"
      >
        {themes.map((each) => (
          <option key={each} value={each}>
            {capitalized(each)}
          </option>
        ))}
      </select>
    </label>
  );
}
