"""Anchors and backups taken by a serving console: what is written and when, and how a fault is told and passes."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.anchoring import AnchorTask
from console.archivist import Archivist
from console.backing_up import BackupTask
from console.clock import WorldClock
from console.paths import positions_folder
from console.upkeep import Upkeep
from console.world import World
from data.geography import Region
from data.journal.anchor import AnchorFileError, check_signature, new_key, read_anchors, read_public_key
from data.journal.backup_file import BackupFile
from data.journal.fixes import Fix
from data.journal.interface import StoreUnreachableError
from data.text import Text
from tests.console.shared_store import Database
from tests.console.world_samples import START, HandClock, SampleStory, at, open_world
from tests.proof.disk_full import NoSmallDiskError, small_disk


@pytest.fixture
def world(tmp_path: Path, zhoushan: Region) -> Iterator[World]:
    world, _ = open_world(tmp_path / "store", zhoushan)
    yield world
    world.close()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    new_key(tmp_path / "key")
    return tmp_path / "key"


def told(world: World, *, since: int = 0) -> list[str]:
    """What the console told every seat."""
    return [line.text.en for line in world.picture.log if line.actor == "console" and line.seq > since]


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the console told its own log."""
    return [one.getMessage() for one in caplog.records if one.name == "console.upkeep"]


class Work:
    """A piece of work whose outcome the test sets: an error to raise, or what to return."""

    def __init__(self) -> None:
        self.outcome: Exception | Text | None = None
        self.calls = 0

    def __call__(self) -> Text | None:
        self.calls += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def upkeep(world: World, work: Work, every_s: float = 0.0) -> Upkeep:
    return Upkeep(world, work, every_s, Text("没成。", "Failed."), Text("又好了。", "Well again."))


def run_for(task: Upkeep, work: Work, calls: int) -> None:
    """Let a task run in a loop until its work was called so often."""

    async def running() -> None:
        beside = asyncio.create_task(task.run())
        while work.calls < calls and not beside.done():
            await asyncio.sleep(0.001)
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)

    asyncio.run(running())


