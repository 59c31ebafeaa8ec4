/**
 * Ends sessions of a user through Clerk's Backend API. The mirror changes when Clerk's event arrives, as for any other ended
 * session.
 */
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { database } from "../db";

/** The ids of the user's sessions that are active or pending in the mirror. */
async function openSessionIds(userId: string): Promise<string[]> {
  const { rows } = await database().pool.query<{ id: string }>(
    "SELECT id FROM sessions WHERE user_id = $1 AND NOT deleted AND status = ANY ('{active,pending}')",
    [userId],
  );
  return rows.map(({ id }) => id);
}

/** Ends the user's open sessions for which `isWanted` returns true. Returns their ids. */
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
