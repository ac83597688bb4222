"""What every back end of the journal promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from data.journal.chain import GENESIS_HASH, recorded_from, row_hash
from data.journal.events import NoteLogged, Recorded
from data.journal.interface import ConflictError, Entry, Fix, Head, Journal, SupersededError
from data.journal.store import Store, open_store
from tests.data.journal.journal_samples import START, fix, note, opened, write


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


def test_journal_begins_with_its_opening(empty_journal: Journal) -> None:
    with pytest.raises(ValueError, match="begins with WorldOpened"):
        write(empty_journal, note("too early"), command_id="c")
    assert empty_journal.mode is None
    assert empty_journal.last_world_at() is None
    assert empty_journal.head() == Head(seq=0, hash=GENESIS_HASH)
    assert list(empty_journal.rows()) == []


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


def test_head_is_the_last_event(journal: Journal) -> None:
    (written,) = write(journal, note("1"), command_id="c1")
    assert journal.head() == Head(seq=2, hash=written.hash)


def test_rows_are_what_was_hashed(journal: Journal) -> None:
    written = write(journal, note("1"), note("庙子湖"), command_id="c1")
    rows = list(journal.rows(after_seq=1))
    assert tuple(recorded_from(row) for row in rows) == written
    assert [row_hash(row) for row in rows] == [row.hash for row in rows]
    assert "庙子湖" in rows[1].body


def test_same_stream_twice_in_one_append(journal: Journal) -> None:
    written = write(journal, note("1"), note("2", expected_version=1), command_id="c1")
    assert [one.version for one in written] == [1, 2]
    with pytest.raises(ConflictError):
        write(journal, note("3"), note("4", expected_version=2), command_id="c2")
    assert journal.verify() == 3


def test_entry_without_an_event_holds_the_others_to_its_stream(journal: Journal) -> None:
    write(journal, note("1", "incident:i"), command_id="c1")
    seen = Entry(stream="incident:i", event=None, expected_version=1)
    (written,) = write(journal, note("2", "plan:p"), seen, command_id="c2")
    assert (written.stream, written.version) == ("plan:p", 1), "nothing but the event is written"
    (winner,) = write(journal, note("3", "incident:i"), command_id="c3", actor="wang")
    before = journal.head()
    with pytest.raises(ConflictError) as lost:
        write(journal, note("4", "plan:q"), seen, command_id="c4")
    assert (lost.value.stream, lost.value.expected, lost.value.actual) == ("incident:i", 1, 2)
    assert lost.value.winner == winner
    unwritten = Entry(stream="incident:none", event=None, expected_version=0)
    assert len(write(journal, note("5"), unwritten, command_id="c5")) == 1
    assert write(journal, unwritten, command_id="c6") == (), "guards alone write nothing"
    assert journal.head().seq == before.seq + 1
    assert journal.verify() == before.seq + 1


def test_any_text_comes_back(journal: Journal) -> None:
    text = "\x00 \\u0000 \u2028 😀 ' \" ; DROP TABLE event; --"
    (written,) = write(journal, note(text), command_id="c1", actor="o'neill %s {}")
    assert list(journal.read(after_seq=1)) == [written]
    assert written.event == NoteLogged(text=text, incident_id=None)
    assert journal.verify() == 2


def test_world_time_never_goes_back(journal: Journal) -> None:
    write(journal, note("1"), command_id="c1", minute=5)
    (lifted,) = write(journal, note("2"), command_id="c2", minute=3)
    assert lifted.world_at == START + timedelta(minutes=5)
    assert lifted.recorded_at == START + timedelta(minutes=3)
    assert journal.verify() == 3


def test_times_are_kept_to_the_microsecond_and_as_utc(journal: Journal) -> None:
    local = timezone(timedelta(hours=8))
    at = (START + timedelta(microseconds=123457)).astimezone(local)
    journal.append([note("1")], command_id="c", actor="a", world_at=at, recorded_at=at)
    (read,) = journal.read(after_seq=1)
    assert read.world_at == at
    assert read.world_at.utcoffset() == timedelta(0)
    assert journal.verify() == 2


def test_listeners_hear_all_in_order_from_many_threads(journal: Journal) -> None:
    heard: list[int] = []
    journal.subscribe(lambda news: heard.extend(one.seq for one in news))

    def append(writer: int) -> None:
        for number in range(10):
            write(journal, note("x"), note("y"), command_id=f"{writer}-{number}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(append, range(4)))
    assert heard == list(range(2, 82))


def test_own_events_are_heard_before_append_returns(journal: Journal) -> None:
    heard: list[Recorded] = []
    journal.subscribe(heard.extend)
    written = write(journal, note("1"), command_id="c1")
    assert tuple(heard) == written


def test_same_command_at_once_is_recorded_once(journal: Journal) -> None:
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: write(journal, note("x"), command_id="same"), range(8)))
    assert len(set(results)) == 1
    assert journal.verify() == 2


def test_of_many_who_saw_the_same_version_one_wins(journal: Journal) -> None:
    def race(number: int) -> str:
        try:
            (won,) = write(journal, note("x", "unit:a", 0), command_id=f"c{number}", actor=f"seat {number}")
            return won.actor
        except ConflictError as lost:
            return lost.winner.actor if lost.winner else "nobody"

    with ThreadPoolExecutor(4) as threads:
        winners = set(threads.map(race, range(8)))
    assert winners == {next(one.actor for one in journal.read(after_seq=1))}
    assert journal.verify() == 2


def test_journal_is_there_when_opened_again(store_address: str) -> None:
    first = open_store(store_address, "drill")
    journal = first.open_journal()
    write(journal, opened(), command_id="open")
    write(journal, note("1"), command_id="c1")
    journal.record_positions([fix("a", 1)])
    events = list(journal.read())
    journal.close()
    first.close()
    second = open_store(store_address, "drill")
    journal = second.open_journal()
    assert list(journal.read()) == events
    assert journal.mode == "drill"
    assert journal.positions_at(START + timedelta(minutes=2)) == {"a": fix("a", 1)}
    journal.close()
    second.close()


def test_another_journal_begins_empty_and_the_old_one_takes_no_more(store: Store, journal: Journal) -> None:
    journal.record_positions([fix("a", 1)])
    assert store.is_current(journal)
    another = store.begin_another(journal, "first", START)
    assert another.head() == Head(seq=0, hash=GENESIS_HASH)
    assert (another.mode, another.fix_hours(), another.positions_at(START + timedelta(hours=1))) == (None, (), {})
    assert store.is_current(another)
    assert not store.is_current(journal)
    with pytest.raises(SupersededError) as caught:
        write(journal, note("late"), command_id="late")
    assert caught.value.text is not None
    write(another, opened(), command_id="open")  # the id of a command of the old journal is free in the new
    assert another.verify() == 1
    another.close()


def test_last_fix_of_each_unit_at_a_time(journal: Journal) -> None:
    journal.record_positions([fix("a", 1), fix("b", 2), fix("a", 5)])
    journal.record_positions([fix("a", 3)])
    assert journal.positions_at(START) == {}
    assert journal.positions_at(START + timedelta(minutes=4)) == {"a": fix("a", 3), "b": fix("b", 2)}
    assert journal.positions_at(START + timedelta(minutes=9)) == {"a": fix("a", 5), "b": fix("b", 2)}
    assert journal.last_world_at() == START + timedelta(minutes=5)


def test_second_fix_of_a_moment_replaces_the_first(journal: Journal) -> None:
    journal.record_positions([fix("a", 1, 121.0), fix("a", 1, 122.0)])
    assert journal.positions_at(START + timedelta(minutes=1)) == {"a": fix("a", 1, 122.0)}
    journal.record_positions([fix("a", 1, 123.0)])
    assert journal.positions_at(START + timedelta(minutes=1)) == {"a": fix("a", 1, 123.0)}
    assert len(journal.fixes_between(START, START + timedelta(hours=1))) == 1


def test_fixes_between_two_times_come_in_order(journal: Journal) -> None:
    fixes = [fix("b", 59, heading_deg=12.5), fix("a", 61), fix("a", 2), fix("c", 0)]
    journal.record_positions(fixes)
    table = journal.fixes_between(START, START + timedelta(hours=2))
    assert list(table.fixes()) == sorted(fixes, key=lambda one: one.world_at)
    end_is_out = journal.fixes_between(START + timedelta(minutes=2), START + timedelta(minutes=61))
    assert list(end_is_out.fixes()) == [fix("a", 2), fix("b", 59, heading_deg=12.5)]
    assert len(journal.fixes_between(START - timedelta(hours=9), START)) == 0


def test_forgetting_an_hour_leaves_the_others(journal: Journal) -> None:
    journal.record_positions([fix("a", 10), fix("a", 70), fix("b", 70)])
    assert journal.fix_hours() == (START, START + timedelta(hours=1))
    journal.forget_hour(START + timedelta(minutes=30))
    journal.forget_hour(START - timedelta(hours=5))
    assert journal.fix_hours() == (START + timedelta(hours=1),)
    assert journal.positions_at(START + timedelta(minutes=30)) == {}
    assert set(journal.positions_at(START + timedelta(hours=2))) == {"a", "b"}
    journal.record_positions([fix("a", 11)])
    assert journal.positions_at(START + timedelta(minutes=30)) == {"a": fix("a", 11)}


def test_tending_the_hours_changes_nothing_that_is_asked(journal: Journal) -> None:
    hour = timedelta(hours=1)
    journal.record_positions([fix("a", 10), fix("a", 70), fix("b", 70)])
    before = list(journal.fixes_between(START, START + 3 * hour).fixes())
    for _ in range(2):
        journal.tend_hours(START + 1.5 * hour, START + hour)
    assert journal.fix_hours() == (START, START + hour), "an hour that nobody wrote to is none"
    assert list(journal.fixes_between(START, START + 3 * hour).fixes()) == before
    journal.record_positions([fix("a", 11), fix("b", 130)])
    assert journal.positions_at(START + timedelta(minutes=12))["a"] == fix("a", 11)
    assert journal.forget_hour(START, journal.hour_mark(START))
    assert journal.fix_hours() == (START + hour, START + 2 * hour)


def test_hour_written_to_since_it_was_looked_at_is_kept(journal: Journal) -> None:
    journal.record_positions([fix("a", 10), fix("a", 70)])
    seen = journal.hour_mark(START)
    journal.record_positions([fix("a", 10, 123.0)])  # as many rows as before
    assert not journal.forget_hour(START, seen)
    assert journal.positions_at(START + timedelta(minutes=30)) == {"a": fix("a", 10, 123.0)}
    seen = journal.hour_mark(START)
    journal.record_positions([fix("a", 71)])
    assert journal.forget_hour(START, seen)
    assert journal.fix_hours() == (START + timedelta(hours=1),)
    journal.record_positions([fix("a", 12)])
    assert not journal.forget_hour(START, seen)
    assert journal.positions_at(START + timedelta(minutes=30)) == {"a": fix("a", 12)}


def test_positions_are_heard_as_recorded_until_the_listener_leaves(journal: Journal) -> None:
    heard: list[tuple[Fix, ...]] = []
    leave = journal.subscribe_fixes(heard.append)
    journal.record_positions([fix("a", 1), fix("b", 1)])
    journal.record_positions([])
    leave()
    journal.record_positions([fix("a", 2)])
    assert heard == [(fix("a", 1), fix("b", 1))]


def test_moment_without_a_zone_is_refused(journal: Journal) -> None:
    naive = datetime(2026, 6, 13, 19, 0)
    with pytest.raises(ValueError, match="no time zone"):
        journal.append([note("1")], command_id="c", actor="a", world_at=naive, recorded_at=naive)
    assert journal.verify() == 1
