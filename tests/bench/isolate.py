"""The isolation forecast of the whole archipelago against its target, by stage: ``python -m tests.bench.isolate``.

Times are of the processor, medians, warm. The target: 49 islands, 72 h, all classes, three outlooks in 2 s.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from statistics import median
from time import process_time

import msgspec

from console.paths import cache_folder, default_region_folder
from data.array_cache import ArrayCache
from data.region_reader import read_region
from data.scenario import list_scenarios, read_scenario
from routing.deploy.lane_book import LaneBook
from routing.isolate.check import check_report
from routing.isolate.foresee import Foreseer
from routing.isolate.foresight import Foresight
from routing.isolate.moves import MovePlanner
from routing.network.network import Network

TARGET_S = 2.0


def main() -> None:
    """Print a line a stage for each scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--hours", type=int, default=72)
    given = parser.parse_args()
    region, cache = read_region(default_region_folder()), ArrayCache(cache_folder())
    network = Network.build(region, cache)
    book = LaneBook.build(network, cache)
    first = _cost(lambda: Foreseer(region, network, book))
    foreseer = Foreseer(region, network, book)
    print(f"{len(region.islands)} islands, {given.hours} h, load {os.getloadavg()[0]:.1f}; charts {first:.3f} s once")
    for summary in list_scenarios(region):
        situation = read_scenario(summary.id, region).situation()
        foreseer.report(situation, given.hours)  # compiles, and works out the lanes to havens
        stages: dict[str, list[float]] = {}
        for _ in range(given.runs):
            network._conditions.clear()  # a forecast nobody has asked about yet
            took = process_time()
            foresight = Foresight(foreseer.charts, situation, given.hours)
            _lap(stages, "forecast and spread", took)
            took = process_time()
            for outlook in (foresight.mild, foresight.likely, foresight.severe):
                for classes in foresight.kinds.values():
                    for craft_class in classes:
                        outlook.surface(craft_class)
            _lap(stages, "shut spans and speeds", took)
            took = process_time()
            report = foresight.report()
            _lap(stages, "windows, rows, people", took)
            took = process_time()
            moves, unmet = MovePlanner(foresight, report.islands).plan()
            _lap(stages, "moves", took)
            took = process_time()
            report = msgspec.structs.replace(report, moves=moves, unmet=unmet)
            faults = check_report(report, situation, region, book, foreseer.charts.havens)
            _lap(stages, "check", took)
            assert not faults, faults
        medians = {name: median(times) for name, times in stages.items()}
        forecast = sum(seconds for name, seconds in medians.items() if name not in ("moves", "check"))
        parts = "  ".join(f"{name} {seconds:.2f}" for name, seconds in medians.items())
        print(f"{summary.id:20s} {forecast:.2f} s of {TARGET_S:.1f}, {sum(medians.values()):.2f} with moves: {parts}")


def _lap(stages: dict[str, list[float]], name: str, since: float) -> None:
    stages.setdefault(name, []).append(process_time() - since)


def _cost(act: Callable[[], object]) -> float:
    since = process_time()
    act()
    return process_time() - since


if __name__ == "__main__":
    main()
