-- Lists are newest first, and rows without a creation time come last. DESC alone sorts them first.
DROP INDEX "users_created_at_id_idx";
CREATE INDEX "users_created_at_id_idx" ON "users" ("created_at" DESC NULLS LAST, "id" DESC);
DROP INDEX "organizations_created_at_id_idx";
CREATE INDEX "organizations_created_at_id_idx" ON "organizations" ("created_at" DESC NULLS LAST, "id" DESC);
DROP INDEX "memberships_organization_id_created_at_id_idx";
CREATE INDEX "memberships_organization_id_created_at_id_idx" ON "memberships" ("organization_id", "created_at" DESC NULLS LAST, "id" DESC);
