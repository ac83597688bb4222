"""A power cut at any write loses nothing that was acknowledged; without full syncing it would."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from data.journal.interface import BrokenChainError, JournalStoreError
from data.journal.sqlite import SqliteJournal
from tests.data.journal.journal_samples import note, opened, write
from tests.data.journal.power_cut import LosingDisk

SEEDS = range(40)


def survives(folder: Path, seed: int, synchronous: str | None = None) -> bool:
    """Write until the power goes, then look at what the disk has: is every acknowledged event there?

    ``synchronous`` None leaves the journal's own setting.
    """
    path = folder / f"{synchronous}-{seed}" / "world.journal"
    path.parent.mkdir()
    disk = LosingDisk(f"losing-{synchronous}-{seed}", seed)
    connect = apsw.Connection
    acknowledged = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apsw, "Connection", lambda name: connect(name, vfs=f"losing-{synchronous}-{seed}"))
        try:
            journal = SqliteJournal(path)
            if synchronous:
                journal._database.pragma("synchronous", synchronous)
            while True:
                entry = note("x" * 700) if acknowledged else opened()
                acknowledged += len(write(journal, entry, command_id=f"c{acknowledged}"))
        except (JournalStoreError, apsw.IOError):
            disk.cut()
    left = folder / f"{synchronous}-{seed}-left"
    left.mkdir()
    for file in path.parent.iterdir():
        shutil.copy(file, left / file.name)
    try:
        reopened = SqliteJournal(left / path.name)
    except JournalStoreError:
        return False
    try:
        return acknowledged <= reopened.verify() <= acknowledged + 1
    except BrokenChainError:
        return False
    finally:
        reopened.close()


def test_power_cut_loses_nothing_acknowledged(tmp_path: Path) -> None:
    lost = [seed for seed in SEEDS if not survives(tmp_path, seed)]
    assert lost == []


def test_without_full_syncing_a_power_cut_would_lose_events(tmp_path: Path) -> None:
    assert not all(survives(tmp_path, seed, "NORMAL") for seed in SEEDS)
