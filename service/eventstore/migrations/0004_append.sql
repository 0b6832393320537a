-- Faster appending and deciding; what is promised stays as it was.
--
-- log.append, as in 0001_log.sql, but the items of all conditions are looked up by one statement:
-- starting one for each of them cost more than appending the events. Lists are taken apart in
-- place, because a function written in SQL that cannot be inlined costs its start for each row.
CREATE OR REPLACE FUNCTION log.append(
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
    head := coalesce((
        SELECT e.position FROM log.events e WHERE e.shard = in_shard
        ORDER BY e.position DESC LIMIT 1), 0);

    FOR this IN
        SELECT k.append FROM unnest(log.numbers(k_append), k_client, k_key)
            AS k(append, client, key)
        CROSS JOIN LATERAL (
            SELECT FROM log.idempotency i
            WHERE i.client = k.client AND i.key = k.key OFFSET 0) AS i
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
              -- Decisions always name types and tags; without them the search is another one.
              AND CASE WHEN i.types = '' OR i.tags = '' THEN log.any_match(
                  in_shard, a_after[i.append], log.list(i.types), log.list(i.tags))
              ELSE EXISTS (
                  SELECT FROM unnest(string_to_array(i.types, chr(31))) AS wanted
                  CROSS JOIN LATERAL (
                      SELECT t.position FROM log.tags t
                      WHERE t.tag_hash = hashtextextended(split_part(i.tags, chr(31), 1), 0)
                        AND t.type_hash = hashtext(wanted)
                        AND t.shard = in_shard AND t.position > a_after[i.append] OFFSET 0) AS t
                  CROSS JOIN LATERAL (
                      SELECT e.type, e.tags FROM log.events e
                      WHERE e.shard = in_shard AND e.position = t.position OFFSET 0) AS e
                  WHERE e.type = wanted AND e.tags @> string_to_array(i.tags, chr(31)))
              END
        LOOP
            verdicts[this] := 0;
        END LOOP;

        WITH event AS MATERIALIZED (
            SELECT head + row_number() OVER (ORDER BY e.ordinal) AS position,
                   e.append, e.type, string_to_array(e.tags, chr(31)) AS tags, e.data
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

-- What a batch of decisions must know: every event with one of the (tag, type) pairs between a
-- position of the pair's own and `up_to` (NULL: the head), and the answers already given to these
-- idempotency keys. A process remembers what it read: events never change, and no position is ever
-- filled late. The rows are as in 0001_log.sql.
DROP FUNCTION log.boundary(smallint, bigint, text, text, text[], text[]);
CREATE FUNCTION log.boundary(
    in_shard smallint, up_to bigint, b_after bigint[], b_tag text, b_type text,
    k_client text[], k_key text[]
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
            FROM unnest(b_after, log.texts(b_tag), log.texts(b_type)) AS b(after, tag, type)
            CROSS JOIN LATERAL (
                SELECT t.position FROM log.tags t
                WHERE t.tag_hash = hashtextextended(b.tag, 0)
                    AND t.type_hash = hashtext(b.type)
                    AND t.shard = in_shard
                    AND t.position > b.after
                    AND t.position <= coalesce(up_to, 9223372036854775807)
                OFFSET 0) AS f
        ) AS found
        CROSS JOIN LATERAL (
            SELECT * FROM log.events e
            WHERE e.shard = in_shard AND e.position = found.position OFFSET 0) AS e
        ORDER BY e.position;
END $$;
REVOKE ALL ON FUNCTION log.boundary FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.boundary TO {app};
