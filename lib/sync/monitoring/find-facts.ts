/** Reads the facts about the sync from the database, one statement after the other on one connection. */
import { z } from "zod";
import { database } from "../../db";
import { env } from "../../env";
import { readErasureFacts } from "../../erasure/facts";
import { findOutdatedJwtKey } from "../../outdated-jwt-key";
import { findReplicaStatus } from "../../replica";
import { reconciledTables } from "../mirror/columns";
import { LIMIT_REMEDY } from "../reconcile/gone-at-clerk";
import { countsShape } from "../reconcile/runs";
import {
  type DeliveryList,
  deliveryLists,
  failedProvisionings,
  inDeliveryList,
} from "./delivery-lists";
import { readEffectFacts } from "./effect-facts";
import type { Facts, ListFacts, RunFacts } from "./facts";
import { keyFacts } from "./key-facts";
import type { Round } from "./pipeline";
import { refusalsIn } from "./refusals";
import { readServerFacts } from "./server-facts";

/**
 * How long a heartbeat is valid in ms, by its name in `sync_facts`. A running worker writes a heartbeat every 5 s. On a host
 * without a worker process, each call of the cron route writes one; its scheduler calls it every minute.
 */
const heartbeatLifetimeMs = { worker: 30_000, "worker by calls": 3 * 60_000 };
export type HeartbeatName = keyof typeof heartbeatLifetimeMs;

/** A canary round is checked one minute after its start. An unchecked round older than this (in ms) means that no worker runs. */
const UNCHECKED_MS = 3 * 60_000;

const instanceShape = z.object({ id: z.string() });

function roundOf(round: Round | undefined, now: Date): Round | null {
  if (!round) return null;
  const { startedAt, arrivedAt, fault } = round;
  const isUnchecked = !arrivedAt && !fault && now.getTime() - startedAt.getTime() > UNCHECKED_MS;
  return { startedAt, arrivedAt, fault: isUnchecked ? "worker" : fault };
}

type StoredRun = Omit<RunFacts, "reason" | "isDeletionLimit"> & { error: string | null };

function runFacts(run: StoredRun | null): RunFacts | null {
  if (!run) return null;
  const { error, ...rest } = run;
  return {
    ...rest,
    reason: error?.replace(LIMIT_REMEDY, "").trim() ?? null,
    isDeletionLimit: error?.includes(LIMIT_REMEDY) ?? false,
  };
}

type StoredFact = { name: string; value: unknown; updatedAt: Date };

function workerFacts(facts: StoredFact[], now: Date): Facts["worker"] {
  const beats = Object.entries(heartbeatLifetimeMs).flatMap(([name, lifetimeMs]) => {
    const at = facts.find((fact) => fact.name === name)?.updatedAt;
    return at ? [{ at, isValid: now.getTime() - at.getTime() < lifetimeMs }] : [];
  });
  beats.sort((a, b) => b.at.getTime() - a.at.getTime());
  return {
    isWorkerRunning: beats.some(({ isValid }) => isValid),
    workerHeartbeatAt: beats[0]?.at ?? null,
  };
}

function listFacts(counted: ListFacts[][]): Record<DeliveryList, ListFacts> {
  const none = { count: 0, oldestAt: null, newestAt: null };
  const of = (list: DeliveryList) => counted[deliveryLists.indexOf(list)]?.[0] ?? none;
  return {
    pending: of("pending"),
    dead: of("dead"),
    quarantined: of("quarantined"),
    unreadable: of("unreadable"),
    partial: of("partial"),
    unknown: of("unknown"),
  };
}

type StoredEndpoint = {
  name: string;
  disabledAt: Date | null;
  disabledReason: string | null;
  failingSince: Date | null;
  lastFailure: string | null;
};

function feedFacts(endpoints: StoredEndpoint[]): Facts["feed"] {
  const facts: Facts["feed"] = { disabled: [], failing: [] };
  for (const { name, disabledAt: at, disabledReason, failingSince: since, ...rest } of endpoints) {
    const lastFailure = rest.lastFailure ?? "failed";
    if (at) facts.disabled.push({ name, at, isGone: disabledReason === "gone", lastFailure });
    else if (since) facts.failing.push({ name, since, lastFailure });
  }
  return facts;
}

const runSelect = {
  mode: true,
  status: true,
  startedAt: true,
  endedAt: true,
  error: true,
} as const;
const newestFirst = [{ receivedAt: "desc" as const }, { svixId: "desc" as const }];

