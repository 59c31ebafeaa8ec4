-- A user who deletes their account is deleted here at once, also while Clerk is away. The deletion at Clerk is a call that is
-- tried again until it succeeds. It belongs to no organization.
-- Version 0.1.0 names the constraint in no ON CONFLICT, and the new one allows more than the old one.
-- contract: erasure_calls.erasure_calls_call_check unused since 0.1.0
ALTER TABLE "erasure_calls" ALTER COLUMN "organization_id" DROP NOT NULL;
ALTER TABLE "erasure_calls" DROP CONSTRAINT "erasure_calls_call_check";
ALTER TABLE "erasure_calls" ADD CONSTRAINT "erasure_calls_call_check"
  CHECK ("call" IN ('revoke_invitation', 'keep_admin', 'delete_user'));
