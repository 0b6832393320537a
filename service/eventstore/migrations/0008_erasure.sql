-- Erasure (R40): the states of a member's keys follow what the log says, and nothing else.
--
-- active      the key opens and seals
-- restricted  an erasure is confirmed and its window runs: the key still seals, and opens only for
--             the purposes the law names (trust/keyring.py)
-- destroyed   the key is gone; its row stays, so that no other key is ever made in its place

ALTER TABLE keys.member_keys
    ALTER COLUMN wrapped DROP NOT NULL,
    ADD COLUMN state text NOT NULL DEFAULT 'active'
        CHECK (state IN ('active', 'restricted', 'destroyed')),
    -- SHA-256 of what was destroyed, as it stood here: tells which row of an old backup it was.
    ADD COLUMN fingerprint bytea,
    ADD COLUMN destroyed_at timestamptz,
    ADD CONSTRAINT a_destroyed_key_is_gone CHECK ((state = 'destroyed') = (wrapped IS NULL));
-- What a row held before stays in the table's file until it is vacuumed; here that is soon.
ALTER TABLE keys.member_keys
    SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

-- The few events about erasures, whatever else there is: every process looks for them at its start.
CREATE INDEX erasures ON log.events (shard, position)
    WHERE type IN ('ErasureRequested', 'ErasureConfirmed', 'ErasureCancelled', 'SubjectErased');

CREATE FUNCTION log.erasures(in_shard smallint, after bigint)
RETURNS TABLE (place bigint, data bytea) LANGUAGE sql STABLE AS $$
    SELECT e.position, e.data FROM log.events e
    WHERE e.shard = in_shard AND e.position > after
      AND e.type IN ('ErasureRequested', 'ErasureConfirmed', 'ErasureCancelled', 'SubjectErased')
    ORDER BY e.position
$$;

-- What the log says of the erasures of a member, from the stored bytes themselves.
CREATE FUNCTION keys.erasures_of(of_member text)
RETURNS TABLE (place bigint, type text, erasure text, fact jsonb, recorded timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.position, said.envelope ->> 'type', said.envelope #>> '{data,erasure_id}',
           said.envelope -> 'data', (said.envelope ->> 'recorded_at')::timestamptz
    FROM log.tags t
    CROSS JOIN LATERAL (
        SELECT * FROM log.events e
        WHERE e.shard = t.shard AND e.position = t.position OFFSET 0) AS e
    CROSS JOIN LATERAL (SELECT convert_from(e.data, 'UTF8')::jsonb AS envelope OFFSET 0) AS said
    WHERE t.tag_hash = hashtextextended('member:' || of_member, 0)
      AND t.type_hash = ANY (log.type_hashes(ARRAY[
          'ErasureRequested', 'ErasureConfirmed', 'ErasureCancelled', 'SubjectErased']))
      AND said.envelope #>> '{data,member_id}' = of_member
$$;

-- Brings the keys of a member to the state the log demands, and says what it came to. It takes no
-- order to destroy anything: keys are destroyed where the log holds the erasure, requested by one
-- person, confirmed by another, not cancelled, and its window has passed by this clock as well; it
-- raises an exception where an erasure is in the log that does not meet this. May be called again
-- at any time: also for a database that was restored, where destroyed keys have come back.
CREATE FUNCTION keys.follow_erasures(of_member text)
RETURNS TABLE (key_purpose text, key_state text, key_fingerprint bytea, key_destroyed_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased record;
    destroyed boolean := false;
    aim text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('keys:' || of_member, 0));
    FOR erased IN SELECT * FROM keys.erasures_of(of_member) s WHERE s.type = 'SubjectErased' LOOP
        IF NOT EXISTS (
            SELECT FROM keys.erasures_of(of_member) asked
            JOIN keys.erasures_of(of_member) confirmed
                ON confirmed.erasure = asked.erasure AND confirmed.place > asked.place
            WHERE asked.type = 'ErasureRequested' AND confirmed.type = 'ErasureConfirmed'
              AND asked.erasure = erased.erasure AND confirmed.place < erased.place
              AND asked.fact ->> 'requested_by_person' <> confirmed.fact ->> 'confirmed_by_person'
              -- service/domain/erasure.py: CANCEL_WINDOW_DAYS
              AND confirmed.recorded + interval '7 days' <= clock_timestamp()
              AND (confirmed.fact ->> 'due_at')::timestamptz <= clock_timestamp()
        ) OR EXISTS (
            SELECT FROM keys.erasures_of(of_member) c
            WHERE c.type = 'ErasureCancelled' AND c.erasure = erased.erasure
        ) THEN
            RAISE EXCEPTION 'erasure % is not confirmed, or its window has not passed', erased.erasure
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        destroyed := true;
    END LOOP;

    IF destroyed THEN
        -- Also where there was no key yet: none is made from now on.
        INSERT INTO keys.member_keys AS k (member_id, purpose, state, fingerprint, destroyed_at)
        SELECT of_member, p.purpose, 'destroyed', NULL, clock_timestamp()
        FROM unnest(ARRAY['identity', 'assessment']) AS p(purpose)
        ON CONFLICT ON CONSTRAINT member_keys_pkey DO NOTHING;
        UPDATE keys.member_keys k
        SET state = 'destroyed', fingerprint = sha256(k.wrapped), wrapped = NULL,
            destroyed_at = clock_timestamp()
        WHERE k.member_id = of_member AND k.state <> 'destroyed';
        IF FOUND THEN
            PERFORM keys.forget_requests(of_member);
        END IF;
    ELSE
        aim := CASE WHEN EXISTS (
            SELECT FROM keys.erasures_of(of_member) confirmed
            WHERE confirmed.type = 'ErasureConfirmed' AND NOT EXISTS (
                SELECT FROM keys.erasures_of(of_member) c
                WHERE c.type = 'ErasureCancelled' AND c.erasure = confirmed.erasure)
        ) THEN 'restricted' ELSE 'active' END;
        UPDATE keys.member_keys k SET state = aim
        WHERE k.member_id = of_member AND k.state NOT IN (aim, 'destroyed');
    END IF;

    RETURN QUERY
        SELECT k.purpose, k.state, coalesce(k.fingerprint, sha256(k.wrapped)), k.destroyed_at
        FROM keys.member_keys k WHERE k.member_id = of_member ORDER BY k.purpose;
END $$;

-- The fingerprint of a request is a hash of what was sent, and somebody who guesses what that was
-- can tell. Those of the requests that led to events about this member are overwritten; the rows
-- stay, so that no request is ever carried out twice. A row belongs to the events that lie between
-- the position of the row before it and its own.
CREATE FUNCTION keys.forget_requests(of_member text) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE log.idempotency i SET fingerprint = decode(repeat('00', 32), 'hex')
    WHERE i.position IN (
        SELECT row_of FROM (
            SELECT answered, min(place) FILTER (WHERE answered) OVER (
                ORDER BY place, answered ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS row_of
            FROM (
                SELECT DISTINCT t.position AS place, false AS answered FROM log.tags t
                WHERE t.tag_hash = hashtextextended('member:' || of_member, 0)
                UNION ALL
                SELECT DISTINCT a.position, true FROM log.idempotency a
            ) AS places
        ) AS events
        WHERE NOT answered
    )
$$;

REVOKE ALL ON FUNCTION log.erasures, keys.erasures_of, keys.follow_erasures, keys.forget_requests
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.erasures, keys.follow_erasures TO {app};
