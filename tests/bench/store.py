"""Both back ends side by side: appends, two writers, telling of news, the race for one unit.

Positions, the picture over ten million rows and replay are measured by ``tests.bench.positions``, the way to a
seat's screen by ``tests.bench.push``. The database is a private cluster with fsync on.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from data.journal.events import NoteLogged, WorldOpened
from data.journal.interface import ConflictError, Entry, Journal
from data.journal.store import Store, open_store
from data.text import Text
from tests.postgis_cluster import private_cluster

START = datetime(2026, 6, 13, 0, 0, tzinfo=UTC)
APPENDS, NEWS, UNITS, RACERS = 2000, 300, 300, 4
WAIT_S = 5.0


class Spread(msgspec.Struct, frozen=True):
    """Milliseconds a thing took: the middle, the 99th of a hundred, the longest."""

    p50_ms: float
    p99_ms: float
    max_ms: float

    def __str__(self) -> str:
        return f"{self.p50_ms:7.2f} / {self.p99_ms:7.2f} / {self.max_ms:7.2f} ms"


def spread(seconds: list[float]) -> Spread:
    """Return how measured seconds are spread."""
    ordered = sorted(seconds)
    at = [ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], ordered[-1]]
    return Spread(*(1000 * one for one in at))


def write(journal: Journal, *entries: Entry) -> float:
    """Append entries as one command and return the seconds it took."""
    at = START + timedelta(minutes=1)
    begun_s = time.perf_counter()
    journal.append(entries, command_id=uuid.uuid4().hex, actor="bench", world_at=at, recorded_at=at)
    return time.perf_counter() - begun_s


def note(stream: str, expected: int | None = None) -> Entry:
    """A line of a typical length."""
    return Entry(stream=stream, event=NoteLogged(text="x" * 200, incident_id=None), expected_version=expected)


def begin(store: Store) -> Journal:
    """Open a store's empty journal and write its first event."""
    opened = WorldOpened(
        region_id="bench", region_hash="", mode="drill", scenario_id=None, title=Text("测", "Bench"), start_at=START
    )
    journal = store.open_journal()
    write(journal, Entry(stream="world", event=opened))
    return journal


def appends(journal: Journal) -> dict[str, Spread]:
    """One writer: single events, then a plan's worth of 25 events over 25 streams in one transaction."""
    for _ in range(50):
        write(journal, note("warm"))
    single = [write(journal, note(f"unit:{number % 50}")) for number in range(APPENDS)]
    plan = [write(journal, *(note(f"unit:{number}") for number in range(25))) for _ in range(APPENDS // 20)]
    return {"append of one event": spread(single), "append of 25 events, 25 streams": spread(plan)}


def crowded(journals: list[Journal]) -> dict[str, Spread]:
    """Four writers at once, each on a journal object of its own where the store allows several."""
    took: list[float] = []

    def run(journal: Journal, name: str) -> None:
        for _ in range(APPENDS // 8):
            took.append(write(journal, note(name)))

    begun_s = time.perf_counter()
    threads = [
        threading.Thread(target=run, args=(journals[number % len(journals)], f"w{number}")) for number in range(RACERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(took) / (time.perf_counter() - begun_s)
    return {f"append, four writers at once ({rate:.0f}/s)": spread(took)}


def news(writer: Journal, reader: Journal) -> dict[str, Spread]:
    """From the start of an append to its being told: at another console on a database, in this one on a folder."""
    told: dict[str, float] = {}
    heard = threading.Event()

    def listen(events: tuple[object, ...]) -> None:
        told["at_s"] = time.perf_counter()
        heard.set()

    leave = reader.subscribe(listen)
    took = []
    for _ in range(NEWS):
        heard.clear()
        begun_s = time.perf_counter()
        write(writer, note("news"))
        if not heard.wait(WAIT_S):
            raise SystemExit("news was not told")
        took.append(told["at_s"] - begun_s)
        time.sleep(0.003)
    leave()
    return {"append to its being told elsewhere": spread(took)}


def race(journals: list[Journal]) -> dict[str, Spread | str]:
    """Four seats want the same 300 units, each believing it free: one wins each, the rest are told who."""
    won: list[float] = []
    lost: list[float] = []
    barrier = threading.Barrier(RACERS)

    def run(journal: Journal, name: str) -> None:
        for number in range(UNITS):
            barrier.wait()
            begun_s = time.perf_counter()
            try:
                write(journal, note(f"race:{number}", expected=0))
                won.append(time.perf_counter() - begun_s)
            except ConflictError as conflict:
                if conflict.winner is not None:
                    lost.append(time.perf_counter() - begun_s)

    threads = [
        threading.Thread(target=run, args=(journals[number % len(journals)], f"r{number}")) for number in range(RACERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        f"race of {RACERS} for {UNITS} units": f"{len(won)} wins, {len(lost)} told who won",
        "race, the winner": spread(won),
        "race, the losers": spread(lost),
    }


@contextlib.contextmanager
def folder_journals() -> Iterator[list[Journal]]:
    """One journal: a folder has one console."""
    with tempfile.TemporaryDirectory(prefix="tz-bench-") as name:
        store = open_store(Path(name), "drill")
        journal = begin(store)
        yield [journal]
        journal.close()
        store.close()


@contextlib.contextmanager
def database_journals() -> Iterator[list[Journal]]:
    """Two journals, as two consoles on one database have them."""
    with private_cluster(durable=True) as cluster:
        address = cluster.address(cluster.fresh_database())
        stores = [open_store(address, "drill") for _ in range(2)]
        journals = [begin(stores[0]), stores[1].open_journal()]
        yield journals
        for journal, store in zip(journals, stores, strict=True):
            journal.close()
            store.close()


BACK_ENDS: dict[str, Callable[[], contextlib.AbstractContextManager[list[Journal]]]] = {
    "sqlite": folder_journals,
    "postgis": database_journals,
}


def measure(journals: list[Journal]) -> dict[str, Spread | str]:
    """Return every figure of one back end by its name."""
    rows: dict[str, Spread | str] = {}
    rows.update(appends(journals[0]))
    rows.update(crowded(journals))
    rows.update(news(journals[0], journals[-1]))
    rows.update(race(journals))
    begun_s = time.perf_counter()
    events = journals[0].verify()
    rows["hash chain checked"] = f"{events / (time.perf_counter() - begun_s):,.0f} events/s"
    return rows


def main() -> None:
    """Print the table; ``--json FILE`` keeps it too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found: dict[str, dict[str, Spread | str]] = {}
    for name, opened in BACK_ENDS.items():
        with opened() as journals:
            found[name] = measure(journals)
        print(f"{name}: p50 / p99 / longest")
        for row, value in found[name].items():
            print(f"  {row:<44} {value}")
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))


if __name__ == "__main__":
    main()
