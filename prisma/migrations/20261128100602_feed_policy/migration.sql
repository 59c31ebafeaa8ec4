-- Whom the viewer follows. The policy reads it once for each statement; reads_profile() costs a call for each row of a feed.
CREATE FUNCTION followed_users() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  RETURN coalesce((SELECT array_agg(followed_id) FROM follows
    WHERE follower_id = who_asks() AND is_accepted AND NOT is_followed_banned), '{}');
END $$;

ALTER POLICY seen ON "wishlist_items" USING ((SELECT sees_everything()) OR user_id = (SELECT who_asks())
  OR user_id = ANY ((SELECT followed_users())::text[]) OR reads_profile(user_id));
