"use client";

import Form from "next/form";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useTransition } from "react";
import { Chip } from "./chip";
import { Icon } from "./icon";
import { isTyping } from "./is-typing";

const DEBOUNCE_MS = 250;

/** Calls `focus` when "/" is pressed outside a text field. */
function useSlashShortcut(focus: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key !== "/" ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isTyping(event.target)
      )
        return;
      event.preventDefault();
      focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}

const NOTHING_KEPT: Record<string, string> = {};

/**
 * A list's search field, which sets the URL's `?q=` while the user types and on Enter. Without JavaScript, it is a plain GET
 * form. `kept` are the list's other URL parameters, which a search keeps. `children` are shown after the field.
 */
export function SearchField(props: {
  label: string;
  value: string;
  kept?: Record<string, string>;
  children?: ReactNode;
}) {
  const { label, value, kept = NOTHING_KEPT, children } = props;
  const router = useRouter();
  const pathname = usePathname();
  const field = useRef<HTMLInputElement>(null);
  const debounce = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [isSearching, startSearch] = useTransition();

  useSlashShortcut(() => field.current?.select());
  useEffect(() => () => clearTimeout(debounce.current), []);
  // Updates the field when the URL changes in another way, such as by "Clear search", but never while the field has focus.
  useEffect(() => {
    if (field.current && field.current !== document.activeElement) field.current.value = value;
  }, [value]);

  const hrefWith = (words: string) => {
    const parameters = new URLSearchParams({ ...(words && { q: words }), ...kept }).toString();
    return parameters ? `${pathname}?${parameters}` : pathname;
  };
  const search = (text: string) => {
    const words = text.trim();
    if (words === value) return;
    startSearch(() => router.replace(hrefWith(words)));
  };

  return (
    <div className="flex flex-wrap items-center gap-2">
      <Form
        action={pathname}
        prefetch={false}
        replace
        role="search"
        className="relative w-full sm:w-80"
        aria-busy={isSearching}
        // Enter searches at once and cancels the pending debounce, which would replace the URL again, perhaps after the user has
        // opened another page.
        onSubmit={() => clearTimeout(debounce.current)}
      >
        <Icon
          name="search"
          className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint"
        />
        <input
          ref={field}
          type="search"
          name="q"
          defaultValue={value}
          aria-label={label}
          aria-keyshortcuts="/"
          placeholder={label}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => {
            clearTimeout(debounce.current);
            debounce.current = setTimeout(() => search(target.value), DEBOUNCE_MS);
          }}
          className="peer h-8 w-full rounded-control border border-line-strong bg-surface pr-8 pl-8 text-sm placeholder:text-ink-faint focus-visible:outline-offset-0"
        />
        {Object.entries(kept).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <span
          aria-hidden="true"
          className="pointer-events-none absolute top-1.5 right-1.5 rounded-[0.25rem] border border-line px-1.5 font-mono text-xs text-ink-faint peer-focus:hidden peer-[:not(:placeholder-shown)]:hidden max-sm:hidden"
        >
          /
        </span>
      </Form>
      {children}
      {value && <Chip href={hrefWith("")} label={value} removes={`Remove search: ${value}`} />}
    </div>
  );
}
