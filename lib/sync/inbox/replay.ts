/**
 * Replays stored deliveries through *decide* and *apply*: one delivery, a time range, a list of the Health page, or all. A replay
 * is harmless, because the version guard keeps newer rows and tombstones. Deliveries past retention have no body and are skipped.
 */
import { recordAudit } from "../../audit";
import { database } from "../../db";
import { type DeliveryList, inDeliveryList } from "../monitoring/delivery-lists";
import type { StoredOutcome } from "./record";
import { settleDelivery } from "./settle";

export type Selection = {
  svixId?: string;
  from?: Date;
  to?: Date;
  list?: DeliveryList;
  /** If true, effects also run for changes by deliveries that were applied before. */
  withEffects?: boolean;
};
type ReplayCounts = Partial<Record<StoredOutcome, number>>;

const BATCH = 200;
const CONCURRENCY = 4;

/** Selects deliveries. A discarded delivery is selected only by its svix-id. */
function whereOf({ svixId, from, to, list }: Selection) {
  return {
    AND: [
      svixId ? { svixId } : { outcome: { not: "discarded" } },
      list ? inDeliveryList(list) : {},
    ],
    receivedAt: { gte: from, lte: to },
    body: { not: null },
  };
}

export function countDeliveries(selection: Selection): Promise<number> {
  return database().prisma.delivery.count({ where: whereOf(selection) });
}

/** Settles several deliveries concurrently: the version guard makes their order irrelevant. */
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

/** Resolves to the number of deliveries by outcome. */
export async function replayDeliveries(
  selection: Selection,
  onProgress: (done: number) => void = () => {},
): Promise<ReplayCounts> {
  const replayed: ReplayCounts = {};
  let done = 0;
  let cursor: { receivedAt: Date; svixId: string } | undefined;
  for (;;) {
    const batch = await database().prisma.delivery.findMany({
      where: {
        ...whereOf(selection),
        ...(cursor && {
          OR: [
            { receivedAt: { gt: cursor.receivedAt } },
            { receivedAt: cursor.receivedAt, svixId: { gt: cursor.svixId } },
          ],
        }),
      },
      select: { svixId: true, receivedAt: true },
      orderBy: [{ receivedAt: "asc" }, { svixId: "asc" }],
      take: BATCH,
    });
    await settleAll(
      batch.map(({ svixId }) => svixId),
      replayed,
      selection.withEffects ?? false,
    );
    done += batch.length;
    onProgress(done);
    cursor = batch.at(-1);
    if (batch.length < BATCH) return replayed;
  }
}

/**
 * Removes the deliveries from their list without applying them, and writes an audit entry. Deliveries of `partial` were already
 * applied: their unread attributes are accepted as null. Resolves to the number of deliveries.
 */
export async function discardDeliveries(list: DeliveryList): Promise<number> {
  const data =
    list === "partial" ? { unread: null } : { outcome: "discarded", nextAttemptAt: null };
  const { count } = await database().prisma.delivery.updateMany({
    where: inDeliveryList(list),
    data,
  });
  const entry = { actor: "command", action: "deliveries.discarded", subject: list };
  if (count > 0) await recordAudit({ ...entry, detail: { count } });
  return count;
}
