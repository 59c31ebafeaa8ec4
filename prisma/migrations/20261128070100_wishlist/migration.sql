CREATE TABLE "wishlist_items" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "country_id" TEXT NOT NULL CHECK ("country_id" ~ '^[A-Z]{2}$'),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "wishlist_items_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "wishlist_items_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "wishlist_items_user_id_country_id_key" ON "wishlist_items"("user_id", "country_id");
CREATE INDEX "wishlist_items_user_id_created_at_id_idx" ON "wishlist_items"("user_id", "created_at" DESC, "id" DESC);

DO $$ BEGIN
  EXECUTE format('GRANT SELECT ON "wishlist_items" TO %I', viewer_role());
END $$;
ALTER TABLE "wishlist_items" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "wishlist_items" USING ((SELECT sees_everything()) OR user_id = (SELECT who_asks()));
