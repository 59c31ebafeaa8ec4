-- The orders and filters of the console's list of deliveries. An index entry has at most 2,704 bytes and the type of an unknown
-- event has no limit, so types are indexed by their start.
CREATE INDEX "deliveries_type_idx" ON "deliveries" (left("type", 100), "received_at" DESC, "svix_id" DESC);

-- The delay of the webhook in ms. Without a time at Clerk, a value below every delay, so that the order has no NULL.
CREATE INDEX "deliveries_delay_idx" ON "deliveries" (
  coalesce((extract(epoch FROM "received_at" - "occurred_at") * 1000)::bigint, (-9000000000000000)::bigint) DESC,
  "svix_id" DESC
);

-- The histogram above the list counts outcomes over time from the index alone.
DROP INDEX "deliveries_received_at_svix_id_idx";
CREATE INDEX "deliveries_received_at_svix_id_idx" ON "deliveries" ("received_at" DESC, "svix_id" DESC) INCLUDE ("outcome");
