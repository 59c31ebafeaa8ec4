-- Health counts the deliveries with unread attributes, which are few.
CREATE INDEX "deliveries_unread_idx" ON "deliveries" ("received_at" DESC) WHERE "unread" IS NOT NULL;
