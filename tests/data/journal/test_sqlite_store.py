"""What the SQLite store alone promises: its formats, its positions by hour, the order its listeners hear."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.journal.events import Recorded
from data.journal.fixes import Fix, fix_table, in_standard_order, merged, micros_of
from data.journal.folder_store import FolderStore
from data.journal.interface import JournalStoreError, StoreReadOnlyError, SupersededError
from data.journal.sqlite import SqliteJournal
from tests.data.journal.journal_samples import START, note, opened, write

# The tables as format 1 had them.
FORMAT_1 = """
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, world_us INTEGER NOT NULL,
    recorded_us INTEGER NOT NULL, mode TEXT NOT NULL, actor TEXT NOT NULL, command_id TEXT NOT NULL,
    body TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL, UNIQUE (stream, version)
) STRICT;
CREATE INDEX event_world ON event (world_us);
CREATE TABLE command (command_id TEXT PRIMARY KEY, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE unit (number INTEGER PRIMARY KEY, unit_id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE position (
    unit INTEGER NOT NULL REFERENCES unit, world_us INTEGER NOT NULL, lon_deg REAL NOT NULL, lat_deg REAL NOT NULL,
    heading_deg REAL, speed_mps REAL NOT NULL, PRIMARY KEY (unit, world_us)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
PRAGMA user_version = 1;
"""


def fix(unit_id: str, second: float, lon_deg: float = 122.0, heading_deg: float | None = None) -> Fix:
    return Fix(unit_id, START + timedelta(seconds=second), lon_deg, 30.0, heading_deg, 1.5)


def file_of_format_1(path: Path, fixes: list[Fix]) -> list[Recorded]:
    """Write a journal as the first release did: its tables, the rows of a real chain, the positions in one table."""
    newer = SqliteJournal(path.with_name("newer"))
    events = [*write(newer, opened(), command_id="open"), *write(newer, note("1"), note("2"), command_id="c1")]
    newer.close()
    database = apsw.Connection(str(path))
    database.execute(FORMAT_1)
    database.execute("ATTACH ? AS newer", (str(path.with_name("newer")),))
    database.execute("INSERT INTO event SELECT * FROM newer.event; INSERT INTO command SELECT * FROM newer.command")
    database.execute("BEGIN")
    for number, unit_id in enumerate(dict.fromkeys(one.unit_id for one in fixes), start=1):
        database.execute("INSERT INTO unit VALUES (?, ?)", (number, unit_id))
        for one in fixes:
            if one.unit_id == unit_id:
                row = (number, micros_of(one.world_at), one.lon_deg, one.lat_deg, one.heading_deg, one.speed_mps)
                database.execute("INSERT INTO position VALUES (?, ?, ?, ?, ?, ?)", row)
    database.execute("COMMIT")
    database.execute("DETACH newer")
    database.close()
    return events


def test_file_of_format_1_is_brought_up_with_all_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "world.journal"
    fixes = [fix(unit_id, second, 122.0 + second / 1e5) for second in range(0, 9000, 7) for unit_id in ("b", "a")]
    events = file_of_format_1(path, fixes)
    journal = SqliteJournal(path)
    assert list(journal.read()) == events
    assert journal.verify() == 3
    assert journal.fix_hours() == tuple(START + timedelta(hours=number) for number in range(3))
    everything = journal.fixes_between(START, START + timedelta(hours=9))
    assert in_standard_order(everything).same_as(in_standard_order(fix_table(fixes)))
    for second in (0, 6, 3599, 3600, 8000, 99999):
        due = [one for one in fixes if one.world_at <= START + timedelta(seconds=second)]
        assert journal.positions_at(START + timedelta(seconds=second)) == {one.unit_id: one for one in due}
    journal.record_positions([fix("c", 9100)])
    assert journal.append([note("3")], command_id="c2", actor="a", world_at=START, recorded_at=START)[0].seq == 4
    journal.close()


def test_migration_that_fails_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "world.journal"
    file_of_format_1(path, [fix("a", 1), fix("a", 4000)])

    def fail(_: apsw.Connection) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as patch:
        patch.setattr("data.journal.sqlite_schema.take_over_single_table", fail)
        with pytest.raises(RuntimeError):
            SqliteJournal(path)
    database = apsw.Connection(str(path))
    assert database.pragma("user_version") == 1
    assert database.execute("SELECT COUNT(*) FROM position").fetchone() == (2,)
    database.close()
    journal = SqliteJournal(path)
    assert journal.positions_at(START + timedelta(hours=2)) == {"a": fix("a", 4000)}
    journal.close()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("INSERT INTO setting VALUES ('restoring', '2026-06-13')", "was begun and not finished.*--replace-unfinished"),
        ("PRAGMA user_version = 3", "format 3, this program writes 2"),
    ],
)
def test_half_restored_and_newer_stores_are_refused_and_left_alone(tmp_path: Path, statement: str, words: str) -> None:
    path = tmp_path / "world.journal"
    SqliteJournal(path).close()
    database = apsw.Connection(str(path))
    database.execute(statement)
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreReadOnlyError, match=f"(?i){words}") as caught:
        SqliteJournal(path)
    assert caught.value.text is not None
    assert caught.value.text.zh
    assert path.read_bytes() == before


seconds = st.integers(0, 3 * 3600).map(float)
batches = st.lists(
    st.lists(st.builds(fix, st.sampled_from("abcd"), seconds, st.integers(1, 99).map(float)), min_size=1, max_size=9),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(batches=batches, looks=st.lists(seconds, min_size=1, max_size=8), forgotten=st.integers(0, 4))
def test_last_fix_of_each_unit_whatever_order_they_come_in(
    batches: list[list[Fix]], looks: list[float], forgotten: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    journal = SqliteJournal(tmp_path_factory.mktemp("positions") / "world.journal")
    known: dict[tuple[str, datetime], Fix] = {}
    for batch in batches:
        journal.record_positions(batch)
        known |= {(one.unit_id, one.world_at): one for one in batch}
    hour = START + timedelta(hours=forgotten)
    journal.forget_hour(hour)
    left = sorted(
        (one for one in known.values() if not hour <= one.world_at < hour + timedelta(hours=1)),
        key=lambda one: one.world_at,
    )
    for second in looks:
        moment = START + timedelta(seconds=second)
        assert journal.positions_at(moment) == {one.unit_id: one for one in left if one.world_at <= moment}
        window = journal.fixes_between(moment, moment + timedelta(minutes=70))
        expected = [one for one in left if moment <= one.world_at < moment + timedelta(minutes=70)]
        assert in_standard_order(window).same_as(in_standard_order(fix_table(expected)))
    assert journal.last_world_at() == (left[-1].world_at if left else None)
    journal.close()


def test_what_is_not_committed_is_not_remembered(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "world.journal")
    write(journal, opened(), command_id="open")
    broken = Fix("b", START, None, 30.0, None, 1.0)  # type: ignore[arg-type]
    with pytest.raises(JournalStoreError, match="nothing was recorded"):
        journal.record_positions([fix("a", 1), broken])
    assert journal.fix_hours() == ()
    journal.record_positions([fix("c", 2), fix("a", 3)])
    assert journal.positions_at(START + timedelta(minutes=1)) == {"c": fix("c", 2), "a": fix("a", 3)}
    journal.close()


def test_several_writers_commits_are_heard_in_order(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "world.journal")
    heard: list[int] = []
    missing: list[int] = []
    journal.subscribe(lambda events: heard.extend(one.seq for one in events))
    write(journal, opened(), command_id="open")

    def append(writer: int) -> None:
        for number in range(60):
            (one,) = write(journal, note("x"), command_id=f"{writer}-{number}")
            if one.seq not in heard:
                missing.append(one.seq)

    writers = [threading.Thread(target=append, args=(writer,)) for writer in range(4)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert heard == list(range(1, 242))
    assert missing == [], "a writer hears its own commit before append returns"
    journal.close()


def test_listener_that_writes_is_heard_after_what_it_was_told(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "world.journal")
    heard: list[int] = []

    def answer(events: tuple[Recorded, ...]) -> None:
        if events[0].seq == 1:
            write(journal, note("an answer"), command_id="answer")

    journal.subscribe(answer)
    journal.subscribe(lambda events: heard.extend(one.seq for one in events))
    write(journal, opened(), command_id="open")
    assert heard == [1, 2]
    journal.close()


def test_world_time_never_goes_back(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "world.journal")
    write(journal, opened(), command_id="open", minute=5)
    (one,) = write(journal, note("earlier"), command_id="c1", minute=2)
    assert one.world_at == START + timedelta(minutes=5)
    assert one.recorded_at == START + timedelta(minutes=2)
    assert journal.verify() == 2
    journal.close()


def test_journal_put_aside_takes_no_more_events_and_holds_all_it_had(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    first = store.open_journal()
    write(first, opened(), note("kept"), command_id="open")
    assert store.is_current(first)
    second = store.begin_another(first, "sample", START)
    assert second.mode is None
    assert not store.is_current(first)
    assert store.is_current(second)
    with pytest.raises(SupersededError, match="Another journal was begun"):
        write(first, note("too late"), command_id="c")
    second.close()
    with pytest.raises(JournalStoreError, match="is closed"):
        second.record_positions([fix("a", 1)])
    (aside,) = (tmp_path / "archive").glob("*.journal")
    kept = SqliteJournal(aside)
    assert kept.verify() == 2
    kept.close()


def test_full_disk_makes_the_store_read_only_in_words(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "world.journal")
    write(journal, opened(), command_id="open")
    journal._database.pragma("max_page_count", 60)

    def fill() -> None:
        for second in range(4000):
            journal.record_positions([fix(f"u{second}", second)])

    with pytest.raises(StoreReadOnlyError, match="is full; nothing was recorded"):
        fill()
    assert journal.positions_at(START + timedelta(hours=2))
    assert journal.verify() == 1
    journal.close()


def test_of_one_unit_and_moment_the_newer_fix_holds() -> None:
    older, newer = fix_table([fix("b", 1, 1.0), fix("a", 2, 1.0)]), fix_table([fix("c", 3), fix("b", 1, 9.0)])
    assert list(merged(older, newer).fixes()) == [fix("b", 1, 9.0), fix("a", 2, 1.0), fix("c", 3)]
