"""A console works as a member of the insert-only role, and nothing it holds lets it change what was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from psycopg import errors

from data.journal.interface import BrokenChainError, Journal, JournalStoreError
from data.journal.postgis.store import PostgisStore
from data.journal.shared import SeatSeen
from tests.data.journal.journal_samples import START, fix, note, opened, write
from tests.postgis_cluster import PostgisCluster

pytestmark = pytest.mark.postgis
USER = "seat_of_tests"
STRANGER = "stranger_of_tests"


@pytest.fixture
def console_address(postgis_server: PostgisCluster, postgis_store_address: str) -> str:
    """The address of a store, made by its owner, for a login that is only a member of the console role."""
    owner = PostgisStore(postgis_store_address, "drill")
    owner.migrate()
    owner.close()
    with psycopg.connect(postgis_store_address, autocommit=True) as connection:
        for user in (USER, STRANGER):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (user,)).fetchone():
                connection.execute(f"CREATE ROLE {user} LOGIN")
        connection.execute(f"GRANT tongzhou_console TO {USER}")
    return postgis_store_address.replace("user=console", f"user={USER}")


@pytest.fixture
def store(console_address: str) -> Iterator[PostgisStore]:
    """The store as a console uses it."""
    store = PostgisStore(console_address, "drill")
    yield store
    store.close()


@pytest.fixture
def journal(store: PostgisStore) -> Iterator[Journal]:
    """A journal with two events, written by a console."""
    journal = store.open_journal()
    write(journal, opened(), command_id="open")
    write(journal, note("1"), command_id="c1")
    yield journal
    journal.close()


def test_console_does_all_a_console_does(store: PostgisStore, journal: Journal, console_address: str) -> None:
    journal.record_positions([fix("a", 1), fix("a", 61)])
    journal.record_positions([fix("a", 1, 121.0)])
    assert journal.positions_at(START + timedelta(minutes=1)) == {"a": fix("a", 1, 121.0)}
    assert len(journal.fixes_between(START, START + timedelta(hours=2))) == 2
    journal.tend_hours(START + timedelta(minutes=70), START + timedelta(hours=1))
    with psycopg.connect(console_address, options="-c search_path=tongzhou_drill") as connection:
        made = "SELECT to_regclass('position_1_2026061319_place'), to_regclass('position_1_2026061321')"
        assert None not in (connection.execute(made).fetchone() or (None,))
    journal.forget_hour(START)
    assert journal.fix_hours() == (START + timedelta(hours=1),)
    assert store.shared.lead()
    store.shared.beat(journal, START, 2.0)
    seat = SeatSeen(
        seat_id="s", name="甲", role="dispatcher", console="one", incident_id=None, since=START, seen_at=START
    )
    store.shared.announce_seats([seat])
    assert store.shared.seats() == (seat,)
    another = store.begin_another(journal, "first", START)
    write(another, opened(), command_id="open")
    assert another.verify() == 1


TAMPERINGS = [
    "UPDATE event SET body = 'x' WHERE seq = 2",
    "DELETE FROM event WHERE seq = 2",
    "TRUNCATE event CASCADE",
    "UPDATE command SET first_seq = 1",
    "DELETE FROM command",
    "UPDATE journal SET begun_at = now()",
    "DELETE FROM journal",
    "DELETE FROM head",
    "INSERT INTO head (is_the_one, journal_id, seq, hash) SELECT true, 1, 0, 'x'",
    "UPDATE head SET seq = 1",
    "UPDATE head SET seq = 9",
    "UPDATE head SET seq = 3, hash = repeat('f', 64)",
    "WITH j AS (INSERT INTO journal DEFAULT VALUES RETURNING journal_id) "
    "UPDATE head SET journal_id = j.journal_id, seq = 0, hash = repeat('0', 64), world_at = NULL, mode = NULL FROM j",
    "DELETE FROM put_aside",
    "DELETE FROM position",
    "TRUNCATE position",
    "DELETE FROM position_1_2026061319",
    "UPDATE position_1_2026061319 SET lon_deg = 0",
    "DROP TABLE position_1_2026061319",
    "DROP INDEX position_1_2026061319_place",
    "CREATE INDEX own ON position_1_2026061319 (lon_deg)",
    "CREATE INDEX own ON position (lon_deg)",
    "REINDEX TABLE position_1_2026061319",
    "UPDATE position_hour SET hour = hour + interval '1 hour'",
    "INSERT INTO position_hour VALUES (1, now())",
    "DELETE FROM position_hour",
    "CREATE OR REPLACE FUNCTION index_hour(of_journal bigint, hour timestamptz) RETURNS boolean LANGUAGE sql "
    "AS 'SELECT true'",
    "ALTER FUNCTION index_hour(bigint, timestamptz) RESET ALL",
    "DROP TABLE event",
    "ALTER TABLE event DISABLE TRIGGER event_kept",
    "ALTER TABLE event ADD COLUMN x int",
    "DROP TRIGGER event_kept ON event",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TABLE tongzhou_drill.own (x int)",
    "SET session_replication_role = replica",
    "INSERT INTO migration VALUES (99, 'x', 'x')",
    "INSERT INTO setting VALUES ('restoring', 'yes')",
    "DELETE FROM setting",
]


def _is_refused(address: str, statement: str) -> bool:
    with psycopg.connect(address, options="-c search_path=tongzhou_drill,public") as connection:
        try:
            connection.execute(statement)
        except (errors.InsufficientPrivilege, errors.UniqueViolation):
            connection.rollback()
            return True
    return False


def test_tampering_by_a_console_is_refused(console_address: str, journal: Journal) -> None:
    journal.record_positions([fix("a", 1), fix("a", 61)])
    journal.tend_hours(START + timedelta(hours=1), START + timedelta(hours=1))
    assert [statement for statement in TAMPERINGS if not _is_refused(console_address, statement)] == []
    assert journal.verify() == 2
    write(journal, note("2"), command_id="c2")
    assert journal.verify() == 3


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE event SET body = replace(body, '\"1\"', '\"X\"') WHERE seq = 2", "Event 2 .*was changed"),
        ("DELETE FROM event WHERE seq = 2", "Event 2 is missing"),
    ],
)
def test_owner_needs_to_take_a_trigger_off_and_the_chain_names_it(
    statement: str, named: str, postgis_store_address: str, journal: Journal
) -> None:
    write(journal, note("2"), command_id="c2")
    with psycopg.connect(postgis_store_address, options="-c search_path=tongzhou_drill,public") as connection:
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            connection.execute(statement)
        connection.rollback()
        connection.execute("ALTER TABLE event DISABLE TRIGGER event_kept")
        connection.execute(statement)
    with pytest.raises(BrokenChainError, match=named):
        journal.verify()


def test_temporary_table_does_not_stand_in_for_a_real_one(console_address: str, journal: Journal) -> None:
    with psycopg.connect(console_address, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE position_hour (journal_id bigint, hour timestamptz)")
        connection.execute("CREATE TEMP TABLE position_head (journal_id bigint, world_at timestamptz)")
        connection.execute("SELECT tongzhou_drill.make_hour(1, %s)", (START,))
        held = connection.execute("SELECT hour FROM tongzhou_drill.position_hour").fetchall()
        assert held == [(START,)]
        connection.execute("INSERT INTO pg_temp.position_hour VALUES (1, %s)", (START,))
        connection.execute("INSERT INTO pg_temp.position_head VALUES (1, 'infinity')")
        asked = ("SELECT tongzhou_drill.index_hour(1, %s)", (START,))
        assert connection.execute(*asked).fetchone() == (False,), "nothing was written to the hour"


@pytest.mark.usefixtures("journal")
def test_console_acts_as_the_owner_by_four_functions_of_pinned_names_alone(console_address: str) -> None:
    with psycopg.connect(console_address) as connection:
        found = connection.execute(
            "SELECT proname, array_to_string(proconfig, ' ') FROM pg_proc WHERE prosecdef "
            "AND pronamespace = 'tongzhou_drill'::regnamespace AND has_function_privilege(oid, 'EXECUTE')"
        ).fetchall()
    assert {name for name, _ in found} == {"make_hour", "forget_hour", "forget_hour_as_of", "index_hour"}
    assert {path for _, path in found} == {"search_path=tongzhou_drill, public, pg_temp"}


def test_hour_that_still_moves_is_not_indexed(console_address: str, journal: Journal) -> None:
    journal.record_positions([fix("a", 1), fix("a", 61)])
    with psycopg.connect(console_address, autocommit=True) as connection:
        for minute, is_indexed in ((1, True), (61, False), (121, False)):
            asked = ("SELECT tongzhou_drill.index_hour(1, %s)", (START + timedelta(minutes=minute),))
            assert connection.execute(*asked).fetchone() == (is_indexed,), minute


def test_stranger_sees_nothing(console_address: str, journal: Journal) -> None:
    address = console_address.replace(USER, STRANGER)
    with psycopg.connect(address, autocommit=True) as connection:
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM tongzhou_drill.event")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT tongzhou_drill.forget_hour(1, now())")
        acting_as_owner = connection.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = "
            "(SELECT oid FROM pg_namespace WHERE nspname = 'tongzhou_drill') AND has_function_privilege(oid, 'EXECUTE')"
        ).fetchall()
        assert acting_as_owner == [], "not even with a right to the schema"
    store = PostgisStore(address, "drill")
    with pytest.raises(JournalStoreError, match="GRANT tongzhou_console"):
        store.open_journal()
    store.close()


def test_drill_console_has_no_live_store_until_its_owner_makes_one(console_address: str) -> None:
    store = PostgisStore(console_address, "live")
    with pytest.raises(JournalStoreError, match="tongzhou store init ADDRESS") as caught:
        store.open_journal()
    assert caught.value.text is not None
    store.close()


@pytest.mark.usefixtures("journal")
def test_no_live_event_gets_into_a_drill(postgis_store_address: str) -> None:
    """The schema itself refuses it, whoever writes."""
    with (
        psycopg.connect(postgis_store_address) as connection,
        pytest.raises(errors.CheckViolation, match="event_of_this_mode"),
    ):
        connection.execute(
            "INSERT INTO tongzhou_drill.event SELECT journal_id, seq + 1, stream, version + 1, world_at, recorded_at, "
            "'live', actor, command_id, body, prev_hash, hash, kind, geom FROM tongzhou_drill.event WHERE seq = 2"
        )
