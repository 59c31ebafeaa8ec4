/**
 * Ends sessions of a user through Clerk's Backend API. The mirror learns of it by Clerk's event, like of every other end of a
 * session.
 */
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { database } from "../db";

/** The ids of the user's sessions that have not ended, as the mirror knows them. */
async function openSessionIds(userId: string): Promise<string[]> {
  const { rows } = await database().pool.query<{ id: string }>(
    "SELECT id FROM sessions WHERE user_id = $1 AND NOT deleted AND status = ANY ('{active,pending}')",
    [userId],
  );
  return rows.map(({ id }) => id);
}

/** Ends those of the user's own open sessions that `isWanted` chooses. Returns the ids of the ended ones. */
export async function endOwnSessions(
  userId: string,
  isWanted: (sessionId: string) => boolean,
): Promise<string[]> {
  const ids = (await openSessionIds(userId)).filter(isWanted);
  const ended: string[] = [];
  for (const id of ids) {
    await clerk().sessions.revokeSession(id);
    ended.push(id);
    await recordAudit({ actor: userId, action: "session.end", subject: id });
  }
  return ended;
}
