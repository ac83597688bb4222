"""Time the deployment solver: first plan, plan and proven gap, beside their targets and the nearest-first baseline."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from data.array_cache import ArrayCache
from data.region_reader import read_region
from data.scenario import read_scenario
from routing.deploy.deployment import Planner
from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.problem import DeployProblem, Progress, Solution, SolveOptions
from routing.deploy.solve import solve, warm_up
from routing.network.network import Network

DATA = Path(__file__).parents[2] / "data"
FIRST_PLAN_TARGET_S = 0.1
GAP_TARGET = 0.01
GAP_WITHIN_S = 2.0
SEEDS = (1, 2, 3)


def drawn(size: str) -> Iterator[tuple[str, DeployProblem]]:
    """Yield the drawn problems of a size."""
    for seed in SEEDS:
        yield f"{size} {seed}", draw_problem(SIZES[size], seed)


def shipped() -> Iterator[tuple[str, DeployProblem]]:
    """Yield the problems of the shipped scenarios, on the region's real piers and distances."""
    region = read_region(DATA / "zhoushan")
    with tempfile.TemporaryDirectory() as folder:
        cache = ArrayCache(Path(folder))
        planner = Planner(region, Network.build(region, cache), cache)
        for path in sorted((DATA / "scenarios").glob("*.yaml")):
            situation = read_scenario(path, region).situation()
            if situation.incidents:
                started = perf_counter()
                compiled = planner.compiled(situation)
                spent_s = perf_counter() - started
                yield f"{path.stem} (compiled in {spent_s:.2f} s)", compiled.for_alternative("fastest")


def measure(name: str, problem: DeployProblem, seconds: float) -> tuple[float, Solution]:
    """Solve one problem, print its line, and return the seconds to the first plan and the answer."""
    heard: list[Progress] = []
    solution = solve(problem, SolveOptions(seconds=seconds), heard.append)
    first = heard[0]
    soon = [p.objective for p in heard if p.plan_at_s <= 0.5][-1]
    assert solution.baseline is not None
    shape = f"{problem.num_groups}/{problem.num_craft}/{problem.num_incidents}/{problem.num_pickups}"
    print(
        f"{name:<44} {shape:>13} {solution.baseline.objective.total:>9,} {first.objective:>9,} "
        f"{1000 * first.plan_at_s:>7.0f} {soon:>9,} {solution.objective.total:>9,} {solution.bound:>11,.0f} "
        f"{100 * solution.gap:>6.2f} {solution.seconds:>6.2f}  {solution.status}"
    )
    return first.plan_at_s, solution


def main() -> None:
    """Print the table, then the two figures that have targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large-s", type=float, default=10.0, help="seconds for each large problem; 0 leaves them out")
    large_s = parser.parse_args().large_s
    warm_up()
    print(
        f"{'problem':<44} {'gr/cr/inc/pk':>13} {'baseline':>9} {'greedy':>9} {'ms':>7} {'at 0.5 s':>9} {'plan':>9} "
        f"{'bound':>11} {'gap %':>6} {'s':>6}  status"
    )
    for name, problem in drawn("small"):
        measure(name, problem, GAP_WITHIN_S)
    medium = [measure(name, problem, GAP_WITHIN_S) for name, problem in drawn("medium")]
    if large_s > 0:
        for name, problem in drawn("large"):
            measure(name, problem, large_s)
    for name, problem in shipped():
        measure(name, problem, GAP_WITHIN_S)
    slowest_s = max(first_s for first_s, _ in medium)
    widest = max(solution.gap for _, solution in medium)
    for label, value, target, unit in (
        ("first plan, medium, slowest of 3 seeds", slowest_s, FIRST_PLAN_TARGET_S, "s"),
        (f"proven gap at {GAP_WITHIN_S:g} s, medium, worst of 3 seeds", 100 * widest, 100 * GAP_TARGET, "%"),
    ):
        verdict = "ok" if value <= target else "OVER"
        print(f"{label:<52} {value:>7.3f} {unit:<2} target {target:g} {unit:<2} {verdict}")


if __name__ == "__main__":
    main()
