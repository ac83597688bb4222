"""Store and archive together answer as the store alone would, whatever was put away when."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.journal.archive import ArchiveFaultError, HourArchive
from data.journal.fixes import Fix, FixTable, fix_table, in_standard_order
from data.journal.history import HOUR, SLICE, PositionHistory
from data.journal.hour_file import FORMAT
from data.journal.interface import Journal
from data.journal.sqlite import SqliteJournal
from data.journal.store import open_store
from tests.data.journal.journal_samples import START, opened, write


class Kept:
    """A journal with its history, and what the chain would hold."""

    def __init__(self, folder: Path, name: str = "a", journal: Journal | None = None) -> None:
        self.chain: dict[datetime, str] = {}
        self.journal: Journal = journal or SqliteJournal(folder / f"{name}.journal")
        (first,) = write(self.journal, opened(), command_id=f"open-{name}")
        self.archive = HourArchive(folder, mode="drill", journal_hash=first.hash, recorded=lambda: self.chain)
        self.history = PositionHistory(self.journal, self.archive)

    def put_away(self, hour: datetime) -> None:
        for one in self.history.put_away(hour):
            self.chain[one.hour] = one.sha256


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    kept.journal.close()


def fix(unit_id: str, minute: float, lon_deg: float = 122.0, heading_deg: float | None = None) -> Fix:
    return Fix(unit_id, START + timedelta(minutes=minute), lon_deg, 30.0, heading_deg, 1.5)


def rows(history: PositionHistory | Journal, start: datetime, end: datetime) -> list[Fix]:
    return list(in_standard_order(history.fixes_between(start, end)).fixes())


minutes = st.integers(0, 179)
fixes = st.builds(fix, st.sampled_from("abc"), minutes, st.integers(1, 9).map(float), st.sampled_from([None, 45.5]))
steps = st.lists(
    st.one_of(
        st.lists(fixes, min_size=1, max_size=8),
        st.tuples(st.sampled_from(["archive", "forget"]), st.integers(0, 2)),
    ),
    min_size=3,
    max_size=14,
)


Steps = list[list[Fix] | tuple[str, int]]


def answers_as_alone(kept: Kept, alone: Kept, steps: Steps, looks: list[int]) -> None:
    """Take the steps and compare every answer with that of a journal from which nothing was put away."""
    for step in steps:
        if isinstance(step, list):
            kept.journal.record_positions(step)
            alone.journal.record_positions(step)
            continue
        hour = START + step[1] * HOUR
        if step[0] == "archive" and (hour in kept.journal.fix_hours() or hour in kept.chain):
            kept.put_away(hour)
        if step[0] == "forget" and hour in kept.chain:
            kept.history.forget(hour)
    for minute in looks:
        moment = START + timedelta(minutes=minute)
        assert kept.history.positions_at(moment) == alone.journal.positions_at(moment)
        window = (moment - timedelta(minutes=40), moment + timedelta(minutes=40))
        assert rows(kept.history, *window) == rows(alone.journal, *window)
    assert rows(kept.history, START, START + 3 * HOUR) == rows(alone.journal, START, START + 3 * HOUR)
    assert kept.history.positions_at(START + 9 * HOUR) == alone.journal.positions_at(START + 9 * HOUR)
    kept.history.leave()
    alone.journal.close()


@settings(max_examples=30, deadline=None)
@given(steps=steps, looks=st.lists(minutes, min_size=1, max_size=6))
def test_archive_changes_no_answer(steps: Steps, looks: list[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        kept, alone = Kept(Path(name)), Kept(Path(name), "alone")
        answers_as_alone(kept, alone, steps, looks)
        kept.journal.close()


@pytest.mark.postgis
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, looks=st.lists(minutes, min_size=1, max_size=6))
def test_archive_changes_no_answer_of_a_database(postgis_store_address: str, steps: Steps, looks: list[int]) -> None:
    """The database with its archive answers as a folder that kept everything."""
    store = open_store(postgis_store_address, "drill")
    journal = store.open_journal()
    if journal.mode is not None:
        journal = store.begin_another(journal, "drawn before", START)
    try:
        with tempfile.TemporaryDirectory() as name:
            answers_as_alone(Kept(Path(name), journal=journal), Kept(Path(name), "alone"), steps, looks)
    finally:
        journal.close()
        store.close()


def test_no_more_than_a_slice_of_an_hour_is_held_at_once(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of 10,000 units each second is 36 million fixes: as one table it took 4.6 GB to put away."""
    kept.journal.record_positions([fix("a", minute) for minute in range(60)])
    asked: list[timedelta] = []
    read = kept.journal.fixes_between

    def watched(start: datetime, end: datetime) -> FixTable:
        asked.append(end - start)
        return read(start, end)

    monkeypatch.setattr(kept.journal, "fixes_between", watched)
    kept.put_away(START)
    assert kept.history.forget(START)
    assert set(asked) == {SLICE}
    assert len(kept.archive.read_hour(START)) == 60


