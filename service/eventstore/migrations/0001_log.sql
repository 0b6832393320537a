-- The log: facts with dense positions in commit order, their tags, and the one way to append.
--
-- `{app}` is the role the running service connects with. It may read and it may call the
-- functions below; everything else belongs to the owner who migrates.

CREATE SCHEMA log;

-- A shard is the set of organisations whose rules are decided together. There is one so far, but
-- lock and head are per shard from the start: giving a running log a second one later would
-- otherwise mean rewriting every index.
CREATE TABLE log.shards (
    shard smallint PRIMARY KEY,
    lock_key bigint NOT NULL UNIQUE
);
INSERT INTO log.shards (shard, lock_key) VALUES (1, 7238950126491650049);

CREATE TABLE log.events (
    shard smallint NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    type text NOT NULL CHECK (type <> ''),
    tags text[] NOT NULL,
    data bytea NOT NULL,
    CONSTRAINT at_most_64_kib CHECK (octet_length(data) <= 65536),
    PRIMARY KEY (shard, position)
);

-- One row per tag of an event. Tag and type are kept as hashes, so that a row is small and every
-- lookup is one range of one index; a collision is harmless because what is found is compared with
-- the event itself. Not unique: two tags of one event may collide.
CREATE TABLE log.tags (
    tag_hash bigint NOT NULL,
    position bigint NOT NULL,
    type_hash integer NOT NULL,
    shard smallint NOT NULL
);
-- An item without types skips over `type_hash` (skip scan, PostgreSQL 18).
CREATE INDEX tags_by_hash ON log.tags (tag_hash, type_hash, shard, position);

-- The answer to a request and the events it caused are committed together, so that the same
-- request sent again can never act twice.
CREATE TABLE log.idempotency (
    client text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    answer bytea NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client, key)
);

-- The last batch of each writing process and its verdicts. A process that lost its connection in
-- the middle of a commit finds out here what became of it.
CREATE TABLE log.writers (
    writer uuid PRIMARY KEY,
    batch bigint NOT NULL,
    verdicts bigint[] NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE log.application (
    role name NOT NULL,
    is_the_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_row)
);

-- Nothing is edited or deleted, not even by the owner of the table without saying so first.
CREATE FUNCTION log.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are immutable: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON log.tags
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();

CREATE FUNCTION log.head(shard smallint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (SELECT e.position FROM log.events e WHERE e.shard = $1 ORDER BY e.position DESC LIMIT 1), 0)
$$;

