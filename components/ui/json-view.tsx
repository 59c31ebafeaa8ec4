"use client";

import { type ReactNode, useState } from "react";
import { Icon } from "./icon";
import { useCopy } from "./use-copy";

/** The number of characters that are shown of a longer string; a button shows the rest. */
const SHOWN_CHARACTERS = 300;
/** The number of entries that are shown of a longer object or list; a button shows more. */
const SHOWN_ENTRIES = 100;
/** A nested object or list with more lines than this starts folded. */
const OPEN_LINES = 40;

/**
 * Shows JSON, indented, in a box that scrolls, with a button that copies all of it. Renders only the unfolded parts, so a value
 * of 1 MB is cheap to show.
 */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const [copyState, copy] = useCopy(() => JSON.stringify(value, null, 2));
  const word = { idle: "Copy", copied: "Copied", failed: "Not copied" }[copyState];
  return (
    <div className="relative rounded-card border border-line bg-surface">
      <button
        type="button"
        onClick={copy}
        // The text of a status is no part of a button's name.
        aria-label={`Copy ${label}`}
        className="absolute top-1.5 right-1.5 inline-flex h-7 items-center gap-1.5 rounded-control bg-surface px-2 text-xs text-ink-soft hover:bg-sunken hover:text-ink"
      >
        <Icon name={copyState === "copied" ? "check" : "copy"} className="size-3" />
        <span role="status">{word}</span>
      </button>
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-[36rem] overflow-auto py-3 pr-20 pl-8 font-mono text-xs leading-5"
      >
        <Value value={value} name={null} end="" isRoot />
      </section>
    </div>
  );
}

type ValueProps = {
  value: unknown;
  /** The name of an object's entry; null for a list's entry. */
  name: string | null;
  /** The text after the value: a comma, or empty for the last entry. */
  end: string;
  isRoot?: boolean;
};

function Value({ value, name, end, isRoot = false }: ValueProps) {
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0)
    return <Nested value={value} name={name} end={end} isRoot={isRoot} />;
  return (
    <div className="wrap-anywhere">
      <Name name={name} />
      {typeof value === "string" ? <Text text={value} /> : <Scalar value={value} />}
      {end}
    </div>
  );
}

/** Renders the name of an object's entry. `bdi` keeps right-to-left characters in the name from reordering the line. */
function Name({ name }: { name: string | null }) {
  if (name === null) return null;
  return (
    <>
      <bdi className="text-ink-soft">{JSON.stringify(name)}</bdi>
      {": "}
    </>
  );
}

function Scalar({ value }: { value: unknown }) {
  return <span className="text-wait">{JSON.stringify(value)}</span>;
}

function Text({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = !isWhole && text.length > SHOWN_CHARACTERS;
  return (
    <>
      <bdi className="text-good">
        {JSON.stringify(isCut ? text.slice(0, SHOWN_CHARACTERS) : text)}
      </bdi>
      {isCut && (
        <More onClick={() => setWhole(true)}>
          … {text.length - SHOWN_CHARACTERS} more characters
        </More>
      )}
    </>
  );
}

function More({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="ml-1 rounded-control px-1 font-sans text-accent hover:underline"
    >
      {children}
    </button>
  );
}

function Nested({ value, name, end, isRoot }: ValueProps & { value: object }) {
  const [isOpen, setOpen] = useState(() => isRoot || linesOf(value, OPEN_LINES) <= OPEN_LINES);
  const [shown, setShown] = useState(SHOWN_ENTRIES);
  const entries = Object.entries(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const size = `${entries.length} ${entries.length === 1 ? "entry" : "entries"}`;
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-label={`${name ?? "Value"}, ${size}`}
        onClick={() => setOpen(!isOpen)}
        className="-ml-5 inline-flex size-5 items-center justify-center rounded-control align-top text-ink-faint hover:bg-sunken hover:text-ink"
      >
        <Icon name="chevronRight" className={isOpen ? "size-3 rotate-90" : "size-3"} />
      </button>
      <Name name={name} />
      {open}
      {isOpen ? (
        <>
          <div className="pl-5">
            {entries.slice(0, shown).map(([key, entry], index) => (
              <Value
                key={key}
                value={entry}
                name={Array.isArray(value) ? null : key}
                end={index === entries.length - 1 ? "" : ","}
              />
            ))}
            {entries.length > shown && (
              <More onClick={() => setShown(shown + 10 * SHOWN_ENTRIES)}>
                … {entries.length - shown} more entries
              </More>
            )}
          </div>
          {close}
        </>
      ) : (
        <span className="text-ink-faint">
          {" "}
          {size} {close}
        </span>
      )}
      {end}
    </div>
  );
}

/** Returns the number of lines of the indented JSON. Stops counting above `limit`. */
function linesOf(value: unknown, limit: number): number {
  if (typeof value !== "object" || value === null) return 1;
  let lines = 2;
  for (const entry of Object.values(value)) {
    if (lines > limit) break;
    lines += linesOf(entry, limit - lines);
  }
  return lines;
}
