-- A member who is erased (R40) has no account any more: what proves who signs in is personal data
-- that lies beside the log, and goes when the keys go.

CREATE FUNCTION access.forget_accounts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    accounts text[] := ARRAY(
        SELECT convert_from(e.data, 'UTF8')::jsonb #>> '{data,account_id}'
        FROM log.tags t
        CROSS JOIN LATERAL (
            SELECT * FROM log.events e
            WHERE e.shard = t.shard AND e.position = t.position OFFSET 0) AS e
        WHERE t.tag_hash = hashtextextended('member:' || NEW.member_id, 0)
          AND t.type_hash = hashtext('AccountOpened')
          AND e.tags @> ARRAY['member:' || NEW.member_id] AND e.type = 'AccountOpened');
BEGIN
    -- First, because whoever gives out credentials at this moment locks this row: either they are
    -- deleted below, or they are not given. Tokens that were issued are refused from now on.
    INSERT INTO access.closed_accounts (account_id, for_good) SELECT unnest(accounts), true
        ON CONFLICT (account_id) DO UPDATE SET closed_at = excluded.closed_at, for_good = true;
    DELETE FROM access.credentials c WHERE c.account_id = ANY (accounts);
    DELETE FROM access.sessions s WHERE s.account_id = ANY (accounts);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION access.forget_accounts FROM PUBLIC;
CREATE TRIGGER accounts_go_with_the_keys AFTER INSERT OR UPDATE ON keys.member_keys
    FOR EACH ROW WHEN (NEW.state = 'destroyed') EXECUTE FUNCTION access.forget_accounts();
