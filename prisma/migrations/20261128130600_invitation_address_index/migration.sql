-- A B-tree refuses values of more than about 2,700 bytes, and with them the whole invitation. Lookups compare for equality only.
DROP INDEX "invitations_lower_email_idx";
CREATE INDEX "invitations_lower_email_idx" ON "invitations" USING hash (lower("email"));
