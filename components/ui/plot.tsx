"use client";

import { type KeyboardEvent, type PointerEvent, useId, useState } from "react";
import { classNames } from "./class-names";
import {
  barsOf,
  formatBucket,
  formatValue,
  greatestOf,
  linePath,
  type PlotData,
  type PlotSeries,
  type PlotTone,
  totalOf,
} from "./plot-data";

type Props = PlotData & {
  /** The heading of the plot, which is also its accessible name. */
  title: string;
  /** `bars` are stacked. `lines` have gaps where a value is null. */
  kind: "bars" | "lines";
  /** Called with the time range that the user selected by dragging, or with Shift, the arrow keys and Enter. */
  onSelect?: (range: { from: string; until: string }) => void;
};

const fills: Record<PlotTone, string> = {
  plain: "fill-ink-faint",
  quiet: "fill-line-strong/50",
  good: "fill-good",
  wait: "fill-wait",
  warn: "fill-warn",
  bad: "fill-bad",
};
const strokes: Record<PlotTone, string> = {
  plain: "stroke-ink-soft",
  quiet: "stroke-line-strong",
  good: "stroke-good",
  wait: "stroke-wait",
  warn: "stroke-warn",
  bad: "stroke-bad",
};
const marks: Record<PlotTone, string> = {
  plain: "bg-ink-faint",
  quiet: "bg-line-strong/50",
  good: "bg-good",
  wait: "bg-wait",
  warn: "bg-warn",
  bad: "bg-bad",
};

type Selection = { anchor: number; end: number };
const ends = ({ anchor, end }: Selection) =>
  [Math.min(anchor, end), Math.max(anchor, end)] as const;

/**
 * Plots values over time as bars or lines. Hovering or the arrow keys show a bucket's exact figures in the legend; a button shows
 * the table of all figures. The drawing stretches to the width of its container, so the server can render it without knowing that
 * width.
 */
export function Plot({ title, kind, onSelect, ...data }: Props) {
  const heading = useId();
  const [isTable, setTable] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const [selection, setSelection] = useState<Selection | null>(null);
  const range = selection && ends(selection);
  return (
    <figure
      aria-labelledby={heading}
      className="flex min-w-0 flex-col gap-2 rounded-card border border-line bg-surface p-4"
    >
      <figcaption className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs">
        <span id={heading} className="text-sm font-strong text-ink">
          {title}
        </span>
        <span className="text-ink-faint tabular-nums">{shownTime(data, at, range)}</span>
        <span className="ml-auto flex flex-wrap items-center gap-x-4">
          {data.series.map((series) => (
            <LegendEntry
              key={series.name}
              series={series}
              kind={kind}
              value={shownValue(data, series, kind, at, range)}
            />
          ))}
          <button
            type="button"
            aria-pressed={isTable}
            onClick={() => setTable(!isTable)}
            className="-my-1 h-7 rounded-control px-2 text-ink-soft hover:bg-sunken hover:text-ink"
          >
            Table
          </button>
        </span>
      </figcaption>
      {isTable ? (
        <PlotTable title={title} data={data} />
      ) : (
        <Drawing
          {...{ title, kind, data, at, setAt, selection, setSelection }}
          onSelect={
            onSelect &&
            (([first, last]) =>
              onSelect({ from: timeOf(data, first), until: timeOf(data, last + 1) }))
          }
        />
      )}
    </figure>
  );
}

const timeOf = ({ start, bucketMs }: PlotData, index: number) =>
  new Date(Date.parse(start) + index * bucketMs).toISOString();

type Range = readonly [number, number] | null;

function shownTime(data: PlotData, at: number | null, range: Range): string {
  const [first, last] = range ?? (at === null ? [0, bucketCount(data) - 1] : [at, at]);
  return formatBucket(data, first, last);
}

const bucketCount = ({ series }: PlotData) => series[0]?.values.length ?? 0;

/**
 * Returns the figure that the legend shows for a series. For bars: the total of the selected range, otherwise the value of the
 * hovered bucket, otherwise the total of the plot. For a line: the value of the hovered bucket, otherwise the last value.
 */
function shownValue(
  data: PlotData,
  { values }: PlotSeries,
  kind: Props["kind"],
  at: number | null,
  range: Range,
): string {
  if (range && kind === "bars")
    return formatValue(totalOf(values.slice(range[0], range[1] + 1)), data.unit);
  if (at !== null) return formatValue(values[at] ?? null, data.unit);
  if (kind === "bars") return formatValue(totalOf(values), data.unit);
  return formatValue(values.findLast((value) => value !== null) ?? null, data.unit);
}

function LegendEntry(props: { series: PlotSeries; kind: Props["kind"]; value: string }) {
  const { series, kind, value } = props;
  return (
    <span className="inline-flex items-center gap-1.5 text-ink-soft">
      <span
        aria-hidden="true"
        className={classNames(
          kind === "bars" ? "size-2 rounded-[1px]" : "h-0.5 w-3",
          marks[series.tone],
        )}
      />
      {series.name}
      <span className="min-w-8 text-ink tabular-nums">{value}</span>
    </span>
  );
}

const HEIGHT_PX = 112;

type DrawingProps = {
  title: string;
  kind: Props["kind"];
  data: PlotData;
  at: number | null;
  setAt: (at: number | null) => void;
  selection: Selection | null;
  setSelection: (selection: Selection | null) => void;
  onSelect: ((range: readonly [number, number]) => void) | undefined;
};

