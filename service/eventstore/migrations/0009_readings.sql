-- Who read what about whom, and the second fence around the views: row-level security.

-- One row for each member and request, written before the answer leaves. Numbers are dense and in
-- commit order, so that a missing one is seen; the log seals them (ReadingsSealed), so that a
-- changed one is.
CREATE TABLE access.readings (
    number bigint PRIMARY KEY CHECK (number > 0),
    member_id text NOT NULL,
    at timestamptz NOT NULL,
    organisation_id text NOT NULL,
    client_id text NOT NULL,
    person text,
    role text,
    purpose text NOT NULL,
    -- The personal texts that were opened; none where only facts under the member's id were shown.
    fields text[] NOT NULL,
    route text NOT NULL,
    request_id text NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX readings_by_member ON access.readings (member_id, number);

CREATE FUNCTION access.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'readings are immutable: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON access.readings
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_rewriting();

-- The one way to add readings: columns of which each holds one value a reading, joined as log.texts
-- takes them apart; the fields of one reading are joined by U+001F.
CREATE FUNCTION access.record_readings(
    r_member_id text, r_at text, r_organisation_id text, r_client_id text, r_person text,
    r_role text, r_purpose text, r_fields text, r_route text, r_request_id text, r_position text
) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Planning anew for each call costs more than what it does.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    last bigint;
BEGIN
    -- Held until the commit: whoever numbers next sees these.
    PERFORM pg_advisory_xact_lock(7238950126491650052);
    last := coalesce((SELECT r.number FROM access.readings r ORDER BY r.number DESC LIMIT 1), 0);
    INSERT INTO access.readings (
        number, member_id, at, organisation_id, client_id, person, role, purpose, fields, route,
        request_id, position)
    SELECT last + r.ordinal, r.member_id, r.at, r.organisation_id, r.client_id,
        nullif(r.person, ''), nullif(r.role, ''), r.purpose, string_to_array(r.fields, chr(31)),
        r.route, r.request_id, r.position
    FROM unnest(
        (string_to_array(r_member_id, chr(30)))[2:], (string_to_array(r_at, chr(30)))[2:]::timestamptz[], (string_to_array(r_organisation_id, chr(30)))[2:],
        (string_to_array(r_client_id, chr(30)))[2:], (string_to_array(r_person, chr(30)))[2:], (string_to_array(r_role, chr(30)))[2:], (string_to_array(r_purpose, chr(30)))[2:],
        (string_to_array(r_fields, chr(30)))[2:], (string_to_array(r_route, chr(30)))[2:], (string_to_array(r_request_id, chr(30)))[2:],
        (string_to_array(r_position, chr(30)))[2:]::bigint[]
    ) WITH ORDINALITY AS r (
        member_id, at, organisation_id, client_id, person, role, purpose, fields, route,
        request_id, position, ordinal);
    RETURN last;
END $$;

REVOKE ALL ON FUNCTION access.refuse_rewriting, access.record_readings FROM PUBLIC;
GRANT SELECT ON access.readings TO {app};
GRANT EXECUTE ON FUNCTION access.record_readings TO {app};

-- The few seals among all events: every process looks for the last one.
CREATE INDEX seals_of_readings ON log.events (shard, position) WHERE type = 'ReadingsSealed';

CREATE FUNCTION log.seals(in_shard smallint, up_to integer)
RETURNS TABLE (place bigint, data bytea) LANGUAGE sql STABLE AS $$
    SELECT e.position, e.data FROM log.events e
    WHERE e.shard = in_shard AND e.type = 'ReadingsSealed'
    ORDER BY e.position DESC LIMIT up_to
$$;
REVOKE ALL ON FUNCTION log.seals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.seals TO {app};

-- Who stands above whom; each organisation stands above itself as well. It never changes.
CREATE TABLE log.lines (
    organisation_id text NOT NULL,
    above text NOT NULL,
    PRIMARY KEY (organisation_id, above)
);
CREATE INDEX lines_downwards ON log.lines (above, organisation_id);

CREATE FUNCTION log.line_of(registered bytea) RETURNS TABLE (organisation_id text, above text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT said ->> 'organisation_id', above
    FROM (SELECT convert_from(registered, 'UTF8')::jsonb -> 'data') AS registration (said)
    CROSS JOIN LATERAL (
        SELECT said ->> 'organisation_id'
        UNION SELECT jsonb_array_elements_text(said -> 'ancestors')) AS line (above)
$$;
CREATE FUNCTION log.keep_lines() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO log.lines SELECT * FROM log.line_of(NEW.data) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER lines AFTER INSERT ON log.events
    FOR EACH ROW WHEN (NEW.type = 'OrganisationRegistered') EXECUTE FUNCTION log.keep_lines();
INSERT INTO log.lines
SELECT l.* FROM log.events e CROSS JOIN LATERAL log.line_of(e.data) AS l
WHERE e.type = 'OrganisationRegistered' ON CONFLICT DO NOTHING;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON log.lines
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();
REVOKE ALL ON FUNCTION log.line_of, log.keep_lines FROM PUBLIC;

-- The organisations whose sight a transaction has, by its setting; without one nobody's.
CREATE FUNCTION log.seeing() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_to_array(current_setting('eighthours.organisations', true), ',')
$$;
REVOKE ALL ON FUNCTION log.seeing FROM PUBLIC;

-- Whoever answers questions reads the views as this role, to which their policies apply. One for
-- all databases of a server: it cannot log in, and what it may is granted in each database.
DO $$ BEGIN
    CREATE ROLE eighthours_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT eighthours_reader TO {app};
GRANT USAGE ON SCHEMA log, views TO eighthours_reader;
GRANT SELECT ON log.lines TO {app};
GRANT SELECT ON log.lines, log.events TO eighthours_reader;
GRANT EXECUTE ON FUNCTION log.seeing TO {app}, eighthours_reader;
