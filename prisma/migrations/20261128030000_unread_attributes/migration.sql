-- Which attributes of an event could not be read: the others are mirrored all the same.
ALTER TABLE "deliveries" ADD COLUMN "unread" TEXT;
