import type { ReactNode } from "react";
import { Fact, Facts, Unknown } from "@/components/ui/facts";
import { Skeleton } from "@/components/ui/skeleton";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount, formatDuration } from "@/lib/format";

export const HealthFiguresState = graphql(`
  fragment HealthFiguresState on SyncState {
    newestAt
    lagMs
    pending
    oldestPendingAt
    dead
    quarantined
    unreadable
    unknown
    workerHeartbeatAt
    isCanarySet
    canary {
      startedAt
      arrivedAt
      fault
    }
    lastRun {
      mode
      status
      startedAt
      endedAt
      found
      repaired
    }
  }
`);

type Figures = ResultOf<typeof HealthFiguresState>;

const figures: { name: string; of: (state: Figures) => ReactNode }[] = [
  { name: "Newest event", of: ({ newestAt }) => newestAt && <Time value={newestAt} /> },
  {
    name: "From Clerk’s clock to ours",
    of: ({ lagMs }) => lagMs !== null && formatDuration(lagMs),
  },
  { name: "Waiting", of: ({ pending }) => formatCount(pending) },
  {
    name: "Oldest that waits",
    of: ({ oldestPendingAt }) => (oldestPendingAt ? <Time value={oldestPendingAt} /> : "None"),
  },
  { name: "Failed at the last try", of: ({ dead }) => formatCount(dead) },
  { name: "Of another instance", of: ({ quarantined }) => formatCount(quarantined) },
  { name: "Not readable", of: ({ unreadable }) => formatCount(unreadable) },
  { name: "Of unknown type, last day", of: ({ unknown }) => formatCount(unknown) },
  {
    name: "Worker last seen",
    of: ({ workerHeartbeatAt }) =>
      workerHeartbeatAt ? <Time value={workerHeartbeatAt} /> : "Never",
  },
  { name: "Last canary", of: ({ isCanarySet, canary }) => canaryWords(isCanarySet, canary) },
  { name: "Last reconciliation", of: ({ lastRun }) => (lastRun ? runWords(lastRun) : "None yet") },
  { name: "It found", of: ({ lastRun }) => lastRun && foundWords(lastRun) },
];

function canaryWords(isSet: boolean, canary: Figures["canary"]): ReactNode {
  if (!canary) return isSet ? "None yet" : "Not set up";
  const { startedAt, arrivedAt, fault } = canary;
  const word = arrivedAt ? "Came back" : fault ? "Did not come back" : "Under way";
  return (
    <>
      {word}, <Time value={arrivedAt ?? startedAt} />
    </>
  );
}

const runStates: Record<string, string> = {
  running: "Running",
  paused: "Paused",
  done: "Done",
  failed: "Failed",
};

function runWords({ status, startedAt, endedAt }: NonNullable<Figures["lastRun"]>): ReactNode {
  return (
    <>
      {runStates[status] ?? status}, <Time value={endedAt ?? startedAt} />
    </>
  );
}

function foundWords({ mode, found, repaired }: NonNullable<Figures["lastRun"]>): string {
  if (found === 0) return "No difference";
  const differences = found === 1 ? "1 difference" : `${formatCount(found)} differences`;
  return mode === "dry-run" ? differences : `${differences}, ${formatCount(repaired)} repaired`;
}

export function HealthFigures({ state }: { state: FragmentOf<typeof HealthFiguresState> }) {
  const known = readFragment(HealthFiguresState, state);
  return (
    <Facts>
      {figures.map(({ name, of }) => (
        <Fact key={name} name={name}>
          <span className="tabular-nums">{of(known) || <Unknown />}</span>
        </Fact>
      ))}
    </Facts>
  );
}

export function HealthFiguresSkeleton() {
  return (
    <Facts>
      {figures.map(({ name }) => (
        <Fact key={name} name={name}>
          <Skeleton className="ml-auto h-3 w-20" />
        </Fact>
      ))}
    </Facts>
  );
}
