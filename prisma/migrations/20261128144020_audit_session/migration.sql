-- From where somebody acted: the Clerk session of the request. Clerk knows its device and place.
ALTER TABLE "audit_log" ADD COLUMN "session_id" TEXT;
