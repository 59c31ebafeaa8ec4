-- Saved views of the console's lists, and how each admin last laid out a list.
CREATE TABLE "console_views" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "list" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "parameters" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "is_shared" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "updated_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "console_views_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "console_views_list_name_idx" ON "console_views" ("list", "name");
CREATE INDEX "console_views_owner_id_idx" ON "console_views" ("owner_id");

CREATE TABLE "console_layouts" (
    "user_id" TEXT NOT NULL,
    "list" TEXT NOT NULL,
    "parameters" TEXT NOT NULL,

    CONSTRAINT "console_layouts_pkey" PRIMARY KEY ("user_id", "list")
);

-- Platform admins see their own views and the shared ones.
DO $$ BEGIN
  EXECUTE format('GRANT SELECT ON "console_views", "console_layouts" TO %I', viewer_role());
END $$;
ALTER TABLE "console_views" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "console_views" USING (
  (SELECT sees_everything()) AND (current_user <> viewer_role() OR is_shared OR owner_id = (SELECT who_asks()))
);
ALTER TABLE "console_layouts" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "console_layouts" USING (
  (SELECT sees_everything()) AND (current_user <> viewer_role() OR user_id = (SELECT who_asks()))
);
