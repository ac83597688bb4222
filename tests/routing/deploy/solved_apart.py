"""Solve named problems in a process of its own and print what came out, for tests that hold two such runs together.

Run as ``python -m tests.routing.deploy.solved_apart FOLDER``: the folder is a cache of the region's networks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[3]
# Problems whose answers still differ from seed to seed after so few moves: on others any search would do.
DRAWN = (("small", 2), ("medium", 3))
SHIPPED = "may-swell-miaozihu"
SEEDS, MOVES = (7, 8), 1_000


def begin(cache: Path, hash_seed: int) -> subprocess.Popen[str]:
    """Start such a process; ``hash_seed`` sets the order in which it sees sets of words."""
    words = [sys.executable, "-m", "tests.routing.deploy.solved_apart", str(cache)]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def outcome(process: subprocess.Popen[str], wait_s: float) -> dict[str, Any]:
    """Return what a process printed; raises AssertionError with its complaint when it failed."""
    try:
        said, complaint = process.communicate(timeout=wait_s)
    finally:
        process.kill()
    assert process.returncode == 0, complaint
    found: dict[str, Any] = json.loads(said)
    return found


def _solved(cache: Path) -> Iterator[tuple[str, Any]]:
    from data.array_cache import ArrayCache
    from data.region_reader import read_region
    from data.scenario import read_scenario
    from routing.deploy.deployment import Planner
    from routing.deploy.generate import SIZES, draw_problem
    from routing.deploy.problem import SolveOptions
    from routing.deploy.solve import solve
    from routing.network.network import Network
    from tests.bench.instances import content_hash

    for size, seed in DRAWN:
        problem = draw_problem(SIZES[size], seed)
        for search_seed in SEEDS:
            found = asdict(solve(problem, SolveOptions(seed=search_seed, iterations=MOVES)))
            del found["seconds"], found["baseline"]["seconds"]
            yield f"{size} {seed}, {search_seed}", found
    region = read_region(ROOT / "data" / "zhoushan")
    networks = ArrayCache(cache)
    planner = Planner(region, Network.build(region, networks), networks)
    situation = read_scenario(ROOT / "data" / "scenarios" / f"{SHIPPED}.yaml", region).situation()
    yield f"{SHIPPED}, compiled", content_hash(planner.compiled(situation).for_alternative("balanced"))
    plan = planner.best_plan(situation, "balanced", SolveOptions(seed=SEEDS[0], iterations=MOVES))
    yield SHIPPED, msgspec.to_builtins(msgspec.structs.replace(plan, solve_s=0.0), order="deterministic")


if __name__ == "__main__":
    print(json.dumps(dict(_solved(Path(sys.argv[1])))))