function readStored(now: Date) {
  const { prisma } = database();
  return prisma.$transaction([
    prisma.delivery.findFirst({ orderBy: newestFirst, select: { receivedAt: true } }),
    prisma.delivery.findFirst({
      where: { outcome: { in: ["applied", "stale", "ignored"] } },
      orderBy: newestFirst,
      select: { occurredAt: true, settledAt: true },
    }),
    prisma.syncFact.findMany(),
    prisma.canaryRound.findMany({ orderBy: { startedAt: "desc" }, take: 2 }),
    prisma.provisioning.aggregate({
      where: failedProvisionings,
      _count: true,
      _min: { createdAt: true },
    }),
    prisma.feedEndpoint.findMany({
      where: {
        OR: [
          { disabledReason: { in: ["gone", "failing"] } },
          { disabledAt: null, failingSince: { not: null } },
        ],
      },
      orderBy: [{ disabledAt: "asc" }, { failingSince: "asc" }, { name: "asc" }],
      select: {
        name: true,
        disabledAt: true,
        disabledReason: true,
        failingSince: true,
        lastFailure: true,
      },
    }),
    prisma.syncRun.findFirst({
      where: { mode: "repair" },
      orderBy: { startedAt: "desc" },
      select: runSelect,
    }),
    prisma.syncRun.findFirst({
      where: { mode: "repair", status: "done" },
      orderBy: { startedAt: "desc" },
      select: { endedAt: true },
    }),
    prisma.syncRun.findFirst({
      orderBy: { startedAt: "desc" },
      select: { ...runSelect, id: true, counts: true },
    }),
    ...deliveryLists.map(
      (list) => prisma.$queryRaw<ListFacts[]>`
        SELECT count(*)::int AS count, min(received_at) AS "oldestAt", max(received_at) AS "newestAt"
        FROM deliveries WHERE ${inDeliveryList(list, now)}`,
    ),
  ]);
}

type LastRun = {
  mode: string;
  status: string;
  startedAt: Date;
  endedAt: Date | null;
  /** The number of rows that differed from Clerk, and the number of those that were repaired. */
  found: number;
  repaired: number;
  /** The number of objects at Clerk that could not be read, and the number of objects with unreadable attributes. */
  unreadable: number;
  partial: number;
};

/** Summarises the newest run of any mode, or returns null. */
function lastRunOf(run: (StoredRun & { counts: unknown }) | null): LastRun | null {
  if (!run) return null;
  const { mode, status, startedAt, endedAt } = run;
  const { data } = countsShape.safeParse(run.counts);
  const tallies = data ? reconciledTables.map((table) => data[table]) : [];
  const sum = (of: (tally: (typeof tallies)[number]) => number) =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    mode,
    status,
    startedAt,
    endedAt,
    found: sum(({ missing, stale, different, extra }) => missing + stale + different + extra),
    repaired: sum(({ repaired }) => repaired),
    unreadable: sum(({ unreadable }) => unreadable),
    partial: sum(({ partial }) => partial),
  };
}

/**
 * Reads the facts that the health verdict is based on, such as deliveries, runs, workers and endpoints. `at` replaces the
 * database's clock, for tests. @throws the database's error.
 */
export async function findFacts(at?: Date): Promise<{ facts: Facts; lastRun: LastRun | null }> {
  const startedAt = performance.now();
  const { server, clockAheadMs } = await readServerFacts();
  const now = at ?? server.now;
  const [newest, settled, stored, rounds, provisioning, endpoints, repair, done, last, ...counted] =
    await readStored(now);
  const settings = env();
  const [newestRound, roundBefore] = [roundOf(rounds[0], now), roundOf(rounds[1], now)];
  const hasEnded = newestRound?.arrivedAt || newestRound?.fault;
  const lastRun = lastRunOf(last);
  const instance = stored.find(({ name }) => name === "instance_id");
  const facts: Facts = {
    now,
    setUpAt: server.setUpAt,
    database: {
      mode: database().mode,
      isDirectUrlSet: settings.directDatabaseUrl !== settings.databaseUrl,
      isReadOnly: server.isReadOnly,
      tookMs: performance.now() - startedAt,
      clockAheadMs,
      connections: server.connections,
      maxConnections: server.maxConnections,
      replica: await findReplicaStatus(),
    },
    keys: keyFacts(settings, {
      instanceOfKey: instanceShape.safeParse(instance?.value).data?.id ?? null,
      outdatedJwtKeyAt: await findOutdatedJwtKey(),
    }),
    deliveries: {
      newestAt: newest?.receivedAt ?? null,
      lagMs:
        settled?.settledAt && settled.occurredAt
          ? settled.settledAt.getTime() - settled.occurredAt.getTime()
          : null,
      recent: { total: server.recentTotal, quarantined: server.recentQuarantined },
      arrivingInstance: server.arrivingInstance,
      lists: listFacts(counted),
      pendingError: server.pendingError,
      deadError: server.deadError,
      partitionedUntil: server.partitionedUntil,
    },
    ...refusalsIn(stored),
    clerkAhead: { count: server.aheadCount, newestAt: server.aheadAt },
    provisionings: { count: provisioning._count, oldestAt: provisioning._min.createdAt },
    effects: await readEffectFacts(now),
    feed: feedFacts(endpoints),
    erasures: await readErasureFacts(),
    worker: workerFacts(stored, now),
    canary: {
      isSet: settings.canaryOrganizationId !== undefined,
      newest: newestRound,
      ended: hasEnded ? newestRound : roundBefore,
    },
    runs: {
      lastRepair: runFacts(repair),
      lastDoneAt: done?.endedAt ?? null,
      isLeaseHeld: server.isLeaseHeld,
      // The larger number is correct: only the first 1,000 findings of a run are stored, but its counts include all of them. Runs
      // of earlier releases lack some counts.
      unreadable: Math.max(server.unreadableObjects, lastRun?.unreadable ?? 0),
      partial: Math.max(server.partialObjects, lastRun?.partial ?? 0),
      unreadAt: last?.endedAt ?? last?.startedAt ?? null,
    },
  };
  return { facts, lastRun };
}
