-- Receipts of erasures: a chain of hashes without personal data (docs/privacy.md).
CREATE TABLE "erasure_receipts" (
    "sequence" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "body" TEXT NOT NULL,

    CONSTRAINT "erasure_receipts_pkey" PRIMARY KEY ("sequence")
);
CREATE INDEX "erasure_receipts_id_sequence_idx" ON "erasure_receipts"("id", "sequence" DESC);

ALTER TABLE "erasures" ADD COLUMN "receipt_token" UUID NOT NULL DEFAULT gen_random_uuid();
CREATE UNIQUE INDEX "erasures_receipt_token_key" ON "erasures"("receipt_token");
ALTER TABLE "erasures" ADD COLUMN "receipt_sequence" BIGINT;
ALTER TABLE "erasures" DROP CONSTRAINT "erasures_step_check";
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_step_check" CHECK ("step" IN ('requested', 'rows', 'effects', 'sweep', 'receipt', 'done'));

-- The viewer's role has no privilege on this table.
ALTER TABLE "erasure_receipts" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "erasure_receipts" USING ((SELECT sees_everything()));

-- Refuses a receipt that does not continue the chain, also when it is written by hand. The caller has locked the table.
CREATE FUNCTION continue_receipt_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last erasure_receipts;
BEGIN
  SELECT * INTO last FROM erasure_receipts ORDER BY sequence DESC LIMIT 1;
  IF NEW.sequence <> coalesce(last.sequence, 0) + 1
    OR NEW.hash <> encode(sha256(convert_to(coalesce(last.hash, repeat('0', 64)) || NEW.body, 'UTF8')), 'hex') THEN
    RAISE EXCEPTION 'receipt % does not continue the chain', NEW.sequence USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER continue_receipt_chain BEFORE INSERT ON "erasure_receipts" FOR EACH ROW EXECUTE FUNCTION continue_receipt_chain();

CREATE FUNCTION refuse_change_of_receipts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'erasure_receipts is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER refuse_change_of_receipts BEFORE UPDATE OR DELETE OR TRUNCATE ON "erasure_receipts"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_receipts();
