"""Time the deployment solver: first plan, plan and proven gap, beside their targets and the nearest-first baseline."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from data.array_cache import ArrayCache
from data.plans import Alternative
from data.region_reader import read_region
from data.scenario import read_scenario
from data.situation import Situation
from routing.deploy.compile import Compiled
from routing.deploy.deployment import Planner
from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.problem import ALTERNATIVES, DeployProblem, Progress, Solution, SolveOptions
from routing.deploy.solve import solve, warm_up
from routing.network.network import Network
from tests.routing.deploy.drawn_situations import Sky, draw_situation

DATA = Path(__file__).parents[2] / "data"
FIRST_PLAN_TARGET_S = 0.1
GAP_TARGET = 0.01
GAP_WITHIN_S = 2.0
SEEDS = (1, 2, 3)
SKIES: tuple[Sky, ...] = ("calm", "rough")


def drawn(size: str) -> Iterator[tuple[str, DeployProblem]]:
    """Yield the drawn problems of a size."""
    for seed in SEEDS:
        yield f"{size} {seed}", draw_problem(SIZES[size], seed)


def shipped(planner: Planner) -> Iterator[tuple[str, DeployProblem]]:
    """Yield the problems of the shipped scenarios, on the region's real piers and distances."""
    for path in sorted((DATA / "scenarios").glob("*.yaml")):
        situation = read_scenario(path, planner.region).situation()
        if situation.incidents:
            compiled, spent_s = compile_timed(planner, situation)
            yield f"{path.stem} (compiled in {spent_s:.2f} s)", compiled.for_alternative("fastest")


def real_piers(planner: Planner) -> Iterator[tuple[str, dict[Alternative, DeployProblem]]]:
    """Yield medium situations drawn on the region's islands, piers, forces and forecasts, by alternative."""
    for seed in SEEDS:
        for sky in SKIES:
            situation = draw_situation(planner.region, planner.network, seed, sky)
            compiled, spent_s = compile_timed(planner, situation)
            name = f"{situation.incidents[0].island_id} {sky} (compiled in {spent_s:.2f} s)"
            yield name, {one: compiled.for_alternative(one) for one in ALTERNATIVES}


def compile_timed(planner: Planner, situation: Situation) -> tuple[Compiled, float]:
    """Return a situation's problem and the seconds its compilation took."""
    started = perf_counter()
    return planner.compiled(situation), perf_counter() - started


def measure(name: str, problem: DeployProblem, seconds: float) -> tuple[float, Solution]:
    """Solve one problem, print its line, and return the seconds to the first plan and the answer."""
    heard: list[Progress] = []
    solution = solve(problem, SolveOptions(seconds=seconds), heard.append)
    first = heard[0]
    soon = [p.objective for p in heard if p.plan_at_s <= 0.5][-1]
    assert solution.baseline is not None
    shape = f"{problem.num_groups}/{problem.num_craft}/{problem.num_incidents}/{problem.num_pickups}"
    print(
        f"{name:<52} {shape:>13} {solution.baseline.objective.total:>9,} {first.objective:>9,} "
        f"{1000 * first.plan_at_s:>7.0f} {soon:>9,} {solution.objective.total:>9,} {solution.bound:>11,.0f} "
        f"{100 * solution.gap:>6.2f} {solution.seconds:>6.2f}  {solution.status}"
    )
    return first.plan_at_s, solution


def _slowest_s(measured: list[tuple[float, Solution]]) -> float:
    return max(first_s for first_s, _ in measured)


def _widest(measured: list[tuple[float, Solution]]) -> float:
    return 100 * max(solution.gap for _, solution in measured)


def main() -> None:
    """Print the table, then the figures that have targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large-s", type=float, default=10.0, help="seconds for each large problem; 0 leaves them out")
    large_s = parser.parse_args().large_s
    warm_up()
    print(
        f"{'problem':<52} {'gr/cr/inc/pk':>13} {'baseline':>9} {'greedy':>9} {'ms':>7} {'at 0.5 s':>9} {'plan':>9} "
        f"{'bound':>11} {'gap %':>6} {'s':>6}  status"
    )
    for name, problem in drawn("small"):
        measure(name, problem, GAP_WITHIN_S)
    medium = [measure(name, problem, GAP_WITHIN_S) for name, problem in drawn("medium")]
    if large_s > 0:
        for name, problem in drawn("large"):
            measure(name, problem, large_s)
    region = read_region(DATA / "zhoushan")
    on_piers: dict[Alternative, list[tuple[float, Solution]]] = {one: [] for one in ALTERNATIVES}
    with tempfile.TemporaryDirectory() as folder:
        cache = ArrayCache(Path(folder))
        planner = Planner(region, Network.build(region, cache), cache)
        for name, problem in shipped(planner):
            measure(name, problem, GAP_WITHIN_S)
        for name, problems in real_piers(planner):
            for alternative, problem in problems.items():
                on_piers[alternative].append(measure(f"{name} {alternative}", problem, GAP_WITHIN_S))
    piers, within = on_piers["balanced"], f"proven gap at {GAP_WITHIN_S:g} s"
    rows = [
        ("first plan, medium, slowest of 3 seeds", _slowest_s(medium), FIRST_PLAN_TARGET_S, "s"),
        (f"{within}, medium, worst of 3 seeds", _widest(medium), 100 * GAP_TARGET, "%"),
        ("first plan, medium on real piers, slowest of 6", _slowest_s(piers), FIRST_PLAN_TARGET_S, "s"),
        (f"{within}, medium on real piers, worst of 6", _widest(piers), 100 * GAP_TARGET, "%"),
    ]
    for label, value, target, unit in rows:
        verdict = "ok" if value <= target else "OVER"
        print(f"{label:<52} {value:>7.3f} {unit:<2} target {target:g} {unit:<2} {verdict}")


if __name__ == "__main__":
    main()
