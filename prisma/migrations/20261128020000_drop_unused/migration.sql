-- Nothing reads these. A run's lease is an advisory lock, which ends with its process; a finding has its run's time.
ALTER TABLE "sync_runs" DROP COLUMN "heartbeat_at";
ALTER TABLE "drift_findings" DROP COLUMN "found_at";
DROP INDEX "drift_findings_object_id_idx";
DROP INDEX "audit_log_at_id_idx";
