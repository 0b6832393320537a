-- The transparency log: the tree of hashes over log.events, in tiles (c2sp.org/tlog-tiles), and the
-- last signed checkpoint. All of it can be computed again from the events and the signer's file.

-- An entry of a bundle has its length in two bytes.
ALTER TABLE log.events
    DROP CONSTRAINT at_most_64_kib,
    ADD CONSTRAINT at_most_65535_bytes CHECK (octet_length(data) <= 65535);

CREATE SCHEMA transparency;

-- A tile that is not full is the row so far: a narrower one is the beginning of it.
CREATE TABLE transparency.tiles (
    digest text NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL
        CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (digest, level, index)
);
-- Hashes do not compress, and their beginning can be read without the rest.
ALTER TABLE transparency.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- A tile once written is what a changed event is compared with. The owner may throw tiles away, to
-- have them computed again; nobody may write another past into one.
CREATE FUNCTION transparency.refuse_another_past() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF substr(NEW.hashes, 1, octet_length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'tiles only grow: level % index %', OLD.level, OLD.index
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tiles_only_grow BEFORE UPDATE ON transparency.tiles
    FOR EACH ROW EXECUTE FUNCTION transparency.refuse_another_past();

CREATE TABLE transparency.published (
    size bigint NOT NULL,
    note text NOT NULL,
    -- Whether as many witnesses as the policy asks for have cosigned it, and anybody at all.
    witnessed boolean NOT NULL,
    cosignatures integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    is_the_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_row)
);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA transparency FROM PUBLIC;
GRANT USAGE ON SCHEMA transparency TO {app};
GRANT SELECT, INSERT ON transparency.tiles, transparency.published TO {app};
GRANT UPDATE (hashes) ON transparency.tiles TO {app};
GRANT UPDATE (size, note, witnessed, cosignatures, at) ON transparency.published TO {app};
