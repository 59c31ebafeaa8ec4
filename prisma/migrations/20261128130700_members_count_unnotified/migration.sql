-- A membership's own notification already tells that the number of members changed. So the trigger that writes members_count sends
-- no second one: inside another trigger, the depth is not 0.
DROP TRIGGER tell_update ON organizations;
CREATE TRIGGER tell_update AFTER UPDATE ON organizations REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION tell_rows();
