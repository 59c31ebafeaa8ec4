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
    outdatedJwtKeyAt
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
  { name: "Last event", of: ({ newestAt }) => newestAt && <Time value={newestAt} /> },
  {
    name: "Webhook delay",
    of: ({ lagMs }) => lagMs !== null && formatDuration(lagMs),
  },
  { name: "Pending", of: ({ pending }) => formatCount(pending) },
  {
    name: "Oldest pending",
    of: ({ oldestPendingAt }) => (oldestPendingAt ? <Time value={oldestPendingAt} /> : "None"),
  },
  { name: "Dead letters", of: ({ dead }) => formatCount(dead) },
  { name: "Other instance", of: ({ quarantined }) => formatCount(quarantined) },
  { name: "Unreadable", of: ({ unreadable }) => formatCount(unreadable) },
  { name: "Unknown, last 24 h", of: ({ unknown }) => formatCount(unknown) },
  {
    name: "Worker last seen",
    of: ({ workerHeartbeatAt }) =>
      workerHeartbeatAt ? <Time value={workerHeartbeatAt} /> : "Never",
  },
  {
    name: "Session token key",
    of: ({ outdatedJwtKeyAt }) =>
      outdatedJwtKeyAt ? (
        <>
          Add Clerk’s new key to CLERK_JWT_KEY. Seen <Time value={outdatedJwtKeyAt} />
        </>
      ) : (
        "Current"
      ),
  },
  { name: "Last canary", of: ({ isCanarySet, canary }) => canaryText(isCanarySet, canary) },
  { name: "Last reconciliation", of: ({ lastRun }) => (lastRun ? runText(lastRun) : "None yet") },
  { name: "Differences", of: ({ lastRun }) => lastRun && differencesText(lastRun) },
];

function canaryText(isSet: boolean, canary: Figures["canary"]): ReactNode {
  if (!canary) return isSet ? "None yet" : "Off";
  const { startedAt, arrivedAt, fault } = canary;
  const word = arrivedAt ? "Arrived" : fault ? "Failed" : "Running";
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

function runText({ status, startedAt, endedAt }: NonNullable<Figures["lastRun"]>): ReactNode {
  return (
    <>
      {runStates[status] ?? status}, <Time value={endedAt ?? startedAt} />
    </>
  );
}

function differencesText({ mode, found, repaired }: NonNullable<Figures["lastRun"]>): string {
  if (found === 0) return "None";
  const differences = `${formatCount(found)} found`;
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
          <Skeleton className="h-3 w-20" />
        </Fact>
      ))}
    </Facts>
  );
}
