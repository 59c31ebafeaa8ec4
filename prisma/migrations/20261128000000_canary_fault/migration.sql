-- What a canary round found is a fault; the stage that it breaks is derived from it.
ALTER TABLE "canary_rounds" RENAME COLUMN "broken_link" TO "fault";
