-- The timeline of an organization: its own versions, and those of its memberships, newest first. Versions of users are not in it.
CREATE INDEX "versions_of_organization" ON "versions"("organization_id", "occurred_at" DESC) WHERE "organization_id" IS NOT NULL;
