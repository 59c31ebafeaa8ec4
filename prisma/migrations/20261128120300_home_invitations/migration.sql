-- The names of the instance's roles, for the form in which an admin of an organization invites. Every member reads the name of
-- their own role already. The API serves keys and names only.
DROP POLICY seen ON "roles";
CREATE POLICY seen ON "roles" USING ((SELECT sees_everything()) OR (SELECT who_asks()) IS NOT NULL);

-- An open page shows a new invitation, and one that was accepted or revoked: to the organization, and to the user whose primary
-- address it invites.
CREATE FUNCTION tell_invitations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  row_count bigint := (SELECT count(*) FROM changed_rows);
BEGIN
  IF row_count > 50 THEN
    PERFORM tell_change(TG_TABLE_NAME, row_count, '{}');
  ELSIF row_count > 0 THEN
    PERFORM tell_change(TG_TABLE_NAME, row_count, jsonb_build_object(
      'ids', jsonb_agg(id),
      'organizations', coalesce(jsonb_agg(DISTINCT organization_id) FILTER (WHERE organization_id IS NOT NULL), '[]'),
      'users', coalesce((
        SELECT jsonb_agg(DISTINCT u.id) FROM users u
        WHERE u.email IN (SELECT lower(c.email) FROM changed_rows c) AND NOT u.deleted
      ), '[]')
    )) FROM changed_rows;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_insert AFTER INSERT ON invitations REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_invitations();
CREATE TRIGGER tell_update AFTER UPDATE ON invitations REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_invitations();
CREATE TRIGGER tell_truncate AFTER TRUNCATE ON invitations FOR EACH STATEMENT EXECUTE FUNCTION tell_truncate();
