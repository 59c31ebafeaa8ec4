-- Device and place of a session, from the activity that Clerk sends with its events. Null in the rows of earlier events: a rebuild
-- fills them from the stored deliveries.
ALTER TABLE "sessions" ADD COLUMN "browser_name" TEXT,
ADD COLUMN "browser_version" TEXT,
ADD COLUMN "city" TEXT,
ADD COLUMN "country" TEXT,
ADD COLUMN "device_type" TEXT;
