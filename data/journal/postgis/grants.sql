-- What a console needs and no more; run again after every migration, so it may be repeated.
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO tongzhou_console;
GRANT INSERT ON event, command, journal, put_aside, unit TO tongzhou_console;
GRANT UPDATE ON head TO tongzhou_console;
GRANT INSERT, UPDATE ON position, unit_position, position_head, beat TO tongzhou_console;
GRANT INSERT, UPDATE, DELETE ON seat TO tongzhou_console;
GRANT EXECUTE ON FUNCTION make_hour(bigint, timestamptz), forget_hour(bigint, timestamptz) TO tongzhou_console;
GRANT UPDATE (batch) ON position_hour TO tongzhou_console;
GRANT EXECUTE ON FUNCTION forget_hour_as_of(bigint, timestamptz, bigint) TO tongzhou_console;
GRANT EXECUTE ON FUNCTION index_hour(bigint, timestamptz) TO tongzhou_console;
GRANT USAGE ON SCHEMA {schema} TO tongzhou_console;
