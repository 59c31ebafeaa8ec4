/**
 * Stored deliveries once more through *decide* and *apply*: one, a range, the dead letters, or everything. The guard makes
 * it harmless: what is newer stays, what is buried stays buried. What is past retention has no body to replay.
 */
import { database } from "../../db";
import type { StoredOutcome } from "./record";
import { settleDelivery } from "./settle";

export type Selection = { svixId?: string; from?: Date; to?: Date; outcome?: StoredOutcome };
export type ReplayCounts = Partial<Record<StoredOutcome, number>>;

const BATCH = 200;
const LANES = 4;

function whereOf({ svixId, from, to, outcome }: Selection) {
  return {
    ...(svixId && { svixId }),
    ...(outcome && { outcome }),
    receivedAt: { gte: from, lte: to },
    body: { not: null },
  };
}

export function countDeliveries(selection: Selection): Promise<number> {
  return database().prisma.delivery.count({ where: whereOf(selection) });
}

/** Order does not matter to the guard, so several go at once. */
async function settleAll(svixIds: string[], replayed: ReplayCounts): Promise<void> {
  const waiting = [...svixIds];
  const lane = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const outcome = await settleDelivery(next);
      if (outcome) replayed[outcome] = (replayed[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Resolves to how many came to which outcome. */
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
    );
    done += batch.length;
    onProgress(done);
    cursor = batch.at(-1);
    if (batch.length < BATCH) return replayed;
  }
}
