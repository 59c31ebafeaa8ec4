-- The run of the worker's task that may take the next item: after a stop and a resume, the earlier run ends.
ALTER TABLE "bulk_acts" ADD COLUMN "runner" UUID;
