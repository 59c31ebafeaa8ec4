import { DaysPlot } from "./days-plot";

/** Plots the deletions and the finished erasures of the last 90 days. */
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
