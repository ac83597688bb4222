"""How long an event takes to every other seat's screen: eight seats at one console, and four and four at two."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.console import REGION, RawSeat, Row, open_seat
from tests.postgis_cluster import private_cluster

SEATS, ACTS, LIMIT_S = 8, 60, 1.0
PATIENCE_S, STARTING_S = 10.0, 90.0


class Served:
    """One `tongzhou serve` process and the login links it prints."""

    def __init__(self, store: str, folder: Path, name: str) -> None:
        self._log = folder / name
        with self._log.open("w") as out:
            words = ["serve", "--port", "0", "--store", store, "--region", str(REGION), "--console", name]
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "console.cli", *words],
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TONGZHOU_HOME": str(folder)},
            )
        deadline = time.monotonic() + STARTING_S
        while not self.links():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(self._log.read_text())
            time.sleep(0.05)

    def links(self) -> list[str]:
        """Return every login link printed so far."""
        return re.findall(r"http://\S+/enter\?key=\S+", self._log.read_text())

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        self.process.terminate()
        self.process.wait(20)


async def seat_at(served: Served) -> RawSeat:
    """Open a seat that shows the log, where every note appears."""
    known = len(served.links())
    seat, _ = await open_seat(served.links()[-1])
    asyncio.get_running_loop().create_task(seat.listen())
    await seat.act({"act": "ready"})
    await seat.act({"act": "drawer", "value": "log"})
    while len(served.links()) == known:
        await asyncio.sleep(0.05)
    return seat


async def measure(consoles: list[Served]) -> tuple[list[float], list[float]]:
    """Write notes at the first seat; return the seconds to its own screen, and to each of the others'."""
    seats = [await seat_at(consoles[number * len(consoles) // SEATS]) for number in range(SEATS)]
    own: list[float] = []
    others: list[float] = []
    for number in range(ACTS):
        for seat in seats:
            seat.heard.clear()
        words = f"push-{number:04}-{os.getpid()}"
        begun_s = time.perf_counter()
        await seats[0].act({"act": "command", "value": f"/log {words}"})
        own.append(time.perf_counter() - begun_s)
        waiting = set(range(1, SEATS))
        while waiting and time.perf_counter() - begun_s < PATIENCE_S:
            seen = {one for one in waiting if any(words in frame for frame in seats[one].heard)}
            others += [time.perf_counter() - begun_s] * len(seen)
            waiting -= seen
            await asyncio.sleep(0.002)
        others += [PATIENCE_S] * len(waiting)
        await asyncio.sleep(0.2)
    for seat in seats:
        await seat.socket.close()
    return own, others


def rows(name: str, own: list[float], others: list[float]) -> list[Row]:
    """Return the figures beside the limit."""
    ordered = sorted(others)
    at = {
        "p50": ordered[len(ordered) // 2],
        "p95": ordered[len(ordered) * 95 // 100],
        "p99": ordered[-len(ordered) // 100],
    }
    found = [Row(f"{name}: an event to another seat, {one}", value, "s", LIMIT_S) for one, value in at.items()]
    return [Row(f"{name}: a note acknowledged, p95", sorted(own)[len(own) * 95 // 100], "s", 0.2), *found]


def main() -> None:
    """Print the figures of a folder store and of two consoles on a database."""
    found: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="tz-bench-") as name, private_cluster(durable=True) as cluster:
        folder, address = Path(name), cluster.address(cluster.fresh_database())
        for words, store, count in (
            ("8 seats, folder", str(folder / "store"), 1),
            ("4 + 4 seats, PostGIS", address, 2),
        ):
            consoles = [Served(store, folder, f"{words.split()[0]}-{number}") for number in range(count)]
            try:
                found += rows(words, *asyncio.run(measure(consoles)))
            finally:
                for one in consoles:
                    one.stop()
    print("push")
    for row in found:
        print("  " + str(row))


if __name__ == "__main__":
    main()
