"""What every back end of the journal promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from data.journal.events import NoteLogged, Recorded
from data.journal.interface import ConflictError, Fix, Journal
from tests.data.journal.journal_samples import START, STORES, note, opened, write


@pytest.fixture(params=sorted(STORES))
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """An opened journal with its first event, of each back end in turn."""
    journal = STORES[request.param](tmp_path / "world.journal")
    write(journal, opened(), command_id="open")
    yield journal
    journal.close()


def test_sequence_and_versions_have_no_gap(journal: Journal) -> None:
    write(journal, note("1"), note("2"), command_id="c1")
    write(journal, note("3", stream="other"), command_id="c2")
    events = list(journal.read())
    assert [one.seq for one in events] == [1, 2, 3, 4]
    assert [(one.stream, one.version) for one in events][1:] == [("log", 1), ("log", 2), ("other", 1)]
    assert journal.verify() == 4
    assert journal.mode == "drill"


def test_event_comes_back_as_written(journal: Journal) -> None:
    (written,) = write(journal, note('庙子湖 "quoted" \n line'), command_id="c1", minute=3, actor="席位1")
    assert list(journal.read(after_seq=1)) == [written]
    assert written.world_at == START + timedelta(minutes=3)
    assert written.actor == "席位1"


def test_journal_begins_with_its_opening(tmp_path: Path) -> None:
    for make in STORES.values():
        empty = make(tmp_path / "empty.journal")
        with pytest.raises(ValueError, match="begins with WorldOpened"):
            write(empty, note("too early"), command_id="c")
        assert empty.mode is None
        assert empty.last_world_at() is None
        empty.close()


def test_repeated_command_writes_nothing_and_returns_what_it_recorded(journal: Journal) -> None:
    first = write(journal, note("1"), note("2"), command_id="same")
    again = write(journal, note("1"), note("2"), command_id="same")
    assert again == first == journal.recorded_by("same")
    assert journal.recorded_by("never seen") == ()
    assert journal.verify() == 3


def test_stale_version_is_refused_and_the_winner_named(journal: Journal) -> None:
    write(journal, note("first", expected_version=0), command_id="c1", actor="alice")
    with pytest.raises(ConflictError) as caught:
        write(journal, note("second", expected_version=0), command_id="c2", actor="bob")
    assert caught.value.winner is not None
    assert (caught.value.winner.actor, caught.value.actual) == ("alice", 1)
    assert journal.verify() == 2


def test_append_of_several_is_whole_or_nothing(journal: Journal) -> None:
    with pytest.raises(ConflictError):
        write(journal, note("kept out"), note("stale", stream="other", expected_version=7), command_id="c1")
    assert journal.verify() == 1
    assert journal.recorded_by("c1") == ()
    write(journal, note("kept"), command_id="c1")  # a refused command id is free again
    assert journal.verify() == 2


def test_read_stops_at_a_world_time(journal: Journal) -> None:
    for minute in (1, 2, 3):
        write(journal, note(str(minute)), command_id=f"c{minute}", minute=minute)
    texts = [
        one.event.text for one in journal.read(1, START + timedelta(minutes=2)) if isinstance(one.event, NoteLogged)
    ]
    assert texts == ["1", "2"]


def test_listener_hears_each_commit_until_it_leaves(journal: Journal) -> None:
    heard: list[tuple[Recorded, ...]] = []
    leave = journal.subscribe(heard.append)
    written = write(journal, note("1"), note("2"), command_id="c1")
    write(journal, note("1"), command_id="c1")  # a repeat is no news
    leave()
    leave()
    write(journal, note("3"), command_id="c2")
    assert heard == [written]


def test_listener_that_fails_costs_nobody_the_event(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: tuple[Recorded, ...]) -> None:
        raise RuntimeError("a broken view")

    journal.subscribe(fail)
    write(journal, note("1"), command_id="c1")
    assert journal.verify() == 2
    assert "a broken view" in caplog.text


def test_last_fix_of_each_unit_at_a_time(journal: Journal) -> None:
    def fix(unit_id: str, minute: int) -> Fix:
        return Fix(unit_id, START + timedelta(minutes=minute), 122.0 + minute / 100, 30.0, None, 1.5)

    journal.record_positions([fix("a", 1), fix("b", 2), fix("a", 5)])
    journal.record_positions([fix("a", 3)])
    assert journal.positions_at(START) == {}
    assert journal.positions_at(START + timedelta(minutes=4)) == {"a": fix("a", 3), "b": fix("b", 2)}
    assert journal.positions_at(START + timedelta(minutes=9)) == {"a": fix("a", 5), "b": fix("b", 2)}
    assert journal.last_world_at() == START + timedelta(minutes=5)


def test_moment_without_a_zone_is_refused(journal: Journal) -> None:
    naive = datetime(2026, 6, 13, 19, 0)
    with pytest.raises(ValueError, match="no time zone"):
        journal.append([note("1")], command_id="c", actor="a", world_at=naive, recorded_at=naive)
    assert journal.verify() == 1
