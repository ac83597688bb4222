"""Hours seen to beside the intake: the next is there before its first batch, one that is over is found by place."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from data.journal.fixes import Fix
from data.journal.interface import JournalStoreError
from data.journal.postgis import hours as hours_module
from data.journal.postgis import migrate as migrate_module
from data.journal.postgis.journal import PostgisJournal
from data.journal.postgis.migrate import migrations
from data.journal.postgis.store import PostgisStore
from tests.data.journal.journal_samples import START, fix, opened, write

pytestmark = pytest.mark.postgis
HOUR = timedelta(hours=1)
FIRST, SECOND, THIRD = (f"position_1_20260613{hour}" for hour in (19, 20, 21))
BOX = "ST_MakeEnvelope(122.0995, 29.9, 122.1005, 30.1, 4326)"
PLACES = [f"geom && {BOX}", "ST_DWithin(geom, ST_SetSRID(ST_MakePoint(122.1, 30.0), 4326), 0.0004)"]


@pytest.fixture
def owner(postgis_store_address: str) -> Iterator[psycopg.Connection[Any]]:
    options = "-c search_path=tongzhou_drill,public -c timezone=UTC"
    with psycopg.connect(postgis_store_address, autocommit=True, options=options) as connection:
        yield connection


def _is_there(owner: psycopg.Connection[Any], name: str) -> bool:
    row = owner.execute("SELECT to_regclass(%s)", (name,)).fetchone()
    return row is not None and row[0] is not None


def _plan(owner: psycopg.Connection[Any], query: str) -> str:
    return "\n".join(row[0] for row in owner.execute(f"EXPLAIN {query}".encode()))


def _fleet(minute: float, units: int = 5000) -> list[Fix]:
    return [
        Fix(f"u{n}", START + timedelta(minutes=minute), 122.0 + n * 1e-4 / 2, 30.0 + minute * 1e-6, None, 1.5)
        for n in range(units)
    ]


def test_next_hour_is_made_before_its_first_batch(journal: PostgisJournal, owner: psycopg.Connection[Any]) -> None:
    journal.record_positions([fix("a", 1)])
    journal.tend_hours(START + timedelta(minutes=30), START)
    assert _is_there(owner, SECOND)
    assert journal.fix_hours() == (START,)
    owner.execute("ALTER FUNCTION make_hour(bigint, timestamptz) RENAME TO once_make_hour")
    owner.execute(
        "CREATE FUNCTION make_hour(of_journal bigint, hour timestamptz) RETURNS void LANGUAGE plpgsql AS "
        f"'BEGIN ASSERT to_regclass(''{SECOND}'') IS NOT NULL AND hour < ''2026-06-13 21:00Z'', ''made late''; END'"
    )
    journal.record_positions([fix("a", 61)])
    assert journal.fix_hours() == (START, START + HOUR)
    with pytest.raises(JournalStoreError, match="made late"):
        journal.record_positions([fix("a", 121)])


def test_intake_makes_an_hour_that_nobody_made(journal: PostgisJournal) -> None:
    journal.tend_hours(START, START)
    journal.record_positions([fix("a", 1), fix("a", 301)])
    assert journal.fix_hours() == (START, START + 5 * HOUR)


def test_fleet_that_keeps_silent_leaves_no_empty_hours(journal: PostgisJournal, owner: psycopg.Connection[Any]) -> None:
    journal.record_positions([fix("a", 1)])
    for hour in range(4):
        journal.tend_hours(START + hour * HOUR, START)
    assert owner.execute("SELECT count(*) FROM position_hour").fetchone() == (1,)
    assert not _is_there(owner, SECOND)
    journal.record_positions([fix("a", 62)])
    assert journal.fix_hours() == (START, START + HOUR)


def test_closed_hour_is_searched_by_place_through_the_view(
    journal: PostgisJournal, owner: psycopg.Connection[Any]
) -> None:
    for minute in (1, 20, 40, 58, 61, 62):
        journal.record_positions(_fleet(minute))
    journal.tend_hours(START + 1.2 * HOUR, START + HOUR)
    assert (_is_there(owner, f"{FIRST}_place"), _is_there(owner, f"{SECOND}_place")) == (True, False)
    span = "world_at >= '2026-06-13 19:00Z' AND world_at < '2026-06-13 20:00Z'"
    for place in PLACES:
        assert f"Index Scan on {FIRST}_place" in _plan(owner, f"SELECT * FROM positions WHERE {span} AND {place}")
        assert f"Index Scan on {FIRST}_place" in _plan(owner, f"SELECT * FROM positions WHERE {place}")
    journal.record_positions([fix("late", 30, 122.1)])
    by_place = f"SELECT count(*) FROM positions WHERE geom && {BOX} AND world_at < '2026-06-13 20:00Z'"
    by_degrees = by_place.replace(f"geom && {BOX}", "lon_deg BETWEEN 122.0995 AND 122.1005")
    (found,) = owner.execute(by_place.encode()).fetchone() or (0,)
    assert owner.execute(by_degrees.encode()).fetchone() == (found,)
    assert found == 4 * 21 + 1


def test_one_hour_is_indexed_at_a_look_oldest_first(journal: PostgisJournal, owner: psycopg.Connection[Any]) -> None:
    journal.record_positions([fix("a", minute) for minute in (1, 61, 121)])
    seen = []
    for _ in range(3):
        journal.tend_hours(START + 2.5 * HOUR, START + 2 * HOUR)
        seen.append([_is_there(owner, f"{name}_place") for name in (FIRST, SECOND, THIRD)])
    assert seen == [[True, False, False], [True, True, False], [True, True, False]]
    assert journal.forget_hour(START, journal.hour_mark(START))
    assert not _is_there(owner, f"{FIRST}_place")


def test_building_gives_way_to_a_late_batch(journal: PostgisJournal, owner: psycopg.Connection[Any]) -> None:
    journal.record_positions([fix("a", 1), fix("a", 61)])
    owner.execute("ALTER FUNCTION index_hour(bigint, timestamptz) RENAME TO quick_index_hour")
    owner.execute(
        "CREATE FUNCTION index_hour(of_journal bigint, hour timestamptz) RETURNS boolean LANGUAGE plpgsql AS "
        "'BEGIN PERFORM quick_index_hour(of_journal, hour); PERFORM pg_sleep(30); RETURN true; END'"
    )
    building = threading.Thread(target=journal.tend_hours, args=(START + HOUR, START + HOUR))
    building.start()
    asked = "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND mode = 'ShareLock' AND granted"
    patience_s = time.monotonic() + 10
    while owner.execute(asked, (FIRST,)).fetchone() != (1,) and time.monotonic() < patience_s:
        time.sleep(0.01)
    journal.record_positions([fix("b", 62)])
    assert building.is_alive(), "a batch of the open hour waits for nothing and stops nothing"
    journal.record_positions([fix("a", 2), fix("a", 63)])
    building.join(10)
    assert not building.is_alive()
    assert journal.positions_at(START + timedelta(minutes=3))["a"] == fix("a", 2)
    assert not _is_there(owner, f"{FIRST}_place")
    owner.execute("DROP FUNCTION index_hour(bigint, timestamptz)")
    owner.execute("ALTER FUNCTION quick_index_hour(bigint, timestamptz) RENAME TO index_hour")
    journal.tend_hours(START + HOUR, START + HOUR)
    assert _is_there(owner, f"{FIRST}_place")


def test_hour_being_written_to_is_indexed_another_time(journal: PostgisJournal, owner: psycopg.Connection[Any]) -> None:
    journal.record_positions([fix("a", 1), fix("a", 61)])
    with owner.transaction():
        owner.execute("UPDATE position_hour SET batch = batch + 1")
        journal.tend_hours(START + HOUR, START + HOUR)
    assert not _is_there(owner, f"{FIRST}_place")
    journal.tend_hours(START + HOUR, START + HOUR)
    assert _is_there(owner, f"{FIRST}_place")


def test_hour_too_large_is_left_out_said_once_and_stops_no_other(
    journal: PostgisJournal,
    owner: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal.record_positions(_fleet(1))
    journal.record_positions([fix("a", 61), fix("a", 121)])
    monkeypatch.setattr(hours_module, "MOST_BYTES", 100_000)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            journal.tend_hours(START + 2 * HOUR, START + 2 * HOUR)
    assert [_is_there(owner, f"{name}_place") for name in (FIRST, SECOND)] == [False, True]
    assert [one.getMessage() for one in caplog.records] == [
        f"Positions of {START} are too many to be indexed by place beside the intake"
    ]


def test_building_that_takes_too_long_is_ended_and_not_tried_again(
    journal: PostgisJournal, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.record_positions([fix("a", 1), fix("a", 61), fix("a", 121)])
    owner.execute(
        "CREATE OR REPLACE FUNCTION index_hour(of_journal bigint, hour timestamptz) RETURNS boolean LANGUAGE plpgsql "
        "AS 'BEGIN PERFORM pg_sleep(30); RETURN true; END'"
    )
    monkeypatch.setattr(hours_module, "BUILD_S", 0.3)
    for _ in range(3):
        journal.tend_hours(START + 2 * HOUR, START + 2 * HOUR)
    assert journal._tending._left_out == {START, START + HOUR}


def test_store_of_format_seven_with_positions_is_brought_up(
    postgis_store_address: str, monkeypatch: pytest.MonkeyPatch, owner: psycopg.Connection[Any]
) -> None:
    fixes = [fix("a", 1), fix("b", 2, heading_deg=12.5), fix("a", 61)]
    with monkeypatch.context() as patch:
        patch.setattr(migrate_module, "migrations", lambda: migrations()[:7])
        patch.setattr(migrate_module, "_grant", lambda *_: None)  # its rights are those of the format of now
        store = PostgisStore(postgis_store_address, "drill")
        journal = store.open_journal()
        write(journal, opened(), command_id="open")
        journal.record_positions(fixes)
        journal.close()
    # As an hour stands that was filled before batches left their number.
    owner.execute("UPDATE position_hour SET batch = 0 WHERE hour = %s", (START,))
    with pytest.raises(JournalStoreError, match="format 7, this program needs 8"):
        store.open_journal()
    assert store.migrate().applied == ("0008_hours_ahead_and_places.sql",)
    journal = store.open_journal()
    assert (journal.verify(), journal.fix_hours()) == (1, (START, START + HOUR))
    assert list(journal.fixes_between(START, START + 2 * HOUR).fixes()) == fixes
    journal.tend_hours(START + timedelta(minutes=70), START + HOUR)
    assert _is_there(owner, f"{FIRST}_place")
    assert _is_there(owner, THIRD)
    journal.record_positions([fix("a", 3), fix("a", 121)])
    assert journal.fix_hours() == (START, START + HOUR, START + 2 * HOUR)
    assert journal.forget_hour(START, journal.hour_mark(START))
    journal.close()
    store.close()
