import { DaysPlot } from "./days-plot";

/** Plots the deletions of each of the last 90 days: those that are erased by now, and those that are not. */
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
          values: days.map(({ deleted, erased }) => deleted - erased),
        },
      ]}
    />
  );
}
