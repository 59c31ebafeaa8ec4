"use client";

import { useRouter } from "next/navigation";
import { Plot } from "@/components/ui/plot";
import type { PlotTone } from "@/components/ui/plot-data";
import { type FragmentOf, readFragment } from "@/lib/document";
import { DeliveryHistogramData } from "./delivery-histogram-data";
import { hrefOf } from "./list-href";

/** The series of the histogram, from the bottom up. Each series counts the deliveries with one of its outcomes. */
const series: { name: string; tone: PlotTone; outcomes: string[] }[] = [
  { name: "Applied", tone: "plain", outcomes: ["applied"] },
  { name: "Not needed", tone: "quiet", outcomes: ["stale", "ignored", "discarded"] },
  { name: "Pending", tone: "wait", outcomes: ["pending"] },
  { name: "Refused", tone: "warn", outcomes: ["quarantined", "unreadable"] },
  { name: "Dead letters", tone: "bad", outcomes: ["dead"] },
];

const minute = new Intl.DateTimeFormat("en-GB", {
  ...{ dateStyle: "medium", timeStyle: "short", timeZone: "UTC" },
});

/** A histogram of the deliveries over time. Selecting a range of time filters the list. */
export function DeliveryHistogram(props: {
  data: FragmentOf<typeof DeliveryHistogramData>;
  path: string;
  /** The parameters of the list's URL, without its cursor. */
  kept: Record<string, string>;
}) {
  const router = useRouter();
  const data = readFragment(DeliveryHistogramData, props.data);
  const { start, bucketMs, bucketCount, countedSince } = data;
  const sumOf = (outcomes: string[]) =>
    Array.from({ length: bucketCount }, (_, index) =>
      data.outcomes
        .filter(({ outcome }) => outcomes.includes(outcome))
        .reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0),
    );
  return (
    <div className="flex flex-col gap-1">
      <Plot
        title="Received"
        kind="bars"
        unit="count"
        start={start}
        bucketMs={bucketMs}
        series={series.map(({ outcomes, ...named }) => ({ ...named, values: sumOf(outcomes) }))}
        onSelect={({ from, until }) =>
          router.push(
            hrefOf(props.path, {
              ...props.kept,
              "received-from": from.slice(0, 19),
              "received-to": until.slice(0, 19),
            }),
          )
        }
      />
      {countedSince && (
        <p className="text-xs text-ink-faint">
          There are too many deliveries to count all: those before{" "}
          {minute.format(Date.parse(countedSince))} UTC are not in the plot.
        </p>
      )}
    </div>
  );
}
