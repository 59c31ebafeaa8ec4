/** How the mirror is: lag, what waits, what is dead, the last canary, whether a worker lives. Read from the database only. */
import { database } from "../db";
import { fates } from "./fate";

export type Health = {
  /** From Clerk's clock to ours, of the newest delivery that was settled. */
  lagMs: number | null;
  pending: number;
  oldestPendingMs: number | null;
  dead: number;
  quarantined: number;
  /** Verified, and not as Clerk describes its events. */
  unreadable: number;
  /** Of the last day, those of a type that has no fate here. */
  unknown: number;
  lastDeliveryAt: Date | null;
  canary: {
    startedAt: Date;
    arrivedAt: Date | null;
    /** `worker` when nobody looked after it: no worker runs. */
    brokenLink: string | null;
  } | null;
  isWorkerAlive: boolean;
  lastRun: { status: string; startedAt: Date; endedAt: Date | null } | null;
};

/** A worker says that it lives every 5 s. */
const SILENT_MS = 30_000;
/** A round is looked after a minute after it began. */
const UNCHECKED_MS = 3 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

export async function findHealth(now = new Date()): Promise<Health> {
  const { prisma } = database();
  const [counted, unknown, oldest, newest, canary, worker, lastRun] = await Promise.all([
    prisma.delivery.groupBy({
      by: ["outcome"],
      where: { outcome: { in: ["pending", "dead", "quarantined", "unreadable"] } },
      _count: true,
    }),
    prisma.delivery.count({
      where: {
        outcome: "ignored",
        receivedAt: { gt: new Date(now.getTime() - DAY_MS) },
        type: { notIn: Object.keys(fates) },
      },
    }),
    prisma.delivery.findFirst({
      where: { outcome: "pending" },
      orderBy: { receivedAt: "asc" },
      select: { receivedAt: true },
    }),
    prisma.delivery.findFirst({
      where: { outcome: { in: ["applied", "stale", "ignored"] } },
      orderBy: [{ receivedAt: "desc" }, { svixId: "desc" }],
      select: { receivedAt: true, occurredAt: true, settledAt: true },
    }),
    prisma.canaryRound.findFirst({ orderBy: { startedAt: "desc" } }),
    prisma.syncFact.findUnique({ where: { name: "worker" } }),
    prisma.syncRun.findFirst({ orderBy: { startedAt: "desc" } }),
  ]);
  const count = (outcome: string) => counted.find((row) => row.outcome === outcome)?._count ?? 0;
  const age = (date: Date | undefined) => (date ? now.getTime() - date.getTime() : null);
  const isWorkerAlive = (age(worker?.updatedAt) ?? SILENT_MS) < SILENT_MS;
  const isUnchecked =
    canary !== null &&
    !canary.arrivedAt &&
    !canary.brokenLink &&
    (age(canary.startedAt) ?? 0) > UNCHECKED_MS;
  return {
    lagMs:
      newest?.settledAt && newest.occurredAt
        ? newest.settledAt.getTime() - newest.occurredAt.getTime()
        : null,
    pending: count("pending"),
    oldestPendingMs: age(oldest?.receivedAt),
    dead: count("dead"),
    quarantined: count("quarantined"),
    unreadable: count("unreadable"),
    unknown,
    lastDeliveryAt: newest?.receivedAt ?? null,
    canary: canary && {
      startedAt: canary.startedAt,
      arrivedAt: canary.arrivedAt,
      brokenLink: isUnchecked ? "worker" : canary.brokenLink,
    },
    isWorkerAlive,
    lastRun: lastRun && {
      status: lastRun.status,
      startedAt: lastRun.startedAt,
      endedAt: lastRun.endedAt,
    },
  };
}
