/** The health of the mirror: lag, pending deliveries, dead letters, last canary, worker. Reads only the database. */
import { singleFlight } from "../../coalesce";
import { database } from "../../db";
import { env } from "../../env";
import { findOutdatedJwtKey } from "../../outdated-jwt-key";
import { eventHandling } from "../event/event-types";
import { reconciledTables } from "../mirror/columns";
import { countsShape } from "../reconcile/runs";
import {
  assessPipeline,
  overallVerdict,
  type PipelineStage,
  type Round,
  type Verdict,
} from "./pipeline";

export type Health = {
  /** The worst of the findings below. */
  verdict: Verdict;
  /** The stages between Clerk and the mirror, in order. */
  pipeline: PipelineStage[];
  /** From the event's time (Clerk's clock) to its settling (ours), of the newest settled delivery. */
  lagMs: number | null;
  pending: number;
  oldestPendingAt: Date | null;
  oldestPendingMs: number | null;
  dead: number;
  quarantined: number;
  /** Verified deliveries that do not match Clerk's description of their event. */
  unreadable: number;
  /** Deliveries of the last day whose type is missing in `eventHandling`. */
  unknown: number;
  lastDeliveryAt: Date | null;
  /** True if CANARY_ORGANIZATION_ID is set. */
  isCanarySet: boolean;
  /** The newest round. Its `fault` is `worker` if no job checked it. */
  canary: Round | null;
  isWorkerRunning: boolean;
  workerHeartbeatAt: Date | null;
  lastRun: Run | null;
  /** When a session token was last signed with a key that CLERK_JWT_KEY lacks; null if never. */
  outdatedJwtKeyAt: Date | null;
};

type Run = {
  mode: string;
  status: string;
  startedAt: Date;
  endedAt: Date | null;
  /** Rows that differed from Clerk, and how many of them were repaired. */
  found: number;
  repaired: number;
};

/**
 * How long a heartbeat is valid, by its name in `sync_facts`. A running worker writes one every 5 s. A host without a worker
 * process writes one with each call of the cron route, which its scheduler makes every minute.
 */
const heartbeatLifetimeMs = { worker: 30_000, "worker by calls": 3 * 60_000 };
export type HeartbeatName = keyof typeof heartbeatLifetimeMs;

/** A round is checked one minute after its start; an unchecked round older than this has no worker. */
const UNCHECKED_MS = 3 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

function runOf({ counts, ...run }: Omit<Run, "found" | "repaired"> & { counts: unknown }): Run {
  const { data } = countsShape.safeParse(counts);
  const tallies = data ? reconciledTables.map((table) => data[table]) : [];
  const sum = (of: (tally: (typeof tallies)[number]) => number) =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    ...run,
    found: sum(({ missing, stale, different, extra }) => missing + stale + different + extra),
    repaired: sum(({ repaired }) => repaired),
  };
}

function roundOf({ startedAt, arrivedAt, fault }: Round, now: Date): Round {
  const isUnchecked = !arrivedAt && !fault && now.getTime() - startedAt.getTime() > UNCHECKED_MS;
  return { startedAt, arrivedAt, fault: isUnchecked ? "worker" : fault };
}

async function findWorker(now: Date) {
  const facts = await database().prisma.syncFact.findMany({
    where: { name: { in: Object.keys(heartbeatLifetimeMs) } },
    orderBy: { updatedAt: "desc" },
  });
  const isFresh = ([name, lasts]: [string, number]) =>
    facts.some((fact) => fact.name === name && now.getTime() - fact.updatedAt.getTime() < lasts);
  return {
    isWorkerRunning: Object.entries(heartbeatLifetimeMs).some(isFresh),
    workerHeartbeatAt: facts[0]?.updatedAt ?? null,
  };
}

export async function findHealth(now = new Date()): Promise<Health> {
  const { prisma } = database();
  const newestFirst = [{ receivedAt: "desc" as const }, { svixId: "desc" as const }];
  const [counted, unknown, oldest, newest, verified, rounds, worker, outdatedJwtKeyAt, lastRun] =
    await Promise.all([
      prisma.delivery.groupBy({
        by: ["outcome"],
        where: { outcome: { in: ["pending", "dead", "quarantined", "unreadable"] } },
        _count: true,
      }),
      prisma.delivery.count({
        where: {
          outcome: "ignored",
          receivedAt: { gt: new Date(now.getTime() - DAY_MS) },
          type: { notIn: Object.keys(eventHandling) },
        },
      }),
      prisma.delivery.findFirst({
        where: { outcome: "pending" },
        orderBy: { receivedAt: "asc" },
        select: { receivedAt: true },
      }),
      prisma.delivery.findFirst({
        where: { outcome: { in: ["applied", "stale", "ignored"] } },
        orderBy: newestFirst,
        select: { receivedAt: true, occurredAt: true, settledAt: true },
      }),
      prisma.delivery.findFirst({ orderBy: newestFirst, select: { receivedAt: true } }),
      prisma.canaryRound.findMany({ orderBy: { startedAt: "desc" }, take: 2 }),
      findWorker(now),
      findOutdatedJwtKey(),
      prisma.syncRun.findFirst({
        orderBy: { startedAt: "desc" },
        select: {
          mode: true,
          status: true,
          startedAt: true,
          endedAt: true,
          counts: true,
        },
      }),
    ]);
  const count = (outcome: string) => counted.find((row) => row.outcome === outcome)?._count ?? 0;
  const [pending, dead, quarantined] = [count("pending"), count("dead"), count("quarantined")];
  const [canary, ...before] = rounds.map((round) => roundOf(round, now));
  const pipeline = assessPipeline({
    // The result of a round is valid until the next round ends.
    round: canary && (canary.arrivedAt || canary.fault) ? canary : (before[0] ?? null),
    verifiedAt: verified?.receivedAt ?? null,
    ...worker,
  });
  return {
    verdict: overallVerdict(pipeline, {
      needsAttention: dead + quarantined,
      pending,
      hasAny: verified !== null,
      isReconciled: lastRun === null || lastRun.status === "done" || lastRun.status === "running",
    }),
    pipeline,
    lagMs:
      newest?.settledAt && newest.occurredAt
        ? newest.settledAt.getTime() - newest.occurredAt.getTime()
        : null,
    pending,
    oldestPendingAt: oldest?.receivedAt ?? null,
    oldestPendingMs: oldest ? now.getTime() - oldest.receivedAt.getTime() : null,
    dead,
    quarantined,
    unreadable: count("unreadable"),
    unknown,
    lastDeliveryAt: newest?.receivedAt ?? null,
    isCanarySet: env().canaryOrganizationId !== undefined,
    canary: canary ?? null,
    ...worker,
    lastRun: lastRun && runOf(lastRun),
    outdatedJwtKeyAt,
  };
}

/** {@link findHealth}, shared by parallel callers, so that a flood of probes takes no connections from the webhooks. */
export const sharedHealth = singleFlight(() => findHealth());
