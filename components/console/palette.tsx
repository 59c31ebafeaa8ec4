"use client";

import { useQuery } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from "react";
import { classNames } from "@/components/ui/class-names";
import { graphql } from "@/lib/document";
import { paths } from "@/lib/paths";
import { consolePages } from "./console-nav";

const searchQuery = graphql(`
  query Palette($query: String!) {
    users(query: $query, orSimilar: true, first: 5) {
      edges {
        node {
          id
          name
          email
        }
      }
    }
    organizations(query: $query, orSimilar: true, first: 5) {
      edges {
        node {
          id
          name
          slug
        }
      }
    }
  }
`);

type Option = { href: string; name: string; note: string };

const RECENT_KEY = "rollcall-recent";
const MAX_RECENT = 5;

/** Reads the search results that the admin last opened in this browser. Returns an empty list if the stored value is invalid. */
function readRecent(): Option[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(RECENT_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isOption).slice(0, MAX_RECENT) : [];
  } catch {
    return [];
  }
}

function isOption(value: unknown): value is Option {
  return (
    typeof value === "object" &&
    value !== null &&
    ["href", "name", "note"].every((name) => typeof Reflect.get(value, name) === "string") &&
    String(Reflect.get(value, "href")).startsWith(`${paths.console}/`)
  );
}

/** The console's search dialog, which finds pages, people and organizations. Enter opens the highlighted result. */
export function Palette({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const dialog = useRef<HTMLDialogElement>(null);
  const listId = useId();
  const [text, setText] = useState("");
  const [marked, setMarked] = useState(0);
  const [recent] = useState(readRecent);
  const words = useDeferredValue(text.trim().slice(0, 200));
  const { data, loading } = useQuery(searchQuery, {
    variables: { query: words },
    skip: words.length < 2,
    fetchPolicy: "no-cache",
  });
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);

  // Filters by the text as it is, not by the deferred one: Enter may follow the last key at once.
  const typed = text.trim().toLowerCase();
  const pages = consolePages
    .filter(({ name }) => name.toLowerCase().includes(typed))
    .map(({ name, href }): Option => ({ href, name, note: "Page" }));
  const found = words.length < 2 ? null : data;
  const options: Option[] = [
    ...(typed === "" ? recent : []),
    ...pages,
    ...(found?.users.edges ?? []).map(
      ({ node }): Option => ({
        href: paths.user(node.id),
        name: node.name,
        note: node.email ?? "Person",
      }),
    ),
    ...(found?.organizations.edges ?? []).map(
      ({ node }): Option => ({
        href: paths.organization(node.id),
        name: node.name,
        note: node.slug ?? "Organization",
      }),
    ),
  ];
  const current = Math.min(marked, options.length - 1);
  const open = (option: Option | undefined) => {
    if (!option) return;
    const kept = [option, ...recent.filter(({ href }) => href !== option.href)];
    if (option.href !== paths.console)
      localStorage.setItem(RECENT_KEY, JSON.stringify(kept.slice(0, MAX_RECENT)));
    onClose();
    router.push(option.href);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && options.length > 0) {
      event.preventDefault();
      setMarked((current + step + options.length) % options.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      open(options[current]);
    }
  };
  return (
    <dialog
      ref={dialog}
      aria-label="Search the console"
      onClose={onClose}
      className="mx-auto mt-[12dvh] w-[calc(100%-2rem)] max-w-xl animate-arrive rounded-card border border-line bg-surface text-sm text-ink shadow-float backdrop:bg-[var(--rc-veil)]"
    >
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={options.length > 0 ? `${listId}-${current}` : undefined}
        aria-label="Search pages, people and organizations"
        placeholder="Search pages, people and organizations"
        value={text}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => {
          setText(target.value);
          setMarked(0);
        }}
        onKeyDown={onKey}
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-ink-faint"
      />
      <div id={listId} role="listbox" aria-label="Results" className="max-h-80 overflow-y-auto p-2">
        {options.map(({ href, name, note }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
          <div
            key={`${href} ${note}`}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === current}
            onClick={() => open(options[index])}
            onPointerMove={() => setMarked(index)}
            className={classNames(
              "flex h-9 cursor-default items-center justify-between gap-4 rounded-control px-2.5",
              index === current && "bg-sunken",
            )}
          >
            <span dir="auto" className="truncate">
              {name}
            </span>
            <span className="shrink-0 truncate text-xs text-ink-faint">{note}</span>
          </div>
        ))}
      </div>
      <p role="status" className="border-t border-line px-4 py-2.5 text-xs text-ink-faint">
        {loading
          ? "Searching…"
          : options.length === 0
            ? "Nothing matches."
            : "↑ ↓ to move, Enter to open, Esc to close"}
      </p>
    </dialog>
  );
}
