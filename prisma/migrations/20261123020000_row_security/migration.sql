-- The second wall. What the API reads for somebody, it reads as the role rollcall_viewer with two settings of the
-- transaction: rollcall.viewer, who asks, and rollcall.organizations, whose rows they may see (a list, or * for a
-- platform admin). A query that forgets its filter, or a transaction that forgets the settings, gets nothing. Every other
-- role (the app's own, which applies events and reconciles) is as free as before.
--
-- A table made later is out of that role's reach until a migration grants it, with a policy.

DO $$ BEGIN
  CREATE ROLE rollcall_viewer NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- roles belong to the server, not to the database
END $$;
GRANT rollcall_viewer TO CURRENT_USER;

CREATE FUNCTION sees_everything() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT current_user <> 'rollcall_viewer' OR current_setting('rollcall.organizations', true) IS NOT DISTINCT FROM '*'
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
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO rollcall_viewer', current_schema());
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
    EXECUTE format('GRANT SELECT ON %I TO rollcall_viewer', it.name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', it.name);
    EXECUTE format('CREATE POLICY seen ON %I USING ((SELECT sees_everything()) OR %s)', it.name, it.condition);
  END LOOP;
END $$;
