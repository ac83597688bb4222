-- Positions: history in one partition a journal and UTC hour, so that forgetting an hour is a DROP; and the last fix
-- of each unit. No geometry is stored here and nothing but the key is indexed: every second moves every unit.

CREATE TABLE unit (
    number integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    unit_id text NOT NULL UNIQUE
);

CREATE TABLE position (
    journal_id bigint NOT NULL,
    unit integer NOT NULL,
    world_at timestamptz NOT NULL,
    lon_deg double precision NOT NULL,
    lat_deg double precision NOT NULL,
    heading_deg double precision,
    speed_mps double precision NOT NULL,
    PRIMARY KEY (journal_id, unit, world_at)
) PARTITION BY RANGE (journal_id, world_at);
-- Rows lie in order of time, so a thousandth of the size of a tree finds a span of it.
CREATE INDEX position_time ON position USING brin (world_at) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE unit_position (
    journal_id bigint NOT NULL,
    unit integer NOT NULL,
    world_at timestamptz NOT NULL,
    lon_deg double precision NOT NULL,
    lat_deg double precision NOT NULL,
    heading_deg double precision,
    speed_mps double precision NOT NULL,
    batch bigint NOT NULL,
    writer bigint NOT NULL,
    PRIMARY KEY (journal_id, unit)
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.5);

-- Batches are numbered under a lock, so that a reader of "above the last number" misses none.
CREATE TABLE position_head (
    journal_id bigint PRIMARY KEY REFERENCES journal,
    batch bigint NOT NULL,
    world_at timestamptz NOT NULL
);

CREATE TABLE position_hour (
    journal_id bigint NOT NULL REFERENCES journal,
    hour timestamptz NOT NULL,
    PRIMARY KEY (journal_id, hour)
);

-- Attached rather than created in place: that locks out neither readers nor writers of other hours.
CREATE FUNCTION make_hour(of_journal bigint, hour timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    start_at timestamptz := date_trunc('hour', hour, 'UTC');
    name text := format('position_%s_%s', of_journal, to_char(start_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24'));
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('position'::regclass::oid::text), hashtext(name));
    IF EXISTS (SELECT FROM position_hour p WHERE p.journal_id = of_journal AND p.hour = start_at) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE position INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE position ATTACH PARTITION %I FOR VALUES FROM (%L, %L) TO (%L, %L)',
                   name, of_journal, start_at, of_journal, start_at + interval '1 hour');
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tongzhou_console') THEN
        EXECUTE format('GRANT SELECT ON %I TO tongzhou_console', name);
    END IF;
    INSERT INTO position_hour VALUES (of_journal, start_at);
END $$;

CREATE FUNCTION forget_hour(of_journal bigint, hour timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    start_at timestamptz := date_trunc('hour', hour, 'UTC');
    name text := format('position_%s_%s', of_journal, to_char(start_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24'));
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('position'::regclass::oid::text), hashtext(name));
    DELETE FROM position_hour p WHERE p.journal_id = of_journal AND p.hour = start_at;
    EXECUTE format('DROP TABLE IF EXISTS %I', name);
END $$;
REVOKE ALL ON FUNCTION make_hour(bigint, timestamptz), forget_hour(bigint, timestamptz) FROM PUBLIC;
