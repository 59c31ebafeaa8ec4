-- A user's version that won needs no look at the user: its statement holds the lock of a live row, and a burial that
-- waits for that lock removes the version. What came late, and memberships, must look.
CREATE OR REPLACE FUNCTION "blank_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE is_late OR object_table = 'memberships') THEN
        RETURN NULL;
    END IF;
    -- A user's own change holds the user's lock already; a membership's does not.
    PERFORM 1 FROM users WHERE id IN (SELECT user_id FROM new_rows WHERE object_table = 'memberships')
        ORDER BY id FOR SHARE;
    UPDATE versions v SET state = NULL FROM new_rows n
    WHERE v.object_id = n.object_id AND v.version = n.version AND v.svix_id = n.svix_id AND v.run_id = n.run_id
        AND n.state IS NOT NULL AND (SELECT u.deleted FROM users u WHERE u.id = n.user_id);
    RETURN NULL;
END $$;
