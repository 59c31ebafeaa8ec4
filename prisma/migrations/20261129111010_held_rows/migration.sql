-- A late event about a held subject used to begin the erasure, and the row kept for an undo stayed, as did calls to Clerk that
-- waited for the end of the holdback.
UPDATE "erasures" SET "held_row" = NULL WHERE "step" <> 'held' AND "held_row" IS NOT NULL;
UPDATE "erasure_calls" c SET "next_at" = now() FROM "erasures" e WHERE c."erasure_id" = e."id" AND c."next_at" IS NULL AND e."step" <> 'held';
