-- Separation of duties, kept by the database as well (service/domain/separation.py is the table).
--
-- Whoever writes events past the service, with whatever rights short of switching the trigger off,
-- is refused by the same rows that the commands follow. It speaks of natural persons, by the keyed
-- hash of their ID number.

-- Which event is an act on a matter, and which of its fields say by whom. Whoever let somebody else
-- do it (`optional`) may be missing, the others may not: a row without a person keeps nobody apart.
CREATE TABLE log.duties (
    type text NOT NULL,
    act text NOT NULL,
    matter text NOT NULL,
    person text NOT NULL,
    optional boolean NOT NULL,
    PRIMARY KEY (type, person)
);
INSERT INTO log.duties (type, act, matter, person, optional) VALUES
    ('ParticipationRecorded', 'recorded', 'participation_id', 'recorded_by_person', false),
    ('ParticipationRecorded', 'recorded', 'participation_id', 'delegated_by_person', true),
    ('ParticipationCorrected', 'corrected', 'participation_id', 'recorded_by_person', false),
    ('ParticipationCorrected', 'corrected', 'participation_id', 'delegated_by_person', true),
    ('ParticipationVoided', 'voided', 'participation_id', 'voided_by_person', false),
    ('ParticipationVoided', 'voided', 'participation_id', 'delegated_by_person', true),
    ('ParticipationEndorsed', 'endorsed', 'participation_id', 'endorsed_by_person', false),
    ('ParticipationEndorsed', 'endorsed', 'participation_id', 'delegated_by_person', true),
    ('EndorsementDeclined', 'declined', 'participation_id', 'declined_by_person', false),
    ('EndorsementDeclined', 'declined', 'participation_id', 'delegated_by_person', true),
    ('EndorsementRevoked', 'revoked', 'participation_id', 'revoked_by_person', false),
    ('EndorsementRevoked', 'revoked', 'participation_id', 'delegated_by_person', true),
    ('SigningKeyProposed', 'key_proposed', 'signing_key_id', 'proposed_by_person', false),
    ('SigningKeyApproved', 'key_approved', 'signing_key_id', 'approved_by_person', false);

-- Whoever did `earlier` on a matter may not do `act` on it; `refusal` is the code of the rejection.
CREATE TABLE log.exclusions (
    act text NOT NULL,
    earlier text NOT NULL,
    refusal text NOT NULL,
    PRIMARY KEY (act, earlier)
);
INSERT INTO log.exclusions (act, earlier, refusal) VALUES
    ('recorded', 'served', 'not-in-own-matter'),
    ('corrected', 'served', 'not-in-own-matter'),
    ('voided', 'served', 'not-in-own-matter'),
    ('endorsed', 'served', 'not-in-own-matter'),
    ('declined', 'served', 'not-in-own-matter'),
    ('revoked', 'served', 'not-in-own-matter'),
    ('endorsed', 'recorded', 'endorsed-by-recorder'),
    ('endorsed', 'corrected', 'endorsed-by-recorder'),
    ('declined', 'recorded', 'endorsed-by-recorder'),
    ('declined', 'corrected', 'endorsed-by-recorder'),
    ('corrected', 'endorsed', 'corrected-by-endorser'),
    ('corrected', 'declined', 'corrected-by-endorser'),
    ('key_approved', 'key_proposed', 'key-approved-by-proposer'),
    ('opinion_countersigned', 'opinion_signed', 'opinion-signed-twice');

-- Who did what on which matter. Of the member a participation is about, and of where organisations
-- stand, the log itself is asked.
CREATE TABLE log.signatories (
    matter text NOT NULL,
    person text NOT NULL,
    act text NOT NULL,
    PRIMARY KEY (matter, person, act)
);

-- The events of one type about one subject.
CREATE FUNCTION log.about(in_shard smallint, of_type text, of_tag text)
RETURNS TABLE (tags text[], data bytea)
LANGUAGE sql STABLE AS $$
    SELECT e.tags, e.data
    FROM log.tags t
    CROSS JOIN LATERAL (
        SELECT e.type, e.tags, e.data FROM log.events e
        WHERE e.shard = in_shard AND e.position = t.position OFFSET 0) AS e
    WHERE t.tag_hash = hashtextextended(of_tag, 0) AND t.type_hash = hashtext(of_type)
      AND t.shard = in_shard AND e.type = of_type AND e.tags @> ARRAY[of_tag]
$$;

-- Two triggers, so that a batch without an act of office costs nothing and one with many is looked
-- at once: the first, which the condition keeps from all other events, only remembers where the
-- acts begin; the second, after all rows of the statement, judges them together. (A transition
-- table would be filled for every event.)
CREATE FUNCTION log.remember_act() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known text := current_setting('log.first_act', true);
BEGIN
    IF coalesce(known, '') = '' OR NEW.position < known::bigint THEN
        known := set_config('log.first_act', NEW.position::text, true);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION log.keep_duties_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first text := current_setting('log.first_act', true);
    of_shard smallint;
    acts text[];
    matters text[];
    persons text[];
    members text[];
    communities text[];
    branches text[];
    broken text;
