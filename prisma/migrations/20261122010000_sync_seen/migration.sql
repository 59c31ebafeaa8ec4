-- CreateTable
CREATE TABLE "sync_seen" (
    "object_table" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,

    CONSTRAINT "sync_seen_pkey" PRIMARY KEY ("object_table","object_id")
);
