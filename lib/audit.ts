/** Writes the audit log: who did what to which object. Append-only; a trigger refuses UPDATE, DELETE and TRUNCATE. */
import { database, type Queryable } from "./db";

type AuditEntry = {
  /** A user id, or the part of Rollcall that acted, such as `provisioning` or `npm run feed`. */
  actor: string;
  action: string;
  subject: string | null;
  detail?: Record<string, string | number | boolean | null>;
};

export async function recordAudit(entry: AuditEntry): Promise<void> {
  await recordAuditIn(database().pool, entry);
}

/** Writes the entry in the transaction of `db`, so that it is committed with the act. */
export async function recordAuditIn(
  db: Queryable,
  { actor, action, subject, detail = {} }: AuditEntry,
): Promise<void> {
  await db.query(
    "INSERT INTO audit_log (actor, action, subject, detail) VALUES ($1, $2, $3, $4::jsonb)",
    [actor, action, subject, JSON.stringify(detail)],
  );
}
