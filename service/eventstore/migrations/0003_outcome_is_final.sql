-- Once a writer was told that its batch was not committed, that stays so.
--
-- A call can outlive the connection it was sent on: it lies in a buffer, or in a proxy between the
-- two, while its sender asks elsewhere what became of it, is told "nothing", and sends the batch
-- again. Arriving late it must be refused, or everything in it would be there twice.

CREATE OR REPLACE FUNCTION log.outcome(in_shard smallint, of_writer uuid, of_batch bigint)
RETURNS bigint[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(s.lock_key) FROM log.shards s WHERE s.shard = in_shard;
    -- The place of a batch that was not committed is taken, by no verdicts.
    INSERT INTO log.writers AS w (writer, batch, verdicts)
    VALUES (of_writer, of_batch, '{}')
    ON CONFLICT ON CONSTRAINT writers_pkey
    DO UPDATE SET batch = excluded.batch, verdicts = excluded.verdicts, at = now()
    WHERE w.batch < excluded.batch;
    RETURN (
        SELECT nullif(w.verdicts, '{}') FROM log.writers w
        WHERE w.writer = of_writer AND w.batch = of_batch);
END $$;

CREATE FUNCTION log.refuse_late_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'batch % of writer % comes too late', NEW.batch, NEW.writer
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;
REVOKE ALL ON FUNCTION log.refuse_late_batch() FROM PUBLIC;
CREATE TRIGGER in_order BEFORE UPDATE ON log.writers
    FOR EACH ROW WHEN (NEW.batch <= OLD.batch) EXECUTE FUNCTION log.refuse_late_batch();
