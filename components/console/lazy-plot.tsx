"use client";

import dynamic from "next/dynamic";
import type { ComponentProps } from "react";
import { Skeleton } from "@/components/ui/skeleton";

const Plot = dynamic(() => import("@/components/ui/plot").then((file) => file.Plot), {
  loading: () => <Skeleton className="h-44 w-full" />,
});

/** A plot that is loaded when it is drawn. */
export function LazyPlot(props: ComponentProps<typeof Plot>) {
  return <Plot {...props} />;
}
