-- The id of a receipt, by which the erasure is found that it belongs to.
CREATE FUNCTION receipt_id(token uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(convert_to(token::text, 'UTF8')), 'hex')
$$;
CREATE INDEX "erasures_receipt_id" ON "erasures"(receipt_id("receipt_token"));

-- The erasures that a restore made necessary again: the app serves no data until none is left.
CREATE INDEX "erasures_restored" ON "erasures"("id") WHERE "cause" = 'restore' AND "step" <> 'done';
