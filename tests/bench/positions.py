"""Positions on any store: intake, the picture at a time over millions of rows, an hour of replay.

Without ``--store`` or ``--postgis`` the store is a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from data.journal.archive import HourArchive
from data.journal.events import WorldOpened
from data.journal.fixes import Fix
from data.journal.history import HOUR, PositionHistory
from data.journal.interface import Entry, Journal, JournalStoreError
from data.journal.store import open_store
from data.text import Text
from tests.bench.intake import begin_before_an_hour, heard_each_second, table_figures
from tests.postgis_cluster import private_cluster

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
    """Open the drill journal of a store at an address, put a former one of this bench aside, and begin it.

    Ends the program where the store holds anything else: a bench writes to no store that is in use.
    """
    store = open_store(address, "drill")
    journal = store.open_journal()
    opened = WorldOpened(
        region_id="bench", region_hash="", mode="drill", scenario_id=None, title=Text("测", "Bench"), start_at=START
    )
    try:
        if (first := next(iter(journal.read()), None)) is not None:
            if not isinstance(first.event, WorldOpened) or first.event.region_id != opened.region_id:
                raise SystemExit(f"{store.shown} holds a journal that is no bench's. Name an empty store.")
            journal = store.begin_another(journal, os.urandom(4).hex(), datetime.now(UTC))
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


def fleet_for_minutes(journal: Journal, address: str, minutes: int) -> dict[str, Spread | str]:
    """Ten thousand units each second over a change of hour, the hours seen to beside it."""
    seconds = minutes * 60
    run = heard_each_second(journal, lambda at: batch(10_000, at), seconds, begin_before_an_hour(START, seconds))
    rows: dict[str, Spread | str] = {
        f"10,000 units each second for {minutes} min over a change of hour": spread(run.taken_s),
        "behind its second, at most and at the end": f"{run.most_behind_s:.2f} s, {run.last_behind_s:.2f} s",
        "batches given up after three seconds": f"{run.refused} of {seconds}",
        "the first batch of the new hour": f"{run.first_of_hour_s * 1000:.0f} ms",
        "looks at the hours beside it": ", ".join(f"{took_s:.2f} s" for _, took_s in run.looks),
    }
    if run.beside_a_look_s:
        rows["batches beside the look that indexed an hour"] = spread(run.beside_a_look_s)
    return rows | (table_figures(address) if address.startswith("postgresql:") else {})


def measured(address: Callable[[], str], rows: int, minutes: int) -> Iterator[tuple[str, Spread | str]]:
    """Yield each figure by its name as it is found; every part has an empty store, or a journal of its own."""
    for units in (1000, 10_000):
        for paced in (False, True):
            with empty_journal(address()) as journal:
                taken, behind_s = intake(journal, units, 20 if paced else 60, paced)
                yield f"batch of {units:,} units, {'each second' if paced else 'back to back'}", taken
                yield "  behind at the end", f"{behind_s:.2f} s"
    if minutes:
        at = address()
        with empty_journal(at) as journal:
            yield from fleet_for_minutes(journal, at, minutes).items()
    if rows:
        with empty_journal(address()) as journal, tempfile.TemporaryDirectory(prefix="tz-bench-") as folder:
            yield f"{rows:,} rows recorded", f"{_seconds(lambda _: fill(journal, rows), START):.0f} s"
            yield f"picture at a time over {rows:,} rows", picture_at_times(journal.positions_at)
            yield from hour_of_replay(journal, Path(folder)).items()


def main() -> None:
    """Print the figures of one store, each with the load of the machine; ``--json FILE`` keeps them too."""
    parser = argparse.ArgumentParser(description=__doc__)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--store", metavar="ADDRESS", help="an empty folder, or postgresql://... of an empty database")
    where.add_argument("--postgis", action="store_true", help="a private PostGIS cluster with fsync on")
    parser.add_argument("--rows", type=int, default=ROWS, help="of the picture at a time; 0 leaves it out")
    parser.add_argument("--minutes", type=int, default=1, help="of 10,000 units each second; 0 leaves it out")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    if asked.minutes < 0 or 0 != asked.rows < FLEET * HOURS:
        parser.error(f"--rows is 0 or at least {FLEET * HOURS:,}, a row of each unit an hour; --minutes is 0 or more")
    found: dict[str, dict[str, Spread | str]] = {}
    with ExitStack() as stack:
        address = _addresses(stack, asked.store, asked.postgis)
        try:
            for name, figure in measured(address, asked.rows, asked.minutes):
                load = f"{os.getloadavg()[0]:.1f}"
                print(f"{name:<66} {figure}  (load {load})", flush=True)
                found[name] = {"measured": figure, "load": load}
        except JournalStoreError as error:
            raise SystemExit(str(error)) from error
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))


def _addresses(stack: ExitStack, store: str | None, postgis: bool) -> Callable[[], str]:
    if store is not None:
        return lambda: store
    if postgis:
        cluster = stack.enter_context(private_cluster(durable=True))
        return lambda: cluster.address(cluster.fresh_database())
    return lambda: stack.enter_context(tempfile.TemporaryDirectory(prefix="tz-bench-"))


if __name__ == "__main__":
    main()
