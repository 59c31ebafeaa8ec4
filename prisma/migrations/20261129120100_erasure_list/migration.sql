-- The console's list of erasures: the newest deletion first, of all erasures, of a step, and of a reason.
CREATE INDEX "erasures_deleted_at_id_idx" ON "erasures"("deleted_at" DESC, "id" DESC);
CREATE INDEX "erasures_step_deleted_at_id_idx" ON "erasures"("step", "deleted_at" DESC, "id" DESC);
CREATE INDEX "erasures_reason_deleted_at_id_idx" ON "erasures"("reason", "deleted_at" DESC, "id" DESC);
DROP INDEX "erasures_deleted_at_idx";
