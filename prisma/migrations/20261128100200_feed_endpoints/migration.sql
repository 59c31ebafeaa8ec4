-- Endpoints of the change feed. The viewer's role has no privilege on this table: it holds the signing secrets.
CREATE TABLE "feed_endpoints" (
    "name" TEXT NOT NULL CHECK ("name" ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    "url" TEXT NOT NULL,
    "secrets" TEXT[] CHECK ("secrets" IS NOT NULL AND cardinality("secrets") BETWEEN 1 AND 2),
    "kinds" TEXT[] CHECK ("kinds" IS NOT NULL AND "kinds" <@ ARRAY['user', 'organization', 'membership', 'invitation'] AND cardinality("kinds") > 0),
    "sends_private_metadata" BOOLEAN NOT NULL DEFAULT false,
    "allows_private_address" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_reason" TEXT CHECK ("disabled_reason" IN ('command', 'gone', 'failing')),
    "failing_since" TIMESTAMPTZ(3),
    "last_failure" TEXT,
    "last_success_at" TIMESTAMPTZ(3),

    CONSTRAINT "feed_endpoints_pkey" PRIMARY KEY ("name"),
    CONSTRAINT "feed_endpoints_disabled" CHECK (("disabled_at" IS NULL) = ("disabled_reason" IS NULL))
);

ALTER TABLE "feed_endpoints" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "feed_endpoints" USING ((SELECT sees_everything()));
