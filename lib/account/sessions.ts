/**
 * Ends sessions of a user through Clerk's Backend API. The mirror changes when Clerk's event arrives, as for any other ended
 * session.
 */
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { database, notDeleted } from "../db";

/** Prisma's filter for sessions that have not ended. */
export const openSession = { ...notDeleted, status: { in: ["active", "pending"] } };

/** Ends each open session of the user for which `isWanted` returns true. Resolves to the ids of the ended sessions. */
export async function endOwnSessions(
  userId: string,
  isWanted: (sessionId: string) => boolean,
): Promise<string[]> {
  const open = await database().prisma.session.findMany({
    where: { userId, ...openSession },
    select: { id: true },
  });
  const ended: string[] = [];
  for (const id of open.map(({ id }) => id).filter(isWanted)) {
    await clerk().sessions.revokeSession(id);
    ended.push(id);
    await recordAudit({ actor: userId, action: "session.end", subject: id });
  }
  return ended;
}
