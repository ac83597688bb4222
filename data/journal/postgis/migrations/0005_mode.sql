-- A schema holds one mode, named in its own name: no event of a drill can get among live ones, whoever writes.

DO $$
BEGIN
    EXECUTE format('ALTER TABLE event ADD CONSTRAINT event_of_this_mode CHECK (mode = %L)',
                   regexp_replace(current_schema(), '^tongzhou_', ''));
END $$;