function Drawing(props: DrawingProps) {
  const { title, kind, data, at, setAt, selection, setSelection, onSelect } = props;
  const count = bucketCount(data);
  const top = greatestOf(data, kind === "bars");
  const indexOf = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(count - 1, Math.floor(((event.clientX - left) / width) * count)));
  };
  const end = (isDone: boolean) => {
    if (isDone && selection) onSelect?.(ends(selection));
    setSelection(null);
  };
  const move = (index: number, isExtending: boolean) => {
    if (isExtending) setSelection({ anchor: selection?.anchor ?? at ?? index, end: index });
    else setSelection(null);
    setAt(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Math.max(0, Math.min(count - 1, (at ?? count - 1) + step));
      move(next, onSelect !== undefined && event.shiftKey);
    } else if (event.key === "Escape") end(false);
    else if (event.key === "Enter" && onSelect)
      onSelect(selection ? ends(selection) : [at ?? 0, at ?? count - 1]);
  };
  const marked = selection ? ends(selection) : at === null ? null : ([at, at] as const);
  return (
    <div>
      <div className="relative" style={{ height: HEIGHT_PX }}>
        {/* A native slider makes the figures of each bucket accessible by keyboard and to screen readers. */}
        <input
          type="range"
          min={0}
          max={Math.max(0, count - 1)}
          value={at ?? Math.max(0, count - 1)}
          aria-label={title}
          aria-valuetext={spoken(data, at ?? count - 1)}
          onChange={(event) => move(event.currentTarget.valueAsNumber, false)}
          onKeyDown={onKeyDown}
          onBlur={() => {
            setAt(null);
            setSelection(null);
          }}
          className="peer sr-only"
        />
        <div
          onPointerMove={(event) => {
            const index = indexOf(event);
            move(index, selection !== null);
          }}
          onPointerDown={(event) => {
            if (!onSelect || event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            const index = indexOf(event);
            setSelection({ anchor: index, end: index });
          }}
          onPointerUp={() => end(true)}
          onPointerCancel={() => end(false)}
          onPointerLeave={() => !selection && setAt(null)}
          className={classNames(
            "absolute inset-0 touch-pan-y rounded-control peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent",
            onSelect && "cursor-crosshair",
          )}
        >
          <svg
            aria-hidden="true"
            viewBox={`0 0 ${Math.max(1, count)} ${HEIGHT_PX}`}
            preserveAspectRatio="none"
            className="size-full overflow-visible"
          >
            {marked && (
              <rect
                x={marked[0]}
                width={marked[1] - marked[0] + 1}
                height={HEIGHT_PX}
                className={selection ? "fill-accent-quiet" : "fill-sunken"}
              />
            )}
            {kind === "bars"
              ? barsOf(data, top, HEIGHT_PX).map(({ key, tone, ...box }) => (
                  <rect key={key} {...box} className={fills[tone]} />
                ))
              : data.series.map(({ name, tone, values }) => (
                  <path
                    key={name}
                    d={linePath(values, top, HEIGHT_PX)}
                    fill="none"
                    strokeWidth="1.5"
                    vectorEffect="non-scaling-stroke"
                    className={strokes[tone]}
                  />
                ))}
            <path
              d={`M0 ${HEIGHT_PX}H${Math.max(1, count)}`}
              vectorEffect="non-scaling-stroke"
              className="stroke-line-strong"
            />
          </svg>
          <span className="pointer-events-none absolute top-0 left-0 bg-surface/80 pr-1 text-xs text-ink-faint tabular-nums">
            {top > 0 ? formatValue(top, data.unit) : "Nothing in this time"}
          </span>
        </div>
      </div>
      <div className="mt-1 flex justify-between gap-4 text-xs text-ink-faint tabular-nums">
        <span>{formatBucket(data, 0, 0)}</span>
        {onSelect && <span className="max-sm:hidden">Drag to select a time range</span>}
        <span>{formatBucket(data, count - 1, count - 1)}</span>
      </div>
    </div>
  );
}

/** Returns a bucket's time and figures as the text that screen readers announce. */
function spoken(data: PlotData, index: number): string {
  const figures = data.series.map(
    ({ name, values }) => `${name} ${formatValue(values[index] ?? null, data.unit)}`,
  );
  return [formatBucket(data, index, index), ...figures].join(", ");
}

function PlotTable({ title, data }: { title: string; data: PlotData }) {
  const cell = "px-3 py-1 first:pl-0 last:pr-0";
  return (
    <section
      aria-label={`Table: ${title}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-72 overflow-auto"
    >
      <table className="w-full text-left text-xs tabular-nums">
        <thead className="text-ink-faint">
          <tr>
            <th scope="col" className={cell}>
              Time (UTC)
            </th>
            {data.series.map(({ name }) => (
              <th key={name} scope="col" className={classNames(cell, "text-right")}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: bucketCount(data) }, (_, index) => (
            <tr key={timeOf(data, index)} className="border-t border-line">
              <th scope="row" className={classNames(cell, "font-normal whitespace-nowrap")}>
                {formatBucket(data, index, index)}
              </th>
              {data.series.map(({ name, values }) => (
                <td key={name} className={classNames(cell, "text-right text-ink-soft")}>
                  {formatValue(values[index] ?? null, data.unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
