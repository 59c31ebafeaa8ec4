-- rollcall_sql.deleted_users read every user to find the few that are deleted. A live user has no entry in this index.
CREATE INDEX "users_deleted_idx" ON "users" ("id") WHERE "deleted";
