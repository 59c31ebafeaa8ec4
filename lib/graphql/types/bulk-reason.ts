/** The reason of a bulk act, which is stored once and not with each of its acts. */
import { type Context, viewerDbOf } from "../context";
import { FieldLoaders } from "./batch-load";

const reasons = new FieldLoaders<string>();
const ofRequest = {};

/** Resolves to the reason of a bulk act; null if there is none, or if the viewer may not read bulk acts. One query for a list. */
export async function bulkReasonOf(
  context: Context,
  bulkId: string | null,
): Promise<string | null> {
  if (bulkId === null) return null;
  const reason = await reasons.load(context, ofRequest, bulkId, async (ids) => {
    const rows = await viewerDbOf(context).bulkAct.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, reason: true },
    });
    return new Map(rows.flatMap(({ id, reason }) => (reason === null ? [] : [[id, reason]])));
  });
  return reason ?? null;
}
