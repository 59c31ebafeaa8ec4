/**
 * Replays stored deliveries through *decide* and *apply*: one, a range, one of Health's lists, or all. It is harmless: the
 * version guard keeps newer rows and tombstones. Deliveries past retention have no body, and are skipped.
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
  /** Run effects also for what changes although it was applied before. */
  withEffects?: boolean;
};
type ReplayCounts = Partial<Record<StoredOutcome, number>>;

const BATCH = 200;
const CONCURRENCY = 4;

/** A discarded delivery is applied only when it is named. */
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

/** Settles several at once: the order does not matter to the version guard. */
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
 * Takes the deliveries out of their list without applying them: an operator's decision, which is audited. Those of `partial`
 * are applied already, so their unread attributes are accepted. Resolves to their number.
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
