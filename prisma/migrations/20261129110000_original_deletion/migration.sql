-- When the subject of an erasure that repeats one after a restore was deleted: the archive and the receipt need it. `deleted_at`
-- stays the time of the repeated deletion, from which the steps of the erasure count their deadlines.
ALTER TABLE "erasures" ADD COLUMN "first_deleted_at" TIMESTAMPTZ(3);
