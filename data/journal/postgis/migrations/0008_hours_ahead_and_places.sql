-- An hour is made before its first batch comes, and one that is over can be searched by place.

-- Number 0 now says that nothing was written to the hour yet; hours filled before batches left a number get one.
UPDATE position_hour SET batch = 1 WHERE batch = 0;

-- The indexed expression is the geometry of the view "positions", word for word. An hour that still moves is refused:
-- there the index would cost every batch more than the batch itself.
CREATE FUNCTION index_hour(of_journal bigint, hour timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    start_at timestamptz := date_trunc('hour', hour, 'UTC');
    name text := format('position_%s_%s', of_journal, to_char(start_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24'));
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('position'::regclass::oid::text), hashtext(name)) THEN
        RETURN false;
    END IF;
    -- The row first, as a batch does, so that the two wait for each other in one order.
    PERFORM FROM position_hour p JOIN position_head h USING (journal_id)
    WHERE p.journal_id = of_journal AND p.hour = start_at AND p.batch > 0 AND start_at + interval '1 hour' <= h.world_at
    FOR UPDATE OF p;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF to_regclass(quote_ident(name || '_place')) IS NULL THEN
        EXECUTE format('CREATE INDEX %I ON %I USING gist '
                       '((ST_SetSRID(ST_MakePoint(lon_deg, lat_deg), 4326)::geometry(Point, 4326)))',
                       name || '_place', name);
        EXECUTE format('ANALYZE %I', name);
    END IF;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION index_hour(bigint, timestamptz) FROM PUBLIC;
