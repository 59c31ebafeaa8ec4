-- Adds the ids of the deliveries that were received before the trigger. Blocks no webhook.
INSERT INTO "delivery_ids" ("svix_id", "sha256") SELECT "svix_id", "sha256" FROM "deliveries" ORDER BY "svix_id" ON CONFLICT DO NOTHING;
