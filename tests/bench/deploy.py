"""Time the deployment solver: first plan, plan and proven gap, beside their targets and the nearest-first baseline."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from data.array_cache import ArrayCache
from data.plans import Alternative
from data.region_reader import read_region
from data.scenario import read_scenario
from data.situation import Situation
from routing.deploy.compile import Compiled
from routing.deploy.deployment import Planner
from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.problem import ALTERNATIVES, DeployProblem, Progress, Solution, SolveOptions
from routing.deploy.prover import PROVER
from routing.deploy.solve import solve, warm_up
from routing.network.network import Network
from tests.routing.deploy.drawn_situations import Sky, draw_situation

DATA = Path(__file__).parents[2] / "data"
WARM_S = 8.0
GAP_WITHIN_S = 2.0
SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Target:
    """What a size is to reach: the first plan within so many seconds, a gap within so many."""

    first_s: float
    gap: float
    within_s: float


TARGETS = {
    "small": Target(0.05, 0.04, 10.0),
    "medium": Target(0.05, 0.0, 2.0),
    "large": Target(0.3, 0.03, 10.0),
    "huge": Target(1.0, 0.07, 30.0),
}
# On the region's real piers: the target of the drawn ones of the same size.
ON_PIERS = Target(0.1, 0.01, GAP_WITHIN_S)
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
    soon = [p.objective for p in heard if p.plan_at_s <= 0.5 or p is first][-1]
    assert solution.baseline is not None
    shape = f"{problem.num_groups}/{problem.num_craft}/{problem.num_incidents}/{problem.num_pickups}"
    print(
        f"{name:<52} {shape:>13} {solution.baseline.objective.total:>9,} {first.objective:>9,} "
        f"{1000 * first.plan_at_s:>7.0f} {soon:>9,} {solution.objective.total:>9,} {solution.bound:>11,.0f} "
        f"{100 * solution.gap:>6.2f} {solution.seconds:>6.2f}  {solution.status}"
    )
    return first.plan_at_s, solution


def main() -> None:
    """Print the table, then the figures that have targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="small,medium,large,huge", help="drawn sizes, with commas between")
    parser.add_argument("--no-piers", action="store_true", help="leave out the problems on the region's real piers")
    words = parser.parse_args()
    PROVER.start()
    warm_up()
    sleep(WARM_S)  # the proving process warms up beside this one
    print(
        f"{'problem':<52} {'gr/cr/inc/pk':>13} {'baseline':>9} {'greedy':>9} {'ms':>7} {'at 0.5 s':>9} {'plan':>9} "
        f"{'bound':>11} {'gap %':>6} {'s':>6}  status"
    )
    rows: list[tuple[str, float, float, str]] = []
    for size in filter(None, words.sizes.split(",")):
        target = TARGETS[size]
        measured = [measure(name, problem, target.within_s) for name, problem in drawn(size)]
        rows += _against(size, target, measured)
    if not words.no_piers:
        rows += _against("medium on real piers", ON_PIERS, _on_piers())
    for label, value, most, unit in rows:
        verdict = "ok" if value <= most else "OVER"
        print(f"{label:<52} {value:>7.3f} {unit:<2} target {most:g} {unit:<2} {verdict}")


def _on_piers() -> list[tuple[float, Solution]]:
    """Measure the shipped scenarios and the drawn situations; return the balanced ones of the latter."""
    region = read_region(DATA / "zhoushan")
    balanced: list[tuple[float, Solution]] = []
    with tempfile.TemporaryDirectory() as folder:
        cache = ArrayCache(Path(folder))
        planner = Planner(region, Network.build(region, cache), cache)
        for name, problem in shipped(planner):
            measure(name, problem, GAP_WITHIN_S)
        for name, problems in real_piers(planner):
            for alternative, problem in problems.items():
                found = measure(f"{name} {alternative}", problem, GAP_WITHIN_S)
                if alternative == "balanced":
                    balanced.append(found)
    return balanced


def _against(name: str, target: Target, measured: list[tuple[float, Solution]]) -> list[tuple[str, float, float, str]]:
    """Return the worst of what was measured beside its target."""
    return [
        (f"first plan, {name}, slowest", max(first_s for first_s, _ in measured), target.first_s, "s"),
        (
            f"proven gap at {target.within_s:g} s, {name}, worst",
            100 * max(solution.gap for _, solution in measured),
            100 * target.gap,
            "%",
        ),
    ]


if __name__ == "__main__":
    main()
