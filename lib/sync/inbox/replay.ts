/**
 * Replays stored deliveries through *decide* and *apply*: those with given ids, those that match a filter, or all. A replay is
 * harmless, because the version guard keeps newer rows and tombstones. Deliveries past retention have no body and are skipped.
 */
import { recordAudit } from "../../audit";
import { database } from "../../db";
import { Prisma } from "../../generated/prisma/client";
import { type StoredOutcome, storedOutcomes } from "../monitoring/delivery-lists";
import { type DeliveryFilter, deliveryCondition } from "../monitoring/find-deliveries";
import { settleDelivery } from "./settle";

export type Selection = DeliveryFilter & {
  svixIds?: readonly string[] | undefined;
  /** If true, effects also run for changes by deliveries that were applied before. */
  withEffects?: boolean | undefined;
};
export type ReplayCounts = Partial<Record<StoredOutcome, number>>;

/** A cursor: a position in the order of a replay, which is oldest first. */
export type Position = { receivedAt: Date; svixId: string };

const BATCH = 200;
const CONCURRENCY = 4;

/** Returns the SQL condition that selects the rows of `deliveries`. A discarded delivery is selected only by its svix-id. */
async function conditionOf({ svixIds, ...filter }: Selection): Promise<Prisma.Sql> {
  const chosen = svixIds
    ? Prisma.sql`svix_id = ANY (${svixIds}::text[])`
    : Prisma.sql`outcome <> 'discarded'`;
  return Prisma.sql`${chosen} AND body IS NOT NULL AND ${await deliveryCondition(filter)}`;
}

export async function countReplayable(selection: Selection): Promise<number> {
  const counted = await database().prisma.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM deliveries WHERE ${await conditionOf(selection)}`;
  return counted[0]?.count ?? 0;
}

/**
 * Resolves to the first `take` deliveries of a selection after a cursor, oldest first. If the cursor is null, begins with the
 * oldest.
 */
export async function findReplayable(
  selection: Selection,
  after: Position | null,
  take: number,
): Promise<Position[]> {
  const isLater = after
    ? Prisma.sql`(received_at, svix_id) > (${after.receivedAt}, ${after.svixId})`
    : Prisma.sql`true`;
  return database().prisma.$queryRaw<Position[]>`
    SELECT svix_id AS "svixId", received_at AS "receivedAt" FROM deliveries
    WHERE ${await conditionOf(selection)} AND ${isLater} ORDER BY received_at, svix_id LIMIT ${take}`;
}

/**
 * Applies several deliveries concurrently, and adds their outcomes to the counts in `replayed`. The version guard makes the order
 * irrelevant.
 */
async function settleAll(
  svixIds: string[],
  replayed: ReplayCounts,
  withEffects: boolean,
): Promise<void> {
  const pending = [...svixIds];
  const runNext = async () => {
    for (let next = pending.pop(); next; next = pending.pop()) {
      const outcome = await settleDelivery(next, withEffects ? "replay" : null);
      if (outcome) replayed[outcome] = (replayed[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, runNext));
}

type Batch = { outcomes: ReplayCounts; count: number; next: Position | null };

/**
 * Replays the first `take` deliveries of a selection after a cursor, in the order of a replay. `next` is the cursor to continue
 * from, or null after the last delivery.
 */
export async function replayBatch(
  selection: Selection,
  after: Position | null,
  take = BATCH,
): Promise<Batch> {
  const outcomes: ReplayCounts = {};
  const batch = await findReplayable(selection, after, take);
  await settleAll(
    batch.map(({ svixId }) => svixId),
    outcomes,
    selection.withEffects ?? false,
  );
  return {
    outcomes,
    count: batch.length,
    next: batch.length < take ? null : (batch.at(-1) ?? null),
  };
}

/** Replays all deliveries of a selection. Resolves to the number of deliveries for each outcome. */
export async function replayDeliveries(
  selection: Selection,
  onProgress: (done: number) => void = () => {},
): Promise<ReplayCounts> {
  const replayed: ReplayCounts = {};
  let done = 0;
  let after: Position | null = null;
  do {
    const batch: Batch = await replayBatch(selection, after);
    for (const outcome of storedOutcomes) {
      const count = batch.outcomes[outcome];
      if (count) replayed[outcome] = (replayed[outcome] ?? 0) + count;
    }
    done += batch.count;
    onProgress(done);
    after = batch.next;
  } while (after);
  return replayed;
}

/**
 * Sets the deliveries of a selection to `discarded` without applying them, and writes an audit entry. Deliveries of the list
 * `partial` were already applied. They keep their outcome, and only `unread` is cleared: their unread attributes are accepted as
 * null. Resolves to the number of changed deliveries.
 */
export async function discardDeliveries(
  selection: Selection,
  { actor, reason }: { actor: string; reason: string | null },
): Promise<number> {
  const { svixIds, withEffects: _effects, ...filter } = selection;
  const [change, mayDiscard] =
    filter.list === "partial"
      ? [Prisma.sql`unread = NULL`, Prisma.sql`true`]
      : [
          Prisma.sql`outcome = 'discarded', next_attempt_at = NULL`,
          Prisma.sql`outcome IN ('pending', 'dead', 'quarantined', 'unreadable')`,
        ];
  const chosen = svixIds ? Prisma.sql`svix_id = ANY (${svixIds}::text[])` : Prisma.sql`true`;
  const count = await database().prisma.$executeRaw`
    UPDATE deliveries SET ${change} WHERE ${chosen} AND ${mayDiscard} AND ${await deliveryCondition(filter)}`;
  const subject =
    filter.list ?? filter.outcome ?? (svixIds?.length === 1 ? svixIds[0] : null) ?? null;
  const entry = { actor, action: "deliveries.discarded", subject };
  if (count > 0) await recordAudit({ ...entry, detail: { count, ...(reason && { reason }) } });
  return count;
}
