"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";
import { type FragmentOf, readFragment } from "@/lib/document";
import { ArchivePlotData } from "./archive-plot-data";

const Plot = dynamic(() => import("@/components/ui/plot").then((file) => file.Plot), {
  loading: () => <Skeleton className="h-44 w-full" />,
});

const DAY_MS = 86_400_000;

/** Archived and purged entries of the last 90 days. */
export function ArchivePlot(props: { data: FragmentOf<typeof ArchivePlotData> }) {
  const { days } = readFragment(ArchivePlotData, props.data);
  const [first] = days;
  if (!first) return null;
  return (
    <Plot
      title="Last 90 days"
      kind="bars"
      unit="count"
      start={`${first.day}T00:00:00Z`}
      bucketMs={DAY_MS}
      series={[
        { name: "Archived", tone: "plain", values: days.map(({ archived }) => archived) },
        { name: "Purged", tone: "wait", values: days.map(({ purged }) => purged) },
      ]}
    />
  );
}
