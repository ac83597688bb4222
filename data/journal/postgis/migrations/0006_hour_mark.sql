-- An hour is dropped only as its reader saw it: each batch leaves its number with the hours it writes to. Writer and
-- dropper meet at the row of the hour, so neither can pass the other unseen.

ALTER TABLE position_hour ADD COLUMN batch bigint NOT NULL DEFAULT 0;
ALTER TABLE position_hour SET (fillfactor = 40);

CREATE FUNCTION forget_hour_as_of(of_journal bigint, hour timestamptz, mark bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    start_at timestamptz := date_trunc('hour', hour, 'UTC');
    name text := format('position_%s_%s', of_journal, to_char(start_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24'));
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('position'::regclass::oid::text), hashtext(name));
    DELETE FROM position_hour p WHERE p.journal_id = of_journal AND p.hour = start_at AND p.batch = mark;
    IF NOT FOUND THEN
        RETURN NOT EXISTS (SELECT FROM position_hour p WHERE p.journal_id = of_journal AND p.hour = start_at);
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS %I', name);
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION forget_hour_as_of(bigint, timestamptz, bigint) FROM PUBLIC;
