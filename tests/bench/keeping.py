"""Both back ends side by side: verify, back up and restore a journal of 100,000 events, by the commands people run.

Positions are left out: a backup holds them as Parquet, whose cost ``tests.bench.positions`` gives. The database is a
private cluster with fsync on.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import tempfile
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.cli import run
from data.journal.chain import GENESIS_HASH, Row, seal
from data.journal.events import NoteLogged, WorldOpened
from data.journal.restore import CHUNK_ROWS, importer_for
from data.journal.store import open_store
from data.text import Text
from tests.postgis_cluster import private_cluster

START = datetime(2026, 6, 13, 0, 0, tzinfo=UTC)
EVENTS = 100_000


def chained(count: int) -> list[Row]:
    """Return a sound journal of notes of a typical length, three a second over fifty streams."""
    rows: list[Row] = []
    versions: dict[str, int] = {}
    opened = WorldOpened(
        region_id="bench", region_hash="", mode="drill", scenario_id=None, title=Text("测", "Bench"), start_at=START
    )
    prev_hash = GENESIS_HASH
    for number in range(count):
        stream = f"unit:{number % 50}" if number else "world"
        versions[stream] = versions.get(stream, 0) + 1
        at = START + timedelta(seconds=number // 3)
        row = seal(
            NoteLogged(text=f"{number} {'x' * 190}", incident_id=None) if number else opened,
            seq=number + 1,
            stream=stream,
            version=versions[stream],
            world_at=at,
            recorded_at=at,
            mode="drill",
            actor="bench",
            command_id=f"c{number}",
            prev_hash=prev_hash,
        )
        prev_hash = row.hash
        rows.append(row)
    return rows


def fill(address: str, rows: list[Row]) -> None:
    """Write rows as they are into an empty store."""
    store = open_store(address, "drill")
    importer = importer_for(store)
    importer.begin(False)
    importer.begin_journal()
    for start in range(0, len(rows), CHUNK_ROWS):
        importer.import_rows(rows[start : start + CHUNK_ROWS])
    importer.end_journal(None)
    importer.finish()
    importer.close()
    store.close()


def timed(*words: str) -> float:
    """Run a store command and return the seconds it took; raises SystemExit where it fails."""
    begun_s = time.perf_counter()
    with redirect_stdout(io.StringIO()):
        code = run(["store", *words])
    if code:
        raise SystemExit(f"store {words[0]} ended with {code}")
    return time.perf_counter() - begun_s


def measure(name: str, source: str, target: str, folder: Path, rows: list[Row]) -> None:
    """Print what the three commands take on one back end."""
    fill(source, rows)
    file = folder / f"{name}.tzbackup"
    took = {
        "verify": timed("verify", source),
        "backup": timed("backup", str(file), "--store", source),
        "restore": timed("restore", str(file), target),
    }
    for what, seconds in took.items():
        print(f"{name:18} {what:8} {seconds:6.1f} s   {len(rows) / seconds:8.0f} events/s")
    print(f"{name:18} the file {file.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    """Print every figure with the load of the machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    rows = chained(parser.parse_args().events)
    print(f"{len(rows)} events, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["TONGZHOU_HOME"] = str(folder / "home")
        measure("folder (SQLite)", str(folder / "a"), str(folder / "b"), folder, rows)
        with private_cluster(durable=True) as cluster:
            addresses = [cluster.address(cluster.fresh_database()) for _ in range(2)]
            measure("database (PostGIS)", *addresses, folder, rows)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak_mb:.0f} MB with the rows in memory, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
