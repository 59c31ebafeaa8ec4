-- The console lists the audit log newest first, also of one actor, one action or one subject. text_pattern_ops serves "invitation.%".
DROP INDEX "audit_log_subject_idx";
CREATE INDEX "audit_log_at_id_idx" ON "audit_log" ("at" DESC, "id" DESC);
CREATE INDEX "audit_log_actor_at_id_idx" ON "audit_log" ("actor", "at" DESC, "id" DESC);
CREATE INDEX "audit_log_action_at_id_idx" ON "audit_log" ("action" text_pattern_ops, "at" DESC, "id" DESC);
CREATE INDEX "audit_log_subject_at_id_idx" ON "audit_log" ("subject", "at" DESC, "id" DESC);
