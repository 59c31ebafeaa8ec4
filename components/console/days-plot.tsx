import type { ComponentProps } from "react";
import { LazyPlot } from "./lazy-plot";

const DAY_MS = 86_400_000;

/**
 * Plots counts of the last 90 days, one bar for each day. `firstDay` is a date such as 2026-11-28. The code of the plot is loaded
 * when a plot is first drawn.
 */
export function DaysPlot({
  firstDay,
  series,
}: {
  firstDay: string;
  series: ComponentProps<typeof LazyPlot>["series"];
}) {
  return (
    <LazyPlot
      title="Last 90 days"
      kind="bars"
      unit="count"
      start={`${firstDay}T00:00:00Z`}
      bucketMs={DAY_MS}
      series={series}
    />
  );
}