def test_a_fault_is_told_once_however_long_it_lasts_and_once_when_it_is_over(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work()
    task = upkeep(world, work)
    task.look()
    assert told(world) == []
    for number in range(3):
        work.outcome = AnchorFileError(f"file {number} is away")
        task.look()
    work.outcome = None
    task.look()
    task.look()
    assert told(world) == ["没成。file 0 is away Failed. file 0 is away", "又好了。 Well again."]
    assert warned(caplog) == ["Failed. file 0 is away", "Well again."]


def test_what_comes_instead_of_a_fault_is_told_too(world: World) -> None:
    work = Work()
    task = upkeep(world, work)
    work.outcome = AnchorFileError("the file is away")
    task.look()
    work.outcome = Text("缺一段。", "A part is lacking.")
    task.look()
    task.look()
    assert len(told(world)) == 2
    assert told(world)[-1].endswith("A part is lacking.")


def test_an_unforeseen_error_does_not_end_the_work_and_shows_no_traceback(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work()
    work.outcome = ZeroDivisionError("oops")
    run_for(upkeep(world, work), work, 4)
    assert work.calls >= 4
    assert len(told(world)) == 1
    assert "Internal error (ZeroDivisionError)" in told(world)[0]
    (record,) = [one for one in caplog.records if one.name == "console.upkeep"]
    assert record.exc_info is not None


def test_a_console_that_does_not_lead_leaves_it_alone(world: World) -> None:
    work = Work()
    world.leads = False

    async def running() -> None:
        task = asyncio.create_task(upkeep(world, work, 0.001).run())
        await asyncio.sleep(0.03)
        assert work.calls == 0
        world.leads = True
        while not work.calls:
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(running())


def test_while_the_store_takes_no_note_the_fault_waits_for_it(
    tmp_path: Path, zhoushan: Region, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(tmp_path)
    store: Any = database.console()
    world, _ = open_world(store, zhoushan)
    work = Work()
    task = upkeep(world, work)
    store.down = True
    work.outcome = StoreUnreachableError("nobody answers")
    task.look()
    task.look()
    assert told(world) == []
    assert [one for one in warned(caplog) if one.startswith("Failed")] == ["Failed. nobody answers"]
    store.down = False
    world.watch.note_answer()
    task.look()
    assert len(told(world)) == 1
    store.down = True
    work.outcome = None
    task.look()
    store.down = False
    world.watch.note_answer()
    task.look()
    task.look()
    assert told(world)[1:] == ["又好了。 Well again."]
    world.close()
    database.close()


def test_each_anchor_is_the_head_signed(world: World, key: Path, tmp_path: Path) -> None:
    task = AnchorTask(world, key, tmp_path / "far" / "anchors")
    for _ in range(2):
        task.look()
    found = read_anchors(tmp_path / "far" / "anchors")
    head = world.journal.head()
    assert [(one.seq, one.hash) for one in found] == [(head.seq, head.hash)] * 2
    for number, one in enumerate(found, 1):
        check_signature(one, read_public_key(tmp_path / "key.pub"), number)
    assert told(world) == []


def test_a_key_that_is_none_is_refused_before_anything_runs(world: World, tmp_path: Path) -> None:
    (tmp_path / "no key").write_text("nothing of the kind")
    with pytest.raises(AnchorFileError, match="no Ed25519 private key"):
        AnchorTask(world, tmp_path / "no key", tmp_path / "anchors")


def test_a_file_of_anchors_in_no_folder_is_told_and_taken_up_again(world: World, key: Path, tmp_path: Path) -> None:
    (tmp_path / "far").write_text("a file in the way")
    task = AnchorTask(world, key, tmp_path / "far" / "anchors")
    task.look()
    task.look()
    (line,) = told(world)
    assert line.startswith("未锚定。")
    assert f"Not anchored. {tmp_path / 'far' / 'anchors'} cannot be read or written" in line
    (tmp_path / "far").unlink()
    task.look()
    assert told(world)[1:] == ["日志重新锚定。 The journal is anchored again."]
    assert len(read_anchors(tmp_path / "far" / "anchors")) == 1


def test_a_journal_shorter_than_its_anchor_is_told_and_not_anchored(
    world: World, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    AnchorTask(world, key, tmp_path / "anchors").look()
    rows, last = world.journal.rows, world.journal.head().seq
    monkeypatch.setattr(world.journal, "rows", lambda after=0: (row for row in rows(after) if row.seq < last))
    AnchorTask(world, key, tmp_path / "anchors").look()
    assert f"The journal was cut off after event {last - 1}" in told(world)[0]
    assert len(read_anchors(tmp_path / "anchors")) == 1


def test_backups_are_sound_and_only_the_newest_are_kept(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    others = [folder / "tongzhou-live-20260101T000000Z.tzbackup", folder / "mine.tzbackup"]
    olds = [folder / f"tongzhou-drill-2026010{day}T000000Z.tzbackup" for day in (1, 2, 3)]
    for file in (*others, *olds):
        file.write_text("old")
    BackupTask(world, folder, 3600, keep=2).look()
    newest = sorted(folder.glob("tongzhou-drill-2*"))[-1]
    assert sorted(folder.iterdir()) == sorted([*others, olds[-1], newest])
    with BackupFile(newest) as file:
        file.check()
        assert file.manifest.journals[-1].seq == world.journal.head().seq
    assert told(world) == []


def test_what_a_killed_console_left_half_written_is_taken_away_after_a_day(world: World, tmp_path: Path) -> None:
    old, young = (tmp_path / f".tongzhou-drill-2026010{day}T000000Z.tzbackup.99.part" for day in (1, 2))
    for part in (old, young):
        part.write_text("half")
    os.utime(old, (0, 0))
    BackupTask(world, tmp_path, 3600).look()
    assert (old.exists(), young.exists()) == (False, True)


def test_a_failed_backup_leaves_the_older_ones_and_is_told_until_it_passes(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.write_text("a file in the way")
    task = BackupTask(world, folder, 3600, keep=1)
    task.look()
    task.look()
    (line,) = told(world)
    assert "Not backed up. The backup" in line
    assert "未备份" in line
    folder.unlink()
    folder.mkdir()
    old = folder / "tongzhou-drill-20260101T000000Z.tzbackup"
    old.write_text("old")
    rows = world.journal.rows

    def broken(after: int = 0) -> Any:
        raise StoreUnreachableError("nobody answers")

    world.journal.rows = broken  # type: ignore[method-assign]
    task.look()
    assert list(folder.iterdir()) == [old], "nothing half written stays, nothing whole goes"
    assert "nobody answers" in told(world)[-1]
    world.journal.rows = rows  # type: ignore[method-assign]
    task.look()
    assert told(world)[-1].endswith("The store is backed up whole again.")
    assert len(list(folder.iterdir())) == 1
    assert not old.exists()


def test_a_backup_onto_a_full_disk_is_told_and_taken_once_there_is_room(world: World) -> None:
    try:
        with small_disk(1) as folder:
            with contextlib.suppress(OSError), (folder / "ballast").open("wb", buffering=0) as ballast:
                while ballast.write(bytes(4096)):
                    pass
            task = BackupTask(world, folder, 3600)
            task.look()
            task.look()
            (line,) = told(world)
            assert "No space left on device" in line
            assert [file.name for file in folder.iterdir()] == ["ballast"]
            (folder / "ballast").unlink()
            task.look()
            assert len(told(world)) == 2
            assert len(list(folder.glob("*.tzbackup"))) == 1
    except NoSmallDiskError as error:
        pytest.skip(str(error))


def test_an_old_backup_that_cannot_be_taken_away_is_told(world: World, tmp_path: Path) -> None:
    stuck = tmp_path / "backups" / "tongzhou-drill-20260101T000000Z.tzbackup"
    stuck.mkdir(parents=True)
    task = BackupTask(world, tmp_path / "backups", 3600, keep=1)
    task.look()
    next(file for file in stuck.parent.iterdir() if file.is_file()).unlink()
    task.look()
    (line,) = told(world)
    assert f"the old backup {stuck} cannot be taken away" in line


def test_an_archived_hour_that_is_not_at_hand_is_told_and_the_rest_backed_up(tmp_path: Path, zhoushan: Region) -> None:
    world = World.open(tmp_path / "store", zhoushan, network=None, scenario=SampleStory(zhoushan))
    unit_id = next(iter(world.picture.units))
    world.record_fixes((Fix(unit_id, at(1), 122.0, 30.0, None, 1.5),))
    world.clock = WorldClock(START + timedelta(minutes=70), 0.0, HandClock())
    Archivist(world).look()
    (file,) = positions_folder(world.store.shown, "drill").rglob("*.parquet")
    file.rename(tmp_path / "away")
    task = BackupTask(world, tmp_path / "backups", 3600)
    task.look()
    assert told(world)[-1].startswith("备份中缺少 1 个小时的定位归档：2026-06-13 19:00Z。")
    assert len(list((tmp_path / "backups").iterdir())) == 1
    world.close()