BEGIN
    IF coalesce(first, '') = '' THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('log.first_act', '', true);
    -- Whoever appends past log.append waits for those who append through it: what follows are new
    -- statements and see everything that is committed by then.
    PERFORM pg_advisory_xact_lock(s.lock_key) FROM log.shards s;

    SELECT max(a.shard), array_agg(d.act), array_agg(a.data ->> d.matter),
           array_agg(a.data ->> d.person), array_agg(a.data ->> 'member_id'),
           array_agg(a.data ->> 'community_id'), array_agg(a.data ->> 'branch_id')
    INTO of_shard, acts, matters, persons, members, communities, branches
    FROM log.shards s
    CROSS JOIN LATERAL (
        SELECT a.shard, a.type, convert_from(a.data, 'UTF8')::jsonb -> 'data' AS data
        FROM log.events a
        WHERE a.shard = s.shard AND a.position >= first::bigint
          AND a.type IN (SELECT d.type FROM log.duties d) OFFSET 0) AS a
    CROSS JOIN LATERAL (SELECT * FROM log.duties d WHERE d.type = a.type OFFSET 0) AS d
    WHERE NOT d.optional OR a.data ->> d.person IS NOT NULL;

    INSERT INTO log.signatories (matter, person, act)
    SELECT * FROM unnest(matters, persons, acts)
    ON CONFLICT DO NOTHING;

    -- In whatever order two acts came: who did one may not have done the other.
    SELECT x.refusal INTO broken
    FROM unnest(acts, matters, persons) AS a (act, matter, person)
    CROSS JOIN LATERAL (
        SELECT array_agg(s.act) AS acts FROM log.signatories s
        WHERE s.matter = a.matter AND s.person = a.person OFFSET 0) AS done
    JOIN log.exclusions x ON x.act = ANY (done.acts) AND x.earlier = ANY (done.acts)
    WHERE cardinality(done.acts) > 1
    ORDER BY x.act = a.act DESC
    LIMIT 1;

    IF broken IS NULL THEN
        SELECT x.refusal INTO broken
        FROM unnest(acts, persons, members) AS a (act, person, member)
        CROSS JOIN LATERAL log.about(of_shard, 'MemberEnrolled', 'member:' || a.member) AS m
        JOIN log.exclusions x ON x.act = a.act AND x.earlier = 'served'
        WHERE m.tags @> ARRAY['person:' || a.person]
        LIMIT 1;
    END IF;

    -- What stands above an organisation never changes, and the branches are all the member ever
    -- belonged to: so it holds for the day of the activity and for that of the endorsement.
    IF broken IS NULL AND 'endorsed' = ANY (acts) AND EXISTS (
        WITH pair AS MATERIALIZED (
            SELECT DISTINCT a.community, b.branch
            FROM unnest(acts, members, communities, branches)
                AS a (act, member, community, branch)
            CROSS JOIN LATERAL (
                SELECT a.branch
                UNION
                SELECT substr(tag, 8)
                FROM unnest(ARRAY['MemberEnrolled', 'BranchTransferAccepted']) AS type
                CROSS JOIN LATERAL log.about(of_shard, type, 'member:' || a.member) AS m
                CROSS JOIN LATERAL unnest(m.tags) AS tag
                WHERE tag LIKE 'branch:%' OFFSET 0) AS b (branch)
            WHERE a.act = 'endorsed'
        )
        SELECT FROM pair p
        CROSS JOIN LATERAL (
            VALUES (p.community, p.branch), (p.branch, p.community)) AS line (below, above)
        LEFT JOIN LATERAL log.about(
            of_shard, 'OrganisationRegistered', 'organisation:' || line.below) AS o ON true
        WHERE line.below = line.above
           OR convert_from(o.data, 'UTF8')::jsonb -> 'data' -> 'ancestors' ? line.above)
    THEN
        broken := 'endorsed-within-own-line';
    END IF;

    IF broken IS NOT NULL THEN
        -- A class of its own, so that the service tells it from every fault of the database.
        RAISE EXCEPTION USING ERRCODE = 'EH001', MESSAGE = broken;
    END IF;
    RETURN NULL;
END $$;

-- The types of log.duties: a trigger's condition cannot ask a table.
CREATE TRIGGER duties_begin AFTER INSERT ON log.events
    FOR EACH ROW WHEN (NEW.type = ANY (ARRAY[
        'ParticipationRecorded', 'ParticipationCorrected', 'ParticipationVoided',
        'ParticipationEndorsed', 'EndorsementDeclined', 'EndorsementRevoked',
        'SigningKeyProposed', 'SigningKeyApproved']))
    EXECUTE FUNCTION log.remember_act();
CREATE TRIGGER duties_stay_apart AFTER INSERT ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.keep_duties_apart();

CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON log.signatories
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();

REVOKE ALL ON FUNCTION log.about, log.remember_act, log.keep_duties_apart FROM PUBLIC;
GRANT SELECT ON log.duties, log.exclusions TO {app};
