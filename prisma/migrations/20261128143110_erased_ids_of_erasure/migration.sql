-- An erasure finds the ids of its subject again, after the rows have lost the columns by which they were found.
CREATE INDEX "erased_ids_erasure_id_idx" ON "erased_ids"("erasure_id");
