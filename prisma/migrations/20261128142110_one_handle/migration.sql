-- The table "handles" has the current handle of every user. A profile's handle takes the place of the generated one there, and a
-- row that is created later, such as after a deletion was undone, gets the profile's handle.
INSERT INTO "handles" ("user_id", "handle") SELECT "user_id", "handle" FROM "profiles"
ON CONFLICT ("user_id") DO UPDATE SET "handle" = EXCLUDED."handle";

CREATE FUNCTION use_handle_of_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A team that deleted the sample product may have dropped its tables.
  IF to_regclass('profiles') IS NOT NULL THEN
    NEW.handle := coalesce((SELECT p.handle FROM profiles p WHERE p.user_id = NEW.user_id), NEW.handle);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER use_handle_of_profile BEFORE INSERT ON "handles" FOR EACH ROW EXECUTE FUNCTION use_handle_of_profile();

-- Notifies like a change of the user: the servers' cached users have their handle.
CREATE FUNCTION keep_current_handle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO handles (user_id, handle) VALUES (NEW.user_id, NEW.handle)
  ON CONFLICT (user_id) DO UPDATE SET handle = EXCLUDED.handle WHERE handles.handle <> EXCLUDED.handle;
  IF FOUND THEN
    PERFORM tell_change('users', 1, jsonb_build_object('ids', jsonb_build_array(NEW.user_id)));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_handle_of_new_profile AFTER INSERT ON "profiles" FOR EACH ROW EXECUTE FUNCTION keep_current_handle();
CREATE TRIGGER keep_changed_handle AFTER UPDATE OF "handle" ON "profiles" FOR EACH ROW
  WHEN (OLD.handle <> NEW.handle) EXECUTE FUNCTION keep_current_handle();