def test_moment_after_an_hour_boundary_sees_who_was_last_heard_of_before(kept: Kept) -> None:
    kept.journal.record_positions([fix("quiet", 50), fix("busy", 50), fix("busy", 61)])
    for hour in (START, START + HOUR):
        kept.put_away(hour)
        assert kept.history.forget(hour)
    assert kept.journal.fix_hours() == ()
    seen = kept.history.positions_at(START + timedelta(minutes=62))
    assert seen == {"quiet": fix("quiet", 50), "busy": fix("busy", 61)}
    assert kept.archive.carried(START + HOUR).keys() == {"quiet", "busy"}


def test_same_fixes_become_the_same_bytes(kept: Kept) -> None:
    kept.journal.record_positions([fix("a", 1), fix("b", 1)])
    (first,) = kept.history.put_away(START)
    (again,) = kept.history.put_away(START)  # as after a crash before the chain knew
    assert again == first
    kept.chain[START] = first.sha256
    (later,) = kept.history.put_away(START)
    assert later.sha256 == first.sha256


def test_late_fix_is_seen_at_once_and_the_hour_archived_again(kept: Kept) -> None:
    kept.journal.record_positions([fix("a", 1), fix("b", 61)])
    for hour in (START, START + HOUR):
        kept.put_away(hour)
        assert kept.history.forget(hour)
    before = dict(kept.chain)
    kept.journal.record_positions([fix("a", 30)])
    assert kept.history.positions_at(START + timedelta(minutes=70))["a"] == fix("a", 30)
    assert rows(kept.history, START, START + HOUR) == [fix("a", 1), fix("a", 30)]
    assert not kept.history.forget(START), "what is in no file must stay in the store"
    assert kept.history.unsettled_hours() == (START,)
    kept.put_away(START)
    assert kept.chain[START] != before[START]
    assert kept.chain[START + HOUR] != before[START + HOUR], "the next hour carries the late fix over"
    assert kept.history.forget(START)
    assert kept.archive.positions_at(START + timedelta(minutes=70))["a"] == fix("a", 30)


@pytest.mark.parametrize("fault", ["cut", "changed", "missing"])
def test_damaged_file_is_said_in_words_and_never_read(kept: Kept, fault: str) -> None:
    kept.journal.record_positions([fix("a", 1), fix("a", 61)])
    for hour in (START, START + HOUR):
        kept.put_away(hour)
        assert kept.history.forget(hour)
    (file,) = kept.archive.folder.glob("20260613T20Z-*")
    whole = file.read_bytes()
    if fault == "missing":
        file.unlink()
    else:
        middle = len(whole) // 3
        changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        file.write_bytes(whole[:-9] if fault == "cut" else changed)
    with pytest.raises(ArchiveFaultError, match=r"2026-06-13 20:00Z.*Restore it from a copy") as caught:
        kept.history.fixes_between(START, START + 2 * HOUR)
    assert caught.value.text is not None
    assert "副本" in caught.value.text.zh
    assert kept.history.positions_at(START + timedelta(minutes=70)) == {"a": fix("a", 1)}
    assert set(kept.history.faults) == {START + HOUR}
    assert kept.history.unread_at(START + timedelta(minutes=70)) == (START + HOUR,)
    assert kept.history.unread_at(START + timedelta(minutes=50)) == ()
    file.write_bytes(whole)
    assert kept.history.unread_at(START + timedelta(minutes=70)) == ()
    assert kept.history.positions_at(START + timedelta(minutes=70)) == {"a": fix("a", 61)}
    assert kept.history.faults == {}, "a file that was restored is no fault any more"


def test_damage_of_an_hour_that_the_store_still_holds_is_no_gap(kept: Kept) -> None:
    kept.journal.record_positions([fix("a", 1)])
    kept.put_away(START)
    assert kept.history.holds_no_more_than_file(START)
    (file,) = kept.archive.folder.glob("*.parquet")
    file.unlink()
    assert kept.history.unread_at(START + timedelta(minutes=5)) == ()
    again = PositionHistory(kept.journal, kept.archive)
    assert again.unread_at(START + timedelta(minutes=5)) == (START,), "a console started since cannot know it is whole"
    again.leave()


