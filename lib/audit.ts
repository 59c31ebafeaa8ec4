/**
 * Writes the audit log: who did what to which object, from which session. Rows can only be added: a trigger refuses UPDATE,
 * DELETE and TRUNCATE.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { database, type Queryable } from "./db";

type AuditEntry = {
  /** A user id, or the part of Rollcall that acted, such as `provisioning` or `npm run feed`. */
  actor: string;
  action: string;
  subject: string | null;
  detail?: Record<string, string | number | boolean | null>;
};

/** The Clerk session of the request. Clerk knows its device and place. */
const origin = new AsyncLocalStorage<{ sessionId: string | null }>();

/** Runs a request. The entries that it writes have the session that {@link noteAuditSession} sets. */
export const withAuditOrigin = <Result>(work: () => Result): Result =>
  origin.run({ sessionId: null }, work);

/** Sets the session of the current request, once the viewer is known. */
export function noteAuditSession(sessionId: string): void {
  const current = origin.getStore();
  if (current) current.sessionId = sessionId;
}

/** The session of the current request; null outside a request, as in the worker or a command. */
export const auditSession = (): string | null => origin.getStore()?.sessionId ?? null;

export async function recordAudit(entry: AuditEntry): Promise<void> {
  await recordAuditIn(database().pool, entry);
}

/** Writes the entry in the transaction of `db`, so that it is committed together with the action that it records. */
export async function recordAuditIn(
  db: Queryable,
  { actor, action, subject, detail = {} }: AuditEntry,
): Promise<void> {
  await db.query(
    "INSERT INTO audit_log (actor, action, subject, detail, session_id) VALUES ($1, $2, $3, $4::jsonb, $5)",
    [actor, action, subject, JSON.stringify(detail), auditSession()],
  );
}
