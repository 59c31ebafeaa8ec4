-- The order of keyset pages: newest first, rows without a creation time last.
ALTER TABLE "wishlist_items" ALTER COLUMN "created_at" DROP NOT NULL;
DROP INDEX "wishlist_items_user_id_created_at_id_idx";
CREATE INDEX "wishlist_items_user_id_created_at_id_idx" ON "wishlist_items"("user_id", "created_at" DESC NULLS LAST, "id" DESC);
