"use client";

import { useRouter } from "next/navigation";
import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { classNames } from "./class-names";
import { Icon } from "./icon";
import { useListKeys } from "./use-list-keys";

/** A row of a list. `mark` changes with the row's data. */
export type ListRow = { id: string; mark: string; row: ReactNode };

const LIVE_MS = 2_000;

type Shown = { requestKey: string; rows: ListRow[] };

/** True if `rows` can replace `shown` without moving a row: the shown rows keep their order, and new rows come after them. */
function isInPlace(shown: ListRow[], rows: ListRow[]): boolean {
  const places = new Map(shown.map(({ id }, index) => [id, index]));
  const found = rows.map(({ id }) => places.get(id) ?? Number.POSITIVE_INFINITY);
  return found.every((place, index) => index === 0 || (found[index - 1] ?? 0) <= place);
}

/**
 * Returns the rows in the order in which they were first shown. Until another list is requested, no refresh moves a row:
 * `pending` says that the list has another order now, and how many rows are not shown yet.
 */
function useSteadyRows(requestKey: string, rows: ListRow[]) {
  const [shown, setShown] = useState<Shown>({ requestKey, rows });
  const isMoved = shown.requestKey === requestKey && !isInPlace(shown.rows, rows);
  const latest = new Map(rows.map((row) => [row.id, row]));
  // If a row is missing but the page is still full, the row went to the next page, so it stays shown.
  const isFull = rows.length >= shown.rows.length;
  const steady = isMoved
    ? shown.rows.flatMap((old) => latest.get(old.id) ?? (isFull ? [old] : []))
    : rows;
  const isDifferent =
    shown.requestKey !== requestKey ||
    steady.length !== shown.rows.length ||
    steady.some((row, index) => row !== shown.rows[index]);
  if (isDifferent) setShown({ requestKey, rows: steady });
  const isShown = new Set(steady.map(({ id }) => id));
  return {
    steady,
    pending: isMoved ? { count: rows.filter(({ id }) => !isShown.has(id)).length } : null,
    showPending: () => setShown({ requestKey, rows }),
  };
}

/** Highlights new and changed rows for two seconds. Highlights nothing when another list is requested. */
function useLiveMarks(requestKey: string, rows: ListRow[], frame: { current: Element | null }) {
  const before = useRef({ requestKey, marks: new Map<string, string>() });
  useEffect(() => {
    const { requestKey: oldKey, marks } = before.current;
    before.current = { requestKey, marks: new Map(rows.map(({ id, mark }) => [id, mark])) };
    if (oldKey !== requestKey || marks.size === 0) return;
    const changed = rows.filter(({ id, mark }) => marks.get(id) !== mark);
    for (const { id } of changed) {
      const row = frame.current?.querySelector(`tr[data-row="${CSS.escape(id)}"]`);
      row?.setAttribute("data-live", "");
      setTimeout(() => row?.removeAttribute("data-live"), LIVE_MS);
    }
  }, [requestKey, rows, frame]);
}

/** True while the table is wider than its frame. The frame then scrolls in both directions, so that the head stays in view. */
function useIsWide(frame: { current: HTMLElement | null }): boolean {
  const [isWide, setIsWide] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () =>
      setIsWide((element.firstElementChild?.scrollWidth ?? 0) > element.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return isWide;
}

const isControl = (target: EventTarget) =>
  target instanceof Element && target.closest("a, button, input, label") !== null;

/**
 * The table of a list. Rows keep their places when new rows arrive, changed rows are highlighted, and a click or a key opens a
 * row.
 */
export function ListFrame(props: {
  caption: string;
  path: string;
  requestKey: string;
  head: ReactNode;
  rows: ListRow[];
}) {
  const { caption, requestKey, head } = props;
  const frame = useRef<HTMLElement>(null);
  const router = useRouter();
  const { steady, pending, showPending } = useSteadyRows(requestKey, props.rows);
  useLiveMarks(requestKey, steady, frame);
  useListKeys(frame, steady.length);
  const isWide = useIsWide(frame);
  const open = (event: MouseEvent) => {
    if (isControl(event.target) || window.getSelection()?.toString()) return;
    const row = event.target instanceof Element ? event.target.closest("tr[data-sheet]") : null;
    const href = row?.getAttribute("data-sheet");
    if (href) router.push(href, { scroll: false });
  };
  return (
    <div className="relative">
      {pending && (
        <div className="pointer-events-none absolute inset-x-0 top-11 z-[6] flex justify-center">
          <button
            type="button"
            onClick={showPending}
            className="pointer-events-auto inline-flex h-7 animate-arrive items-center gap-1.5 rounded-full bg-accent px-3 text-xs font-strong text-accent-contrast shadow-float hover:bg-accent-strong"
          >
            <Icon name="arrowUp" className="size-3" />
            {pending.count > 0 ? `${pending.count} new` : "List changed"}
          </button>
        </div>
      )}
      <p role="status" className="sr-only">
        {pending && "The list has changed. A button above it shows the change."}
      </p>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: useListKeys has the keys */}
      <section
        ref={frame}
        aria-label={caption}
        onClick={open}
        className={classNames(
          // `relative`, so that the frame also clips the hidden texts (`sr-only`) of its cells, which are positioned absolutely.
          "relative rounded-card border border-line bg-surface",
          isWide
            ? "max-h-[calc(100dvh-7rem)] overflow-auto"
            : "overflow-x-clip [--head-top:3.5rem] max-md:overflow-x-auto max-md:[--head-top:0]",
        )}
      >
        <table className="w-full table-fixed border-collapse text-left">
          <caption className="sr-only">{caption}</caption>
          {head}
          <tbody>{steady.map(({ row }) => row)}</tbody>
        </table>
      </section>
    </div>
  );
}
