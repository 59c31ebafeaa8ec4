/** What the console, billing and a running reconciliation store about the canary (canary-person.ts). */
import { recordAudit } from "@/lib/audit";
import { database } from "@/lib/db";
import { clerkId } from "./clerk-payloads";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

/** Acts on the canary by an admin, and what the canary stored as an admin. */
export async function leaveConsoleTraces(userId: string, adminId: string, tag: string) {
  await sql(
    `WITH bulk AS (INSERT INTO bulk_acts (name, actor_id, reason, state, ended_at) VALUES ('user.ban', $2, $3, 'done', now()) RETURNING id),
       act AS (INSERT INTO acts (name, actor_id, object_kind, object_id, user_id, reason, state, error_message)
         VALUES ('user.ban', $2, 'user', $1, $1, $3, 'refused', $3)),
       entry AS (INSERT INTO audit_log (actor, action, subject, detail)
         SELECT $2, 'bulk.user.ban_requested', id, jsonb_build_object('count', 1, 'reason', $3::text) FROM bulk)
     INSERT INTO bulk_act_items (bulk_id, position, object_id, state, note) SELECT id, 1, $1, 'skipped', $3 FROM bulk`,
    [userId, adminId, `complaint about Serinus${tag}`],
  );
  await recordAudit({
    actor: adminId,
    action: "user.ban_requested",
    subject: userId,
    detail: { reason: `complaint about Serinus${tag}` },
  });
  await sql(
    "INSERT INTO console_views (list, name, parameters, owner_id, is_shared, updated_by) VALUES ('users', $2, $2, $1, true, $1)",
    [userId, `search=${tag}`],
  );
  await sql("INSERT INTO console_layouts VALUES ($1, 'users', $2)", [userId, `columns=${tag}`]);
}

/** A subscription with one plan. */
export async function leaveSubscription(userId: string): Promise<void> {
  const id = clerkId("csub");
  await sql(
    "INSERT INTO subscriptions (id, version, user_id, status) VALUES ($2, 1, $1, 'active')",
    [userId, id],
  );
  await sql(
    `INSERT INTO subscription_items (id, version, subscription_id, user_id, plan_name, status, amount)
     VALUES ($3, 1, $2, $1, 'Pro', 'active', 900)`,
    [userId, id, clerkId("csub_item")],
  );
}
