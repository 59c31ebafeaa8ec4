import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { DaysPlot } from "./days-plot";

export const ArchivePlotData = graphql(`
  fragment ArchivePlotData on Archive {
    days {
      day
      archived
      purged
    }
  }
`);

/** Plots the archived and purged entries of the last 90 days. */
export function ArchivePlot(props: { data: FragmentOf<typeof ArchivePlotData> }) {
  const { days } = readFragment(ArchivePlotData, props.data);
  const [first] = days;
  if (!first) return null;
  return (
    <DaysPlot
      firstDay={first.day}
      series={[
        { name: "Archived", tone: "plain", values: days.map(({ archived }) => archived) },
        { name: "Purged", tone: "wait", values: days.map(({ purged }) => purged) },
      ]}
    />
  );
}
