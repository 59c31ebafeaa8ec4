-- Nothing reads when a handler was first registered.
ALTER TABLE "effect_subscribers" DROP COLUMN "registered_at";