-- Strings travel joined: those of a list by U+001F (arrays of arrays cannot be ragged), those of a
-- column with U+001E before each (a client encodes one string ten times faster than an array of a
-- hundred).
CREATE FUNCTION log.list(joined text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT string_to_array(joined, chr(31)) $$;

CREATE FUNCTION log.texts(joined text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT (string_to_array(joined, chr(30)))[2:] $$;

CREATE FUNCTION log.numbers(joined text) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT string_to_array(joined, ',')::integer[] $$;

CREATE FUNCTION log.type_hashes(types text[]) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT array_agg(hashtext(t)) FROM unnest(types) t $$;

-- In the functions below `CROSS JOIN LATERAL (... OFFSET 0)` pins the only right plan, one index
-- lookup a row. The planner may otherwise choose while the tables are still empty, read all of them
-- for every row, and keep to that for the life of the connection (plan_cache_mode).

-- Whether an event after `after` matches the item: any of its types, all of its tags.
CREATE FUNCTION log.any_match(
    in_shard smallint, after bigint, of_types text[], of_tags text[]
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF cardinality(of_tags) = 0 THEN
        RETURN EXISTS (
            SELECT FROM log.events e
            WHERE e.shard = in_shard AND e.position > after
              AND (cardinality(of_types) = 0 OR e.type = ANY (of_types)));
    ELSIF cardinality(of_types) = 0 THEN
        RETURN EXISTS (
            SELECT FROM log.tags t
            CROSS JOIN LATERAL (
                SELECT e.tags FROM log.events e
                WHERE e.shard = in_shard AND e.position = t.position OFFSET 0) AS e
            WHERE t.tag_hash = hashtextextended(of_tags[1], 0)
              AND t.shard = in_shard AND t.position > after AND e.tags @> of_tags);
    ELSE
        RETURN EXISTS (
            SELECT FROM log.tags t
            CROSS JOIN LATERAL (
                SELECT e.type, e.tags FROM log.events e
                WHERE e.shard = in_shard AND e.position = t.position OFFSET 0) AS e
            WHERE t.tag_hash = hashtextextended(of_tags[1], 0)
              AND t.type_hash = ANY (log.type_hashes(of_types))
              AND t.shard = in_shard AND t.position > after
              AND e.type = ANY (of_types) AND e.tags @> of_tags);
    END IF;
END $$;

-- Appends one batch of conditional appends, each with a verdict of its own.
--
-- Columns with the same first letter run in parallel: a_* one element an append, e_* an event,
-- i_* an item of a condition, k_* an idempotency key; e_append, i_append and k_append say to which
-- append (from 1) an element belongs, ascending. Columns of type text are joined, see log.texts
-- and log.numbers. `independent` promises that no item of an append
-- matches an event of another append of the same batch; without it they are judged one by one,
-- each seeing what the ones before it appended.
--
-- Returns for each append the position of its last event, 0 where its condition failed, and -1
-- where one of its idempotency keys was used before.
CREATE FUNCTION log.append(
    in_shard smallint, of_writer uuid, of_batch bigint, independent boolean,
    a_after bigint[],
    e_append text, e_type text, e_tags text, e_data bytea[],
    i_append text, i_types text, i_tags text,
    k_append text, k_client text[], k_key text[], k_fingerprint bytea[], k_answer bytea[]
) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head bigint;
    verdicts bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(a_after)]);
    this integer;
    -- One round when independent, one round per append when not.
    first integer;
    last integer;
BEGIN
    -- Held until the commit, so that positions are in commit order across processes. What follows
    -- are new statements and therefore see everything committed before the lock was obtained.
    PERFORM pg_advisory_xact_lock(s.lock_key) FROM log.shards s WHERE s.shard = in_shard;
    head := log.head(in_shard);

    FOR this IN
        SELECT k.append FROM unnest(log.numbers(k_append), k_client, k_key)
            AS k(append, client, key)
        JOIN log.idempotency i ON i.client = k.client AND i.key = k.key
    LOOP
        verdicts[this] := -1;
    END LOOP;

    first := 1;
    WHILE first <= cardinality(a_after) LOOP
        last := CASE WHEN independent THEN cardinality(a_after) ELSE first END;

        FOR this IN
            SELECT DISTINCT i.append
            FROM unnest(log.numbers(i_append), log.texts(i_types), log.texts(i_tags))
                AS i(append, types, tags)
            WHERE i.append BETWEEN first AND last
              -- Nothing can match after the head: the usual case costs no lookup at all.
              AND a_after[i.append] < head
              AND verdicts[i.append] IS NULL
              AND log.any_match(in_shard, a_after[i.append], log.list(i.types), log.list(i.tags))
        LOOP
            verdicts[this] := 0;
        END LOOP;

        WITH event AS MATERIALIZED (
            SELECT head + row_number() OVER (ORDER BY e.ordinal) AS position,
                   e.append, e.type, log.list(e.tags) AS tags, e.data
            FROM unnest(log.numbers(e_append), log.texts(e_type), log.texts(e_tags), e_data)
                 WITH ORDINALITY AS e(append, type, tags, data, ordinal)
            WHERE e.append BETWEEN first AND last AND verdicts[e.append] IS NULL
        ), appended AS (
            INSERT INTO log.events (shard, position, type, tags, data)
            SELECT in_shard, e.position, e.type, e.tags, e.data FROM event e
        ), tagged AS (
            INSERT INTO log.tags (tag_hash, position, type_hash, shard)
            SELECT hashtextextended(tag, 0), e.position, hashtext(e.type), in_shard
            FROM event e, unnest(e.tags) AS tag
        ), settled AS (
            SELECT e.append, max(e.position) AS position FROM event e GROUP BY e.append
        )
        SELECT coalesce(max(s.position), head),
               (SELECT array_agg(coalesce(v.verdict, s2.position) ORDER BY v.append)
                FROM unnest(verdicts) WITH ORDINALITY AS v(verdict, append)
                LEFT JOIN settled s2 ON s2.append = v.append)
        INTO head, verdicts
        FROM settled s;

        first := last + 1;
    END LOOP;

    INSERT INTO log.idempotency (client, key, fingerprint, answer, position)
    SELECT k.client, k.key, k.fingerprint, k.answer, verdicts[k.append]
    FROM unnest(log.numbers(k_append), k_client, k_key, k_fingerprint, k_answer)
         AS k(append, client, key, fingerprint, answer)
    WHERE verdicts[k.append] > 0;

    INSERT INTO log.writers AS w (writer, batch, verdicts)
    VALUES (of_writer, of_batch, verdicts)
    ON CONFLICT ON CONSTRAINT writers_pkey
    DO UPDATE SET batch = excluded.batch, verdicts = excluded.verdicts, at = now();

    PERFORM pg_notify('log_appended', '');
    RETURN verdicts;
END $$;

-- What became of a batch whose answer was lost: its verdicts, or NULL when it was not committed.
-- It waits for the lock, so that a commit still under way has ended.
CREATE FUNCTION log.outcome(in_shard smallint, of_writer uuid, of_batch bigint) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(s.lock_key) FROM log.shards s WHERE s.shard = in_shard;
    RETURN (SELECT w.verdicts FROM log.writers w WHERE w.writer = of_writer AND w.batch = of_batch);
END $$;

-- The events that match any item, after a position, in order; no items: all events.
-- The first row has no type: its position is the head in the same snapshot.
CREATE FUNCTION log.read(
    in_shard smallint, after bigint, up_to integer, i_types text[], i_tags text[]
) RETURNS TABLE (place bigint, type text, tags text[], data bytea)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT log.head(in_shard), NULL::text, NULL::text[], NULL::bytea;
    IF cardinality(i_tags) = 0 THEN
        RETURN QUERY
            SELECT e.position, e.type, e.tags, e.data FROM log.events e
            WHERE e.shard = in_shard AND e.position > after
            ORDER BY e.position LIMIT up_to;
        RETURN;
    END IF;
    RETURN QUERY
        WITH item AS MATERIALIZED (
            SELECT log.list(i.types) AS types, log.list(i.tags) AS tags
            FROM unnest(i_types, i_tags) AS i(types, tags)
        ), found AS (
            SELECT t.position FROM item i CROSS JOIN LATERAL (
                SELECT t.position FROM log.tags t
                WHERE t.tag_hash = hashtextextended(i.tags[1], 0)
                  AND t.type_hash = ANY (log.type_hashes(i.types))
                  AND t.shard = in_shard AND t.position > after OFFSET 0) AS t
            UNION
            SELECT t.position FROM item i CROSS JOIN LATERAL (
                SELECT t.position FROM log.tags t
                WHERE t.tag_hash = hashtextextended(i.tags[1], 0)
                  AND t.shard = in_shard AND t.position > after OFFSET 0) AS t
            WHERE cardinality(i.types) = 0
            UNION
            SELECT e.position FROM item i CROSS JOIN LATERAL (
                SELECT e.position FROM log.events e
                WHERE e.shard = in_shard AND e.position > after
                  AND (cardinality(i.types) = 0 OR e.type = ANY (i.types)) OFFSET 0) AS e
            WHERE cardinality(i.tags) = 0
        )
        SELECT e.position, e.type, e.tags, e.data
        FROM found f CROSS JOIN LATERAL (
            SELECT * FROM log.events e
            WHERE e.shard = in_shard AND e.position = f.position OFFSET 0) AS e
        WHERE EXISTS (
            SELECT FROM item i
            WHERE (cardinality(i.types) = 0 OR e.type = ANY (i.types)) AND e.tags @> i.tags)
        ORDER BY e.position LIMIT up_to;
END $$;

-- What a batch of decisions must know: every event with one of the (tag, type) pairs up to a
-- position (NULL: the head), and the answers already given to these idempotency keys. The first row
-- has neither type nor tags: its position is the head in the same snapshot. An answer has no type;
-- its tags are {client, key} and its data is fingerprint and answer, 32 bytes and the rest.
CREATE FUNCTION log.boundary(
    in_shard smallint, up_to bigint, b_tag text, b_type text, k_client text[], k_key text[]
) RETURNS TABLE (place bigint, type text, tags text[], data bytea)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT log.head(in_shard), NULL::text, NULL::text[], NULL::bytea;
    IF cardinality(k_key) > 0 THEN
        RETURN QUERY
            SELECT i.position, NULL::text, ARRAY[i.client, i.key], i.fingerprint || i.answer
            FROM unnest(k_client, k_key) AS k(client, key)
            CROSS JOIN LATERAL (
                SELECT * FROM log.idempotency i
                WHERE i.client = k.client AND i.key = k.key OFFSET 0) AS i;
    END IF;
    RETURN QUERY
        SELECT e.position, e.type, e.tags, e.data
        FROM (
            SELECT DISTINCT f.position
            FROM unnest(log.texts(b_tag), log.texts(b_type)) AS b(tag, type)
            CROSS JOIN LATERAL (
                SELECT t.position FROM log.tags t
                WHERE t.tag_hash = hashtextextended(b.tag, 0)
                    AND t.type_hash = hashtext(b.type)
                    AND t.shard = in_shard
                    AND t.position <= coalesce(up_to, 9223372036854775807)
                OFFSET 0) AS f
        ) AS found
        CROSS JOIN LATERAL (
            SELECT * FROM log.events e
            WHERE e.shard = in_shard AND e.position = found.position OFFSET 0) AS e
        ORDER BY e.position;
END $$;

-- Functions may be executed by everybody unless said otherwise.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT USAGE ON SCHEMA log TO {app};
GRANT SELECT ON ALL TABLES IN SCHEMA log TO {app};
GRANT EXECUTE ON FUNCTION
    log.head, log.list, log.texts, log.numbers, log.type_hashes, log.any_match, log.append, log.outcome, log.read, log.boundary
    TO {app};
