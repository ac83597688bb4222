"""Closed hours go into archive and chain, old ones out of the store; a crash between two steps costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console.archivist import Archivist
from console.clock import WorldClock
from console.commands import RecordArchive
from console.outcome import Outcome
from console.paths import positions_folder
from console.world import World
from data.geography import Region
from data.journal.events import PositionsArchived
from data.journal.fixes import Fix
from data.text import Text
from tests.console.world_samples import START, HandClock, SampleStory, at

HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty store of each kind; what this machine keeps lies below ``tmp_path``."""
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path))
    return str(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("postgis_store_address"))


@pytest.fixture
def world(address: str, zhoushan: Region) -> Iterator[World]:
    world = World.open(address, zhoushan, network=None, scenario=SampleStory(zhoushan))
    yield world
    world.close()


def put_clock(world: World, minute: float) -> None:
    world.clock = WorldClock(at(minute), 0.0, HandClock())


def heard(world: World, *minutes: float) -> None:
    unit_id = next(iter(world.picture.units))
    world.record_fixes(tuple(Fix(unit_id, at(minute), 122.0 + minute / 1000, 30.0, None, 1.5) for minute in minutes))


def archivist(world: World, keep_hours: int = 72) -> Archivist:
    return Archivist(world, keep_hours, looks_between_late=1)


def archived(world: World) -> list[PositionsArchived]:
    return [one.event for one in world.journal.read() if isinstance(one.event, PositionsArchived)]


def test_hour_is_archived_once_it_is_closed_for_five_minutes(world: World) -> None:
    heard(world, 1, 59, 61)
    put_clock(world, 64)
    archivist(world).look()
    assert archived(world) == []
    put_clock(world, 65)
    archivist(world).look()
    archivist(world).look()
    (event,) = archived(world)
    assert (event.hour, event.rows) == (START, 2)
    assert world.picture.archived_hours == {START: event.sha256}
    assert world.journal.fix_hours() == (START, START + HOUR), "nothing is dropped before its time"
    assert world.picture.log[-1].text.en == "Positions archived: 2026-06-13 19:00Z, 2 fixes"


def test_hours_are_tended_without_the_archive_noticing(world: World) -> None:
    heard(world, 1, 61)
    put_clock(world, 66)
    keeper = archivist(world)
    keeper.tend()
    keeper.look()
    keeper.tend()
    assert [event.hour for event in archived(world)] == [START]
    assert world.journal.fix_hours() == (START, START + HOUR)


def test_old_hour_leaves_the_store_and_replay_still_shows_it(world: World, zhoushan: Region, address: str) -> None:
    heard(world, 1, 30)
    put_clock(world, 60 * 3 + 1)
    before = world.picture_at(at(30)).units
    archivist(world, keep_hours=2).look()
    assert world.journal.fix_hours() == ()
    assert world.picture_at(at(40)).units == before
    world.close()
    again = World.open(address, zhoushan, network=None)
    unit = next(iter(again.picture.units.values()))
    assert unit.fix_at == at(30), "a restart finds in the archive what the store no longer holds"
    again.close()


def test_replay_says_which_hours_it_lacks_until_their_file_is_back(world: World) -> None:
    heard(world, 1, 30, 61)
    put_clock(world, 60 * 4)
    archivist(world, keep_hours=1).look()
    assert world.history.archive is not None
    (file,) = world.history.archive.folder.glob("20260613T20Z-*")
    whole = file.read_bytes()
    unit_id = next(iter(world.picture.units))
    file.unlink()
    assert world.picture_at(at(40)).unread_hours == ()
    lacking = world.picture_at(at(70))
    assert (lacking.unread_hours, lacking.units[unit_id].fix_at) == ((START + HOUR,), at(30))
    assert world.picture.unread_hours == (), "the present is known by what is heard"
    file.write_bytes(whole)
    again = world.picture_at(at(70))
    assert (again.unread_hours, again.units[unit_id].fix_at) == ((), at(61))


class CrashError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("step", ["before the chain", "after the chain", "before dropping"])
def test_crash_between_two_steps_loses_nothing_and_archives_once(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(world, 1, 30)
    put_clock(world, 60 * 4)
    known = world.history.positions_at(at(40))

    def crash(*_: object, **__: object) -> None:
        raise CrashError

    with monkeypatch.context() as patch:
        if step == "before the chain":
            patch.setattr(world, "execute", crash)
        elif step == "after the chain":
            done = world.execute
            patch.setattr(world, "execute", lambda *args: (done(*args), crash()))
        else:
            patch.setattr(world.journal, "forget_hour", crash)
        with pytest.raises(CrashError):
            archivist(world, keep_hours=2).look()
        assert world.history.positions_at(at(40)) == known
    archivist(world, keep_hours=2).look()
    assert len(archived(world)) == 1
    assert world.journal.fix_hours() == ()
    assert world.history.positions_at(at(40)) == known


def test_an_hour_is_recorded_once_under_one_hash(world: World) -> None:
    record = RecordArchive(hour=START, rows=1, sha256="ab")
    assert len(world.execute(record, "console").events) == 1
    assert world.execute(record, "console").events == ()
    assert len(world.execute(RecordArchive(hour=START, rows=2, sha256="cd"), "console").events) == 1


def test_refused_record_keeps_the_hour_in_the_store(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard(world, 1)
    put_clock(world, 60 * 4)
    refused = Outcome(ok=False, refusal=Text("否", "no"))
    monkeypatch.setattr(world, "execute", lambda *_: refused)
    archivist(world, keep_hours=1).look()
    assert world.journal.fix_hours() == (START,)


def test_late_fix_makes_its_hour_archived_again_and_the_later_event_holds(world: World) -> None:
    heard(world, 1)
    put_clock(world, 60 * 4)
    keeper = archivist(world, keep_hours=2)
    keeper.look()
    heard(world, 20)
    keeper.look()
    first, second = archived(world)
    assert (first.rows, second.rows) == (1, 2)
    assert world.picture.archived_hours == {START: second.sha256}
    assert world.journal.fix_hours() == ()
    assert len(world.history.fixes_between(START, START + HOUR)) == 2


def test_damaged_file_keeps_the_hour_and_is_told_once_in_the_log(world: World) -> None:
    heard(world, 1)
    put_clock(world, 70)
    archivist(world).look()
    assert world.history.archive is not None
    (file,) = world.history.archive.folder.glob("*.parquet")
    file.write_bytes(file.read_bytes()[:-9])
    put_clock(world, 60 * 4)
    keeper = archivist(world, keep_hours=2)
    keeper.look()
    keeper.look()
    assert world.journal.fix_hours() == (START,)
    told = [line for line in world.picture.log if "Restore it from a copy" in line.text.en]
    assert len(told) == 1


def test_scenarios_of_one_store_keep_their_archives_apart(world: World, zhoushan: Region) -> None:
    heard(world, 1)
    put_clock(world, 70)
    archivist(world).look()
    first = world.history.archive
    world.restart(SampleStory(zhoushan))
    assert world.picture.archived_hours == {}
    assert first is not None
    assert world.history.archive is not None
    assert world.history.archive.folder != first.folder
    assert len(list(first.folder.glob("*.parquet"))) == 1


def test_where_archived_positions_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path))
    assert positions_folder("/srv/store", "live") == Path("/srv/store/archive/positions")
    assert positions_folder("postgresql://db.example/tongzhou?x=1", "drill") == tmp_path / "positions/tongzhou-drill"
