-- More characters that differ by keyboard only: the Arabic yeh, alef maksura and kaf are the Persian ones; ʾ ʿ ՚ ꞌ are
-- apostrophes; ˗ ‧ ᠆ ֊ are hyphens. U+FFFC has no shape.
DO $$
DECLARE
  definition text := pg_get_functiondef('search_form(text)'::regprocedure);
  place text := $p$  IF form !~ '[^ -~]' THEN$p$;
  line text := $l$  form := translate(form, 'ʾʿ՚Ꞌꞌ˗‧᠆֊يىك￼', repeat('''', 5) || repeat('-', 4) || 'ییک');$l$;
BEGIN
  IF position(place IN definition) = 0 THEN
    RAISE EXCEPTION 'search_form is not the function of the migrations before';
  END IF;
  EXECUTE replace(definition, place, line || E'\n' || place);
END $$;

-- The stored forms of these characters. Their rows are written without a change for anybody, so no trigger runs.
ALTER TABLE "users" DISABLE TRIGGER USER;
UPDATE "users" SET "first_name" = "first_name", "email" = "email" WHERE "search" ~ '[ʾʿ՚ꞌ˗‧᠆֊يىك￼]';
ALTER TABLE "users" ENABLE TRIGGER USER;
ALTER TABLE "organizations" DISABLE TRIGGER USER;
UPDATE "organizations" SET "name" = "name" WHERE "search" ~ '[ʾʿ՚ꞌ˗‧᠆֊يىك￼]';
ALTER TABLE "organizations" ENABLE TRIGGER USER;
