-- Events: one locked head row gives gap-free numbers in order of commit; nothing written is ever changed.

CREATE TABLE setting (key text PRIMARY KEY, value text NOT NULL);

CREATE TABLE journal (
    journal_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    begun_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE put_aside (
    journal_id bigint PRIMARY KEY REFERENCES journal,
    name text NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE event (
    journal_id bigint NOT NULL REFERENCES journal,
    seq bigint NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL,
    world_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    mode text NOT NULL,
    actor text NOT NULL,
    command_id text NOT NULL,
    body text NOT NULL,
    prev_hash text NOT NULL,
    hash text NOT NULL,
    kind text NOT NULL,
    geom geometry(Geometry, 4326),
    PRIMARY KEY (journal_id, seq),
    UNIQUE (journal_id, stream, version)
);
CREATE INDEX event_kind_world ON event (journal_id, kind, world_at);
CREATE INDEX event_world ON event (journal_id, world_at);
CREATE INDEX event_geom ON event USING gist (geom);

CREATE TABLE command (
    journal_id bigint NOT NULL REFERENCES journal,
    command_id text NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    PRIMARY KEY (journal_id, command_id)
);

CREATE TABLE head (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    journal_id bigint NOT NULL REFERENCES journal,
    seq bigint NOT NULL,
    hash text NOT NULL,
    world_at timestamptz,
    mode text
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER event_kept BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_not_emptied BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER command_kept BEFORE UPDATE OR DELETE ON command FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER command_not_emptied BEFORE TRUNCATE ON command FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_kept BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_not_emptied BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER put_aside_kept BEFORE UPDATE OR DELETE ON put_aside FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A console must be able to move the head on; it may only move it to where the events end.
CREATE FUNCTION check_head() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.journal_id = OLD.journal_id THEN
        IF NEW.seq <= OLD.seq OR NOT EXISTS (
            SELECT FROM event e WHERE e.journal_id = NEW.journal_id AND e.seq = NEW.seq AND e.hash = NEW.hash
                AND e.world_at = NEW.world_at AND e.mode = NEW.mode
        ) OR EXISTS (SELECT FROM event e WHERE e.journal_id = NEW.journal_id AND e.seq > NEW.seq) THEN
            RAISE EXCEPTION 'the head is not where the events end' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.journal_id < OLD.journal_id OR NEW.seq <> 0 OR NEW.hash <> repeat('0', 64)
        OR NEW.world_at IS NOT NULL OR NEW.mode IS NOT NULL
        OR EXISTS (SELECT FROM event e WHERE e.journal_id = NEW.journal_id)
        OR NOT EXISTS (SELECT FROM put_aside p WHERE p.journal_id = OLD.journal_id) THEN
        RAISE EXCEPTION 'another journal begins empty, once the old one is put aside'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER head_at_the_end BEFORE UPDATE ON head FOR EACH ROW EXECUTE FUNCTION check_head();

WITH first AS (INSERT INTO journal DEFAULT VALUES RETURNING journal_id)
INSERT INTO head (journal_id, seq, hash) SELECT journal_id, 0, repeat('0', 64) FROM first;
