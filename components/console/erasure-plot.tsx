import { DaysPlot } from "./days-plot";

/** Plots for each of the last 90 days the finished erasures, and how many more deletions than erasures there were. */
export function ErasurePlot({
  days,
}: {
  days: { day: string; deleted: number; erased: number }[];
}) {
  const [first] = days;
  if (!first) return null;
  return (
    <DaysPlot
      firstDay={first.day}
      series={[
        { name: "Erased", tone: "plain", values: days.map(({ erased }) => erased) },
        {
          name: "Not erased yet",
          tone: "wait",
          values: days.map(({ deleted, erased }) => Math.max(deleted - erased, 0)),
        },
      ]}
    />
  );
}
