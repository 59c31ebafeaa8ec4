-- Deferred actions. The viewer's role has no privilege on this table: only the app reads it, by id and cookie.
CREATE TABLE "intents" (
    "id" UUID NOT NULL,
    "secret_digest" BYTEA NOT NULL,
    "action" TEXT NOT NULL,
    "args" JSONB NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "made_by" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending' CHECK ("state" IN ('pending', 'done', 'refused', 'discarded', 'undone')),
    "settled_at" TIMESTAMPTZ(3),
    "user_id" TEXT,
    "changed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "intents_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "intents_settled" CHECK (("state" = 'pending') = ("settled_at" IS NULL))
);

CREATE INDEX "intents_expires_at_idx" ON "intents"("expires_at");

ALTER TABLE "intents" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "intents" USING ((SELECT sees_everything()));
