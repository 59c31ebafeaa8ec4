-- Marks erasures that left purchases in their tables because ARCHIVE_KEY could not be used, so that they are found without a search.
ALTER TABLE "erasures" ADD COLUMN "is_unarchived" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "erasures_is_unarchived_idx" ON "erasures"("id") WHERE "is_unarchived";

-- Those that were done before there was an archive.
UPDATE "erasures" e SET "is_unarchived" = true WHERE step = 'done' AND (
  EXISTS (SELECT FROM payment_attempts t WHERE e.subject_id IN (t.user_id, t.organization_id) AND t.status IS NOT NULL)
  OR EXISTS (SELECT FROM subscriptions t WHERE e.subject_id IN (t.user_id, t.organization_id) AND t.status IS NOT NULL)
  OR EXISTS (SELECT FROM subscription_items t WHERE e.subject_id IN (t.user_id, t.organization_id) AND t.status IS NOT NULL));
