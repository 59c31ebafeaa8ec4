import type { ReactNode } from "react";
import { Fact, Facts, Unknown } from "@/components/ui/facts";
import { Link } from "@/components/ui/link";
import { Skeleton } from "@/components/ui/skeleton";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount, formatDuration } from "@/lib/format";
import { paths } from "@/lib/paths";

export const HealthFiguresState = graphql(`
  fragment HealthFiguresState on SyncState {
    newestAt
    lagMs
    pending
    oldestPendingAt
    dead
    quarantined
    unreadable
    partial
    unknown
    provisioning
    unreadAtClerk
    connectionMode
    clockAheadMs
    refusedTimestamp {
      at
      secondsAgo
    }
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
  { name: "Webhook delay", of: ({ lagMs }) => lagMs !== null && delayText(lagMs) },
  { name: "Pending", of: ({ pending }) => counted(pending, paths.deliveriesWith("pending")) },
  {
    name: "Oldest pending",
    of: ({ oldestPendingAt, pending }) =>
      oldestPendingAt ? <Time value={oldestPendingAt} /> : pending !== null && "None",
  },
  { name: "Dead letters", of: ({ dead }) => counted(dead, paths.deliveriesWith("dead")) },
  {
    name: "Other instance",
    of: ({ quarantined }) => counted(quarantined, paths.deliveriesWith("quarantined")),
  },
  {
    name: "Unreadable",
    of: ({ unreadable }) => counted(unreadable, paths.deliveriesWith("unreadable")),
  },
  {
    name: "Partly readable",
    of: ({ partial }) => counted(partial, paths.deliveriesWith("partial")),
  },
  {
    name: "Unknown, last 24 h",
    of: ({ unknown }) => counted(unknown, paths.deliveriesWith("unknown")),
  },
  {
    name: "Profiles loading",
    of: ({ provisioning }) => counted(provisioning, paths.syncProfiles),
  },
  {
    name: "Worker last seen",
    of: ({ workerHeartbeatAt, pending }) =>
      workerHeartbeatAt ? <Time value={workerHeartbeatAt} /> : pending !== null && "Never",
  },
  {
    name: "Session token key",
    of: ({ outdatedJwtKeyAt, pending }) =>
      outdatedJwtKeyAt ? (
        <>
          Outdated, <Time value={outdatedJwtKeyAt} />
        </>
      ) : (
        pending !== null && "Current"
      ),
  },
  { name: "Last canary", of: ({ isCanarySet, canary }) => canaryText(isCanarySet, canary) },
  {
    name: "Last reconciliation",
    of: ({ lastRun, pending }) => (lastRun ? runText(lastRun) : pending !== null && "None yet"),
  },
  { name: "Differences", of: ({ lastRun }) => lastRun && differencesText(lastRun) },
  {
    name: "Not read at Clerk",
    of: ({ unreadAtClerk }) => counted(unreadAtClerk, paths.syncUnread),
  },
  { name: "Connection", of: ({ connectionMode }) => connectionMode && modes[connectionMode] },
  { name: "Clock, to database", of: ({ clockAheadMs }) => clockText(clockAheadMs) },
  {
    name: "Refused for its time",
    of: ({ refusedTimestamp, pending }) =>
      refusedTimestamp ? refusedText(refusedTimestamp) : pending !== null && "None",
  },
];

const modes: Record<NonNullable<Figures["connectionMode"]>, string> = {
  DIRECT: "Direct to Postgres",
  POOLED: "Through a transaction pooler",
};

/** Renders a count as a link to the list of the counted rows; null and 0 have no link. */
function counted(count: number | null, href: string): ReactNode {
  if (count === null || count === 0) return count === 0 && "0";
  return (
    <Link href={href} className="rounded-control text-accent hover:underline">
      {formatCount(count)}
    </Link>
  );
}

function delayText(lagMs: number): string {
  return lagMs < 0 ? `${formatDuration(-lagMs)} before its event` : formatDuration(lagMs);
}

/**
 * Describes how far this server's clock is ahead of the database's clock, or behind it. A difference below 0.1 s counts as none,
 * because reading the database's clock takes that long.
 */
function clockText(aheadMs: number | null): ReactNode {
  if (aheadMs === null) return null;
  if (Math.abs(aheadMs) < 100) return "Equal";
  return `${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead" : "behind"}`;
}

function refusedText({ at, secondsAgo }: NonNullable<Figures["refusedTimestamp"]>): ReactNode {
  return (
    <>
      {Math.abs(secondsAgo)} s {secondsAgo > 0 ? "old" : "ahead"}, <Time value={at} />
    </>
  );
}

function canaryText(isSet: boolean | null, canary: Figures["canary"]): ReactNode {
  if (isSet === null) return null;
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
