"""Show what a deployment costs as it grows: tables, first plan, bound and gap, and the memory of all processes.

Each problem is solved in a process of its own, watched from outside together with the processes it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from routing.deploy.generate import SIZES, Size

ROOT = Path(__file__).parents[2]
TIMES = (1, 2, 4, 8)
SEED = 1
HUGE_TARGET_MB = 2_000
SAMPLE_EVERY_S = 0.05
# The proving process loads its compiled code by itself after `warm_up` has returned.
SETTLE_S = 5.0
# A bound this close to where it ends is as good as there.
NEARLY = 0.99


@dataclass(frozen=True, slots=True)
class Cost:
    """What one solve took, from inside its process; ``bound_at_s`` is when the bound was within 1 % of its last."""

    tables_s: float
    first_plan_s: float
    first_plan: int
    bound_at_s: float
    bound: float
    plan: int
    gap: float
    seconds: float


def cases() -> dict[str, tuple[Size, float]]:
    """Return the problems by name, each with the seconds it is given."""
    found: dict[str, tuple[Size, float]] = {}
    for name, seconds in (("medium", 2.0), ("large", 10.0)):
        base = SIZES[name]
        for times in TIMES:
            size = Size(base.groups * times, base.craft, base.incidents, base.pickups)
            found[f"{name}, groups x{times}"] = (size, seconds)
    base = SIZES["medium"]
    for times in TIMES[1:]:
        size = Size(base.groups * times, base.craft * times, base.incidents * times, base.pickups * times)
        found[f"medium, all x{times}"] = (size, 10.0)
    found["huge"] = (SIZES["huge"], 30.0)
    return found


def cost_of(size: Size, seconds: float) -> Cost:
    """Solve one drawn problem in this process."""
    from routing.deploy.generate import draw_problem
    from routing.deploy.problem import Progress, SolveOptions
    from routing.deploy.prover import PROVER
    from routing.deploy.reach import Reach
    from routing.deploy.search_tables import build_search_tables
    from routing.deploy.solve import solve, warm_up

    PROVER.start()
    warm_up()
    time.sleep(SETTLE_S)
    problem = draw_problem(size, SEED)
    started = time.perf_counter()
    build_search_tables(problem, Reach(problem))
    tables_s = time.perf_counter() - started
    heard: list[Progress] = []
    solution = solve(problem, SolveOptions(seconds=seconds), heard.append)
    return Cost(
        tables_s=tables_s,
        first_plan_s=heard[0].plan_at_s,
        first_plan=heard[0].objective,
        bound_at_s=next(p.plan_at_s for p in heard if p.bound >= NEARLY * solution.bound),
        bound=solution.bound,
        plan=solution.objective.total,
        gap=solution.gap,
        seconds=solution.seconds,
    )


def watched(name: str) -> tuple[Cost, float]:
    """Return the cost of a case solved in a child, and the most memory in MB that it and its children held at once.

    Pages that processes share count for each of them, so the sum is no less than what the machine gave.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.growth", "--one", name], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    process, most_bytes = psutil.Process(child.pid), 0
    while child.poll() is None:
        most_bytes = max(most_bytes, _held_bytes(process))
        time.sleep(SAMPLE_EVERY_S)
    assert child.stdout is not None
    said = child.stdout.read()
    if child.returncode:
        sys.exit(f"{name}: its process ended with {child.returncode}")
    return Cost(**json.loads(said)), most_bytes / 1e6


def _held_bytes(process: psutil.Process) -> int:
    held = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for one in family:
        try:
            held += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return held


def main() -> None:
    """Print the table, and whether the huge problem stays within its memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", choices=list(cases()), help="solve this one here and print its cost as JSON")
    parser.add_argument("--only", nargs="*", choices=list(cases()), default=list(cases()))
    given = parser.parse_args()
    if given.one:
        print(json.dumps(asdict(cost_of(*cases()[given.one]))))
        return
    print(
        f"{'problem':<20} {'gr/cr/inc/pk':>15} {'tables ms':>9} {'first ms':>8} {'greedy':>9} {'bound at s':>10} "
        f"{'bound':>10} {'plan':>9} {'gap %':>6} {'s':>5} {'MB':>6} {'load':>5}"
    )
    for name in given.only:
        size = cases()[name][0]
        cost, most_mb = watched(name)
        shape = f"{size.groups}/{size.craft}/{size.incidents}/{size.pickups}"
        print(
            f"{name:<20} {shape:>15} {1000 * cost.tables_s:>9.0f} {1000 * cost.first_plan_s:>8.0f} "
            f"{cost.first_plan:>9,} {cost.bound_at_s:>10.1f} {cost.bound:>10,.0f} {cost.plan:>9,} "
            f"{100 * cost.gap:>6.2f} {cost.seconds:>5.1f} {most_mb:>6,.0f} {os.getloadavg()[0]:>5.1f}",
            flush=True,
        )
        if name == "huge":
            verdict = "ok" if most_mb <= HUGE_TARGET_MB else "OVER"
            print(f"memory of all processes, huge: {most_mb:,.0f} MB, target {HUGE_TARGET_MB:,} MB {verdict}")


if __name__ == "__main__":
    main()
