"""Speeds of journal and picture on the shipped ordinary night, each beside its target."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from console.commands import LogNote, SetUnitStatus
from console.world import World
from data.geography import Region
from data.journal.interface import Fix
from data.region_reader import read_region
from data.scenario import read_scenario

FOLDER = Path(__file__).parents[2] / "data" / "zhoushan"
EVENTS = 5000
FLEET = 1000


def main() -> None:
    """Print the table."""
    region = read_region(FOLDER)
    table = Table("journal and picture", "measured", "target")
    with tempfile.TemporaryDirectory(prefix="tz-bench-") as name:
        store = Path(name)
        world = World.open(store, region, network=None, scenario=read_scenario("quiet-night", region))
        for row in _rows(world, region, store):
            table.add_row(*row)
    Console().print(table)


def _rows(world: World, region: Region, store: Path) -> list[tuple[str, str, str]]:
    rows = [("idle ticker, share of a core", f"{_idle_share(world) * 100:.2f} %", "2 % or less")]
    single = [_seconds(lambda n=n: world.execute(LogNote(text=f"line {n}"), "bench")) for n in range(300)]
    rows.append(("command, decided, stored and folded, p50 / p99", _two(single), "200 ms acknowledged"))
    names = [*world.picture.units][:100]
    while world.picture.seq < EVENTS:
        status = "out_of_service" if world.picture.units[names[0]].status == "available" else "available"
        for unit_id in names:
            world.execute(SetUnitStatus(unit_id=unit_id, status=status), "bench")
    batch = [
        tuple(Fix(f"unit-{n}", world.now + timedelta(seconds=step), 122.0, 30.0, None, 5.0) for n in range(FLEET))
        for step in range(20)
    ]
    fixes = [_seconds(lambda one=one: world.journal.record_positions(one)) for one in batch]
    rows.append((f"positions of {FLEET:,} units in one batch, p50 / p99", _two(fixes), "20 ms, 2 % of a second"))
    span_s = (world.now - world.start_at).total_seconds()
    world.picture_at(world.now)
    moments = [world.start_at + timedelta(seconds=random.Random(n).random() * span_s) for n in range(100)]
    seeks = [_seconds(lambda moment=moment: world.picture_at(moment)) for moment in moments]
    rows.append((f"picture at any time over {world.picture.seq:,} events, p50 / p99", _two(seeks), "50 ms or less"))
    checked = _seconds(world.journal.verify)
    rows.append((f"hash chain of {world.picture.seq:,} events checked", f"{checked * 1000:.0f} ms", "190,000 events/s"))
    world.close()
    again: list[World] = []
    resumed = _seconds(lambda: again.append(World.open(store, region, network=None)))
    rows.append((f"resume {EVENTS:,} events after a restart", f"{resumed * 1000:.0f} ms", "1 s or less"))
    again[0].close()
    return rows


def _idle_share(world: World) -> float:
    async def idle() -> float:
        running = asyncio.create_task(world.run())
        begun, begun_cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(4)
        share = (time.process_time() - begun_cpu) / (time.perf_counter() - begun)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return share

    return asyncio.run(idle())


def _seconds(task: Callable[[], object]) -> float:
    begun = time.perf_counter()
    task()
    return time.perf_counter() - begun


def _two(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return f"{p50 * 1000:.1f} / {p99 * 1000:.1f} ms"


if __name__ == "__main__":
    main()
