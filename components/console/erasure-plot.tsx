"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "@/components/ui/skeleton";

const Plot = dynamic(() => import("@/components/ui/plot").then((file) => file.Plot), {
  loading: () => <Skeleton className="h-44 w-full" />,
});

const DAY_MS = 86_400_000;

/** Deletions and ended erasures of the last 90 days. */
export function ErasurePlot({
  days,
}: {
  days: { day: string; deleted: number; erased: number }[];
}) {
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
