"""Speeds and exactness of the networks on the shipped region, each beside its target and a straight-line planner."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import msgspec
import numpy as np
import shapely
from rich.console import Console
from rich.table import Table

from data.array_cache import ArrayCache
from data.geography import Region
from data.region_reader import read_region
from data.weather import Forecast, ZoneHour
from routing.network.network import Network
from routing.network.projection import projection
from routing.network.sea_graph import SeaGraph, crosses_land
from routing.network.sea_lanes import SeaLanes
from routing.network.sea_speed import paces_s_per_m
from routing.network.zones import ZoneMap
from tests.routing.network.coast_piece import lengths_by_both, piece_of_coast, points_in
from tests.routing.network.skies import START
from tests.routing.network.small_region import BOAT, place

FOLDER = Path(__file__).parents[2] / "data" / "zhoushan"
RUNS = 3
NUM_POINTS = 150
Row = tuple[str, str, str, str]


def main() -> None:
    """Print the table."""
    region = read_region(FOLDER)
    table = Table("networks", "target", "reached", "note")
    with tempfile.TemporaryDirectory(prefix="tz-bench-") as name:
        cache = ArrayCache(Path(name))
        network = Network.build(region, cache)  # also compiles, so that the runs below are warm
        for row in (*_build_rows(region, cache), *_query_rows(network), *_lane_rows(network), *_exact_rows(region)):
            table.add_row(*row)
        table.add_row(*_memory_row(Path(name)))
    Console(width=150).print(table)


def _build_rows(region: Region, cache: ArrayCache) -> list[Row]:
    metric = projection(region.utm_epsg)
    zones = ZoneMap(list(region.zones.values()), metric)
    land_m = metric.geometry_to_metres(region.land)
    box_m = metric.geometry_to_metres(shapely.box(*region.bounds_deg))
    piers_m = metric.to_metres(np.array([(pier.lon_deg, pier.lat_deg) for pier in region.piers.values()]))
    graph = SeaGraph.build(land_m, box_m, piers_m, zones)
    size = f"{len(graph.corners_m):,} corners, {len(graph.edges):,} edges, all checked against land"
    begun_s = time.process_time()
    SeaGraph.build(land_m, box_m, piers_m, zones)
    work = f"{time.process_time() - begun_s:.1f} s of processor time"
    build = _median_s(lambda: SeaGraph.build(land_m, box_m, piers_m, zones))
    whole = _median_s(lambda: SeaLanes.arrays(region, metric, zones))
    load = _median_s(lambda: Network.build(region, cache))
    return [
        ("sea graph of the region built, warm", "3 s", f"{build:.2f} s", f"{size}; {work}"),
        ("  with all piers attached and paired", "", f"{whole:.2f} s", f"{len(region.piers)} piers"),
        ("network loaded from the cache", "0.2 s", f"{load:.3f} s", ""),
    ]


def _query_rows(network: Network) -> list[Row]:
    graph = network.lanes.graph
    points = points_in(graph, NUM_POINTS, seed=1)
    pairs = _median_s(lambda: graph.lengths_m(graph.attach(points)))
    piers = [network.region.place(name) for name in sorted(network.region.piers)]
    fresh = Network.build(network.region, None)
    # One search is remembered for each origin, so every query here has an origin of its own.
    known = [
        _seconds(lambda n=n: fresh.sea_route(piers[n], piers[(n * 7 + 3) % len(piers)])) for n in range(len(piers))
    ]
    degrees = network.lanes.projection.to_degrees(points)

    pattern = place("x", 0, 0)
    anywhere = [msgspec.structs.replace(pattern, lon_deg=float(lon), lat_deg=float(lat)) for lon, lat in degrees[:40]]
    new = [_seconds(lambda n=n: fresh.sea_route(anywhere[n], anywhere[n + 20])) for n in range(20)]
    reach = statistics.median(_seconds(lambda n=n: network.isochrones(piers[n], BOAT, (20, 40, 60))) for n in range(5))
    return [
        (f"all pairs of {NUM_POINTS} points, attached anew", "1 s", f"{pairs:.2f} s", "random points of water"),
        ("route between piers, p50 / p95", "10 ms", _ms(known), "with its path, zones and times"),
        ("route between new points, p50 / p95", "", _ms(new), "both attached on the way"),
        ("reach in 20, 40 and 60 minutes", "", f"{reach:.2f} s", "20 kn, exact times contoured"),
    ]


def _lane_rows(network: Network) -> list[Row]:
    region, lanes = network.region, network.lanes
    piers = [region.place(name) for name in sorted(region.piers)]
    couples = list(combinations(range(len(piers)), 2))
    starts, ends, ratios = [], [], []
    for i, j in couples:
        route = network.sea_route(piers[i], piers[j])
        xy_m = lanes.projection.to_metres(np.array(route.path))
        starts.append(xy_m[:-1])
        ends.append(xy_m[1:])
        ratios.append(route.length_m / max(1.0, float(np.hypot(*(xy_m[-1] - xy_m[0])))))
    owner = np.repeat(np.arange(len(couples)), [len(part) for part in starts])
    over = np.unique(owner[crosses_land(np.vstack(starts), np.vstack(ends), lanes.land_m)])
    first = np.array([part[0] for part in starts])
    last = np.array([part[-1] for part in ends])
    straight = int(crosses_land(first, last, lanes.land_m).sum())
    kept, saved = _rough_sea(network)
    return [
        ("lanes between piers that touch land", "0", f"{len(over)} of {len(couples)}", f"straight lines: {straight}"),
        (
            "lane over straight line, median / max",
            "",
            f"{statistics.median(ratios):.2f} / {max(ratios):.2f}",
            "what a straight-line planner leaves out",
        ),
        (
            "rough sea: shortest path over quickest, mean / max",
            "",
            f"{kept:.3f} / {saved:.3f}",
            "swell 0.3-1.9 m by zone",
        ),
    ]


def _rough_sea(network: Network) -> tuple[float, float]:
    """Return mean and max of time on the shortest path over time on the quickest, in a sea that varies by zone."""
    region = network.region
    boat = region.craft_classes["rhib-12m"]
    heights = np.linspace(0.3, 1.9, len(region.zones))[np.random.default_rng(4).permutation(len(region.zones))]
    hours = tuple(
        ZoneHour(
            zone_id=zone_id, valid_from=START, wind_mps=5, gust_mps=6, wind_from_deg=0, hs_m=float(height),
            wave_from_deg=0, visibility_m=9999,
        )
        for zone_id, height in sorted(zip(region.zones, heights, strict=True))
    )  # fmt: skip
    sky = Forecast(
        id="rough", issued_at=START, valid_to=START + timedelta(hours=12), author="bench", source="bench", hours=hours
    )

    paces = paces_s_per_m(boat, network.lanes.zones.ids, network.conditions(sky), START)
    piers = [region.place(name) for name in sorted(region.piers)][::3]
    ratios = []
    for a, b in combinations(piers, 2):
        shortest = network.lanes.lane(a, b, np.full(len(paces), 1.0))
        quickest = network.lanes.lane(a, b, paces)
        assert shortest is not None
        assert quickest is not None
        along_s = (network.lanes.zones.lengths_m(shortest.xy_m[:-1], shortest.xy_m[1:]) @ paces).sum()
        ratios.append(float(along_s) / quickest.time_s)
    return statistics.mean(ratios), max(ratios)


def _exact_rows(region: Region) -> list[Row]:
    graph = piece_of_coast(region)
    compared = lengths_by_both(graph, points_in(graph, 12, seed=6))
    worst = max(abs(ours_m / theirs_m - 1) for ours_m, theirs_m, _ in compared)
    note = f"extremitypathfinder, {len(compared)} pairs about Shenjiamen"
    return [("worst ratio to an independent planner", "1.000 +-0.001", f"1 +- {worst:.1e}", note)]


def _memory_row(folder: Path) -> Row:
    """Load the cached network in a fresh process, as the server does."""
    program = (
        "import sys, time; begun = time.perf_counter(); from pathlib import Path; import psutil;"
        "from data.array_cache import ArrayCache; from data.region_reader import read_region;"
        "from routing.network.network import Network;"
        "Network.build(read_region(Path(sys.argv[1])), ArrayCache(Path(sys.argv[2])));"
        "print(f'{time.perf_counter() - begun:.2f} s, {psutil.Process().memory_info().rss / 1e6:.0f} MB')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(FOLDER), str(folder)], capture_output=True, text=True, check=True
    )
    return (
        "fresh process with region and network",
        "6 s, 500 MB",
        done.stdout.strip(),
        "imports included; no compiler",
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _median_s(work: Callable[[], object]) -> float:
    return statistics.median(_seconds(work) for _ in range(RUNS))


def _ms(times_s: list[float]) -> str:
    ordered = sorted(times_s)
    return f"{1000 * statistics.median(ordered):.1f} / {1000 * ordered[int(0.95 * len(ordered))]:.1f} ms"


if __name__ == "__main__":
    main()