def test_damaged_file_is_hashed_once_while_nobody_touches_it(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of ten thousand units is 400 MB: hashed at each step of a replay it would hold everybody up."""
    kept.journal.record_positions([fix("a", 1)])
    kept.put_away(START)
    (file,) = kept.archive.folder.glob("*.parquet")
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 3] ^= 1
    file.write_bytes(changed)
    assert not kept.archive.is_sound(START)
    monkeypatch.setattr("data.journal.archive._sha256", lambda _: pytest.fail("hashed again"))
    assert not kept.archive.is_sound(START)


def test_damaged_file_keeps_its_hour_in_the_store(kept: Kept) -> None:
    kept.journal.record_positions([fix("a", 1)])
    kept.put_away(START)
    (file,) = kept.archive.folder.glob("*.parquet")
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(ArchiveFaultError):
        kept.history.forget(START)
    assert kept.journal.fix_hours() == (START,)


def test_file_that_rotted_unseen_keeps_its_hour_in_the_store(kept: Kept) -> None:
    kept.journal.record_positions([fix("a", 1)])
    kept.put_away(START)
    kept.archive.read_hour(START)
    (file,) = kept.archive.folder.glob("*.parquet")
    state, whole = file.stat(), bytearray(file.read_bytes())
    whole[-20] ^= 1  # in the footer, behind what a read of the rows looks at
    file.write_bytes(whole)
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    with pytest.raises(ArchiveFaultError):
        kept.history.forget(START)
    assert kept.journal.fix_hours() == (START,)


def test_position_changed_in_a_sound_file_is_noticed(kept: Kept, tmp_path: Path) -> None:
    kept.journal.record_positions([fix("a", 1)])
    kept.put_away(START)
    (file,) = kept.archive.folder.glob("*.parquet")
    forger = HourArchive(tmp_path, mode="drill", journal_hash=kept.journal.head().hash, recorded=dict)
    forged = forger.write_hour([fix_table([fix("a", 1, 125.0)])], START, {})
    forged.file.replace(file)
    with pytest.raises(ArchiveFaultError, match="was changed or damaged"):
        kept.archive.read_hour(START)


def test_file_of_another_journal_is_never_mixed_in(kept: Kept, tmp_path: Path) -> None:
    other = Kept(tmp_path, "other")
    for one in (kept, other):
        one.journal.record_positions([fix("a", 1, 122.0 if one is kept else 123.0)])
        one.put_away(START)
    (file,), (foreign,) = kept.archive.folder.glob("*.parquet"), other.archive.folder.glob("*.parquet")
    file.write_bytes(foreign.read_bytes())
    kept.chain[START] = other.chain[START]  # even with a hash that fits
    foreign.rename(file.with_name(foreign.name))
    with pytest.raises(ArchiveFaultError, match="another journal"):
        kept.archive.read_hour(START)
    other.journal.close()


def test_drill_never_turns_up_in_a_live_replay(kept: Kept) -> None:
    kept.journal.record_positions([fix("a", 1)])
    kept.put_away(START)
    live = HourArchive(
        kept.archive.folder.parent,
        mode="live",
        journal_hash=kept.journal.head().hash,
        recorded=lambda: kept.chain,
    )
    with pytest.raises(ArchiveFaultError, match=r"another journal or hour .drill"):
        live.positions_at(START + HOUR)


def test_newer_program_s_file_is_refused(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.journal.record_positions([fix("a", 1)])
    monkeypatch.setattr("data.journal.archive.FORMAT", FORMAT + 1)
    kept.put_away(START)
    monkeypatch.undo()
    with pytest.raises(ArchiveFaultError, match="newer program"):
        kept.archive.read_hour(START)


def test_files_go_only_when_asked(kept: Kept) -> None:
    kept.journal.record_positions([fix("a", 1), fix("a", 61)])
    for hour in (START, START + HOUR):
        kept.put_away(hour)
        kept.history.forget(hour)
    assert len(list(kept.archive.folder.glob("*.parquet"))) == 2
    assert kept.archive.forget_before(START + HOUR) == 1
    assert kept.archive.read_hour(START + HOUR).unit_ids == ("a",)
