-- Row level security. What the API reads for a viewer, it reads as the role viewer_role() with two settings of the
-- transaction: rollcall.viewer, who asks, and rollcall.organizations, whose rows they may see (a list, or * for a
-- platform admin). A query without its filter, or a transaction without the settings, gets nothing. The app's own role,
-- which applies events and reconciles, sees everything.
--
-- A table made later is out of that role's reach until a migration grants it, with a policy. The role and its rights are
-- made by 20261128010000_viewer_role.

-- Roles belong to the server, this function to the database: two databases of one server do not share the role.
CREATE FUNCTION viewer_role() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'rollcall_viewer'::text $$;

CREATE FUNCTION sees_everything() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT current_user <> viewer_role() OR current_setting('rollcall.organizations', true) IS NOT DISTINCT FROM '*'
$$;
CREATE FUNCTION seen_organizations() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT string_to_array(coalesce(current_setting('rollcall.organizations', true), ''), ',')
$$;
CREATE FUNCTION who_asks() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('rollcall.viewer', true), '')
$$;

DO $$
DECLARE
  it record;
BEGIN
  FOR it IN SELECT * FROM (VALUES
    ('organizations', 'id = ANY ((SELECT seen_organizations())::text[])'),
    ('memberships', 'organization_id = ANY ((SELECT seen_organizations())::text[]) OR user_id = (SELECT who_asks())'),
    -- Whom one shares an organization with: the memberships asked here are behind their own wall.
    ('users', 'id = (SELECT who_asks()) OR EXISTS (SELECT FROM memberships m WHERE m.user_id = users.id)'),
    ('handles', 'user_id = (SELECT who_asks()) OR EXISTS (SELECT FROM memberships m WHERE m.user_id = handles.user_id)'),
    ('invitations', 'organization_id = ANY ((SELECT seen_organizations())::text[])'),
    ('domains', 'organization_id = ANY ((SELECT seen_organizations())::text[])'),
    ('payment_attempts', 'organization_id = ANY ((SELECT seen_organizations())::text[]) OR user_id = (SELECT who_asks())'),
    ('subscriptions', 'organization_id = ANY ((SELECT seen_organizations())::text[]) OR user_id = (SELECT who_asks())'),
    ('subscription_items', 'organization_id = ANY ((SELECT seen_organizations())::text[]) OR user_id = (SELECT who_asks())'),
    ('sessions', 'user_id = (SELECT who_asks())'),
    ('roles', 'false'),
    ('permissions', 'false'),
    ('versions', 'false'),
    ('deliveries', 'false'),
    ('sync_runs', 'false'),
    ('drift_findings', 'false'),
    ('canary_rounds', 'false'),
    ('sync_facts', 'false'),
    ('audit_log', 'false'),
    ('provisionings', 'false')
  ) AS walls (name, condition)
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', it.name);
    EXECUTE format('CREATE POLICY seen ON %I USING ((SELECT sees_everything()) OR %s)', it.name, it.condition);
  END LOOP;
END $$;
