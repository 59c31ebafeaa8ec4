/** Writes one audit entry for each impersonated session, before the session's first request gets a response. */
import { LRUCache } from "lru-cache";
import { database } from "../db";
import type { SessionClaims } from "./claims";

const recorded = new LRUCache<string, true>({ max: 1_000 });

/**
 * Writes the audit entry of an impersonated session, once. @throws when the database does not respond, so that no impersonated
 * request is served without its entry.
 */
export async function recordImpersonation(claims: SessionClaims): Promise<void> {
  const { impersonatorId, userId, sessionId } = claims;
  if (impersonatorId === null || recorded.get(sessionId)) return;
  await database().pool.query(
    `INSERT INTO audit_log (actor, action, subject, detail)
     SELECT $1, 'session.impersonated', $2, jsonb_build_object('sessionId', $3::text)
     WHERE NOT EXISTS (
       SELECT FROM audit_log WHERE subject = $2 AND actor = $1 AND action = 'session.impersonated' AND detail ->> 'sessionId' = $3
     )`,
    [impersonatorId, userId, sessionId],
  );
  recorded.set(sessionId, true);
}
