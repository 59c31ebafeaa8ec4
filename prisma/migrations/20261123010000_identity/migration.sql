-- CreateTable
CREATE TABLE "handles" (
    "user_id" TEXT NOT NULL,
    "handle" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "handles_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "provisionings" (
    "user_id" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claimed_until" TIMESTAMPTZ(3) NOT NULL,
    "failed_at" TIMESTAMPTZ(3),
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provisionings_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "handles_handle_key" ON "handles"("handle");

-- CreateIndex
CREATE INDEX "provisionings_claimed_until_idx" ON "provisionings"("claimed_until");

-- Gone with the person, in the statement that buries them.
CREATE FUNCTION forget_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM handles WHERE user_id = NEW.id;
  DELETE FROM provisionings WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_identity AFTER INSERT OR UPDATE ON users FOR EACH ROW WHEN (NEW.deleted) EXECUTE FUNCTION forget_identity();

-- A session keeps its id, and is known by it.
CREATE FUNCTION tell_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_change(TG_TABLE_NAME, count(*), jsonb_build_object(
    'ids', jsonb_agg(id),
    'users', coalesce(jsonb_agg(DISTINCT user_id) FILTER (WHERE user_id IS NOT NULL), '[]')
  )) FROM changed_rows;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_insert AFTER INSERT ON sessions REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_sessions();
CREATE TRIGGER tell_update AFTER UPDATE ON sessions REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_sessions();
CREATE TRIGGER tell_delete AFTER DELETE ON sessions REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_sessions();
CREATE TRIGGER tell_truncate AFTER TRUNCATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION tell_truncate();
