import { Plot } from "@/components/ui/plot";

type Plots = {
  start: string;
  bucketMs: number;
  received: number[];
  medianDelayMs: (number | null)[];
  p95DelayMs: (number | null)[];
  countedSince: string | null;
};

/** Plots the number of deliveries and their delay over time. */
export function DeliveryPlots({ plots }: { plots: Plots }) {
  const { start, bucketMs, received, medianDelayMs, p95DelayMs, countedSince } = plots;
  const buckets = { start, bucketMs };
  return (
    <div className="flex flex-col gap-1">
      <div className="grid gap-4 lg:grid-cols-2">
        <Plot
          title="Deliveries"
          kind="bars"
          unit="count"
          {...buckets}
          series={[{ name: "Received", tone: "plain", values: received }]}
        />
        <Plot
          title="Webhook delay"
          kind="lines"
          unit="ms"
          {...buckets}
          series={[
            { name: "Median", tone: "plain", values: medianDelayMs },
            { name: "95th percentile", tone: "wait", values: p95DelayMs },
          ]}
        />
      </div>
      {countedSince && (
        <p className="text-xs text-ink-faint">
          There are too many deliveries to count all: those before {countedSince} are not in the
          plots.
        </p>
      )}
    </div>
  );
}
