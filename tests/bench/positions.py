"""Positions on any store: intake, the picture at a time over millions of rows, an hour of replay."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.journal.archive import HourArchive
from data.journal.events import WorldOpened
from data.journal.fixes import Fix
from data.journal.history import HOUR, PositionHistory
from data.journal.interface import Entry, Journal
from data.journal.store import open_store
from data.text import Text

START = datetime(2026, 6, 13, 0, 0, tzinfo=UTC)
# 24 hours of these make 10 million rows: 1,000 units, each heard of every 8.64 s.
FLEET, HOURS, ROWS = 1000, 24, 10_000_000
ROWS_AN_HOUR = ROWS // HOURS


@dataclass(frozen=True)
class Spread:
    """Seconds a thing took: the middle, the 99th of a hundred, the longest."""

    p50_s: float
    p99_s: float
    max_s: float

    def __str__(self) -> str:
        return f"{self.p50_s * 1000:.1f} / {self.p99_s * 1000:.1f} / {self.max_s * 1000:.1f} ms"


def spread(seconds: list[float]) -> Spread:
    """Return how a list of measured seconds is spread."""
    ordered = sorted(seconds)
    return Spread(ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], ordered[-1])


@contextmanager
def empty_journal(address: str) -> Iterator[Journal]:
    """Open the drill journal of an empty store at an address and begin it."""
    store = open_store(address, "drill")
    journal = store.open_journal()
    opened = WorldOpened(
        region_id="bench", region_hash="", mode="drill", scenario_id=None, title=Text("测", "Bench"), start_at=START
    )
    try:
        entry = Entry(stream="world", event=opened)
        journal.append([entry], command_id=os.urandom(8).hex(), actor="bench", world_at=START, recorded_at=START)
        yield journal
    finally:
        journal.close()
        store.close()


def batch(units: int, at: datetime) -> list[Fix]:
    """Return a fix of each of so many units at a moment."""
    second = (at - START).total_seconds()
    return [Fix(f"unit-{n}", at, 122.0 + n * 1e-5, 30.0 + second * 1e-6, n % 360, 5.0) for n in range(units)]


def intake(journal: Journal, units: int, batches: int, paced: bool, begin: datetime = START) -> tuple[Spread, float]:
    """Record batches a world second apart; return their times, and how far the last began behind its second.

    Paced, a batch is given each real second, as a fleet reports; otherwise each follows the one before it.
    """
    taken, behind_s, started_s = [], 0.0, time.perf_counter()
    for number in range(batches):
        fixes = batch(units, begin + timedelta(seconds=number))
        if paced:
            behind_s = time.perf_counter() - started_s - number
            time.sleep(max(0.0, -behind_s))
        begun_s = time.perf_counter()
        journal.record_positions(fixes)
        taken.append(time.perf_counter() - begun_s)
    return spread(taken), max(0.0, behind_s)


def fill(journal: Journal, rows: int = ROWS) -> None:
    """Record a day's positions of the fleet, spread evenly."""
    step = HOURS * HOUR / (rows / FLEET)
    for number in range(rows // FLEET):
        journal.record_positions(batch(FLEET, START + number * step))


def picture_at_times(positions_at: Callable[[datetime], dict[str, Fix]], looks: int = 60) -> Spread:
    """Ask for the last fix of every unit at random moments of the day."""
    chance, taken = random.Random(3), []
    for _ in range(looks):
        moment = START + HOUR + chance.random() * (HOURS - 1) * HOUR
        begun_s = time.perf_counter()
        found = positions_at(moment)
        taken.append(time.perf_counter() - begun_s)
        assert len(found) == FLEET, f"{len(found)} of {FLEET} units at {moment}"
    return spread(taken)


def hour_of_replay(journal: Journal, folder: Path, times: int = 5) -> dict[str, Spread]:
    """Read an hour and a five-minute window from the store and, once it is put away, from Parquet."""
    chain: dict[datetime, str] = {}
    first = next(iter(journal.rows()))
    archive = HourArchive(folder, mode="drill", journal_hash=first.hash, recorded=lambda: chain)
    history = PositionHistory(journal, archive)
    hour = START + (HOURS // 2) * HOUR
    begun_s = time.perf_counter()
    for one in history.put_away(hour):
        chain[one.hour] = one.sha256
    found = {"hour put away": spread([time.perf_counter() - begun_s])}
    middle = hour + HOUR / 2
    questions = {"hour": (hour, hour + HOUR), "five minutes": (middle, middle + timedelta(minutes=5))}
    for name, window in questions.items():
        for source, asked in (("store", journal.fixes_between), ("Parquet", archive.fixes_between)):
            taken = []
            for _ in range(times):
                begun_s = time.perf_counter()
                asked(*window)
                taken.append(time.perf_counter() - begun_s)
            found[f"{name} from {source}"] = spread(taken)
    found["picture at a time from Parquet"] = spread([_seconds(archive.positions_at, middle) for _ in range(times)])
    history.leave()
    return found


def _seconds(asked: Callable[[datetime], object], moment: datetime) -> float:
    begun_s = time.perf_counter()
    asked(moment)
    return time.perf_counter() - begun_s


def main(rows: int = ROWS, paced_s: int = 20) -> None:
    """Print the figures of the folder store."""
    for units in (1000, 10_000):
        for paced in (False, True):
            with tempfile.TemporaryDirectory(prefix="tz-bench-") as name, empty_journal(name) as journal:
                taken, behind_s = intake(journal, units, paced_s if paced else 60, paced)
                print(f"intake of {units:,}{', each second' if paced else ''}: {taken}, behind {behind_s:.2f} s")
    with tempfile.TemporaryDirectory(prefix="tz-bench-") as name, empty_journal(name) as journal:
        fill(journal, rows)
        print(f"picture at a time over {rows:,} rows: {picture_at_times(journal.positions_at)}")
        for what, taken in hour_of_replay(journal, Path(name)).items():
            print(f"{what}: {taken}")


if __name__ == "__main__":
    main()
