-- Purchases that wait for ARCHIVE_KEY are deleted at the date at which the archive would have purged them. Null: the date is
-- computed when the erasure runs again.
ALTER TABLE "erasures" ADD COLUMN "purchases_until" TIMESTAMPTZ(3);
