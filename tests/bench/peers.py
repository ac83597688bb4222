"""Set our plans beside those of others: nearest-first, greedy, CP-SAT cold, and on routes alone PyVRP and VROOM.

Every plan is timed and scored by the reference evaluator, and every gap is to the highest bound our solver proved for
the problem in this run. PyVRP and VROOM come with the extra ``bench`` (`make bench-peers`) and are left out without.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter

from routing.deploy.cpsat import MAX_SLOTS
from routing.deploy.draft import Candidate
from routing.deploy.faults import find_faults
from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.greedy import plan_greedily
from routing.deploy.naive import dispatch_nearest_first
from routing.deploy.problem import DeployProblem, SolveOptions
from routing.deploy.prover import PROVER
from routing.deploy.solve import solve, warm_up
from tests.bench.instances import SEEDS, content_hash
from tests.bench.peer_cpsat import ask_cpsat
from tests.bench.peer_problem import PeerSolver, best_by_deadlines, peer_problem

SECONDS = (2.0, 10.0, 30.0)
# With all the trips the proof allows the cold model of a large problem takes 10 s to build; with these it is smaller.
FEW_TRIPS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One way to a plan: what it found in which time, and what else is to be said."""

    method: str
    candidate: Candidate | None
    seconds: float
    bound: float | None = None
    note: str = ""


def baselines(problem: DeployProblem) -> Iterator[Row]:
    """Yield what needs no clock: nearest-first and greedy."""
    ways: tuple[tuple[str, Callable[[DeployProblem], Candidate]], ...] = (
        ("nearest first", dispatch_nearest_first),
        ("greedy", plan_greedily),
    )
    for name, way in ways:
        started = perf_counter()
        candidate = way(problem)
        yield Row(name, candidate, perf_counter() - started)


def ours(problem: DeployProblem, seconds: float) -> Row:
    """Return our plan and bound after so many seconds."""
    solution = solve(problem, SolveOptions(seconds=seconds))
    found = (solution.objective, solution.trips, solution.directs)
    assumed = "; ".join(text.en for text in solution.bound_assumes)
    return Row("Tongzhou", found, solution.seconds, solution.bound, assumed)


def cold(problem: DeployProblem, seconds: float, trips: int) -> Row:
    """Return the plan of CP-SAT without any help after so many seconds."""
    answer = ask_cpsat(problem, seconds, trips)
    note = f"{answer.trips} trips a craft, {answer.num_variables:,} variables built in {answer.build_s:.1f} s"
    if answer.bound is not None:
        note += f"; its bound of such plans {answer.bound:,.0f}"
    return Row("CP-SAT, cold", answer.candidate, answer.seconds, None, note)


def routers() -> list[tuple[str, PeerSolver]]:
    """Return the vehicle routing solvers that are installed."""
    found: list[tuple[str, PeerSolver]] = []
    if find_spec("pyvrp"):
        from tests.bench.peer_pyvrp import ask_pyvrp

        found.append(("PyVRP", ask_pyvrp))
    if find_spec("vroom"):
        from tests.bench.peer_vroom import ask_vroom

        found.append(("VROOM", ask_vroom))
    return found


def compared(problem: DeployProblem, seconds: Sequence[float], peers: Sequence[tuple[str, PeerSolver]]) -> list[Row]:
    """Return a row for every way to a plan of one problem."""
    rows = list(baselines(problem))
    for limit in seconds:
        rows.append(cold(problem, limit, MAX_SLOTS))
        for name, ask in peers:
            candidate, spent_s = best_by_deadlines(problem, ask, limit)
            rows.append(Row(name, candidate, spent_s))
        rows.append(ours(problem, limit))
    rows.append(cold(problem, max(seconds), FEW_TRIPS))
    return rows


def show(name: str, problem: DeployProblem, rows: Sequence[Row]) -> None:
    """Print a problem and its rows; a plan that breaks a rule is no plan."""
    bound = max(row.bound for row in rows if row.bound is not None)
    shape = f"{problem.num_groups}/{problem.num_craft}/{problem.num_incidents}/{problem.num_pickups}"
    load = os.getloadavg()[0]
    print(f"{name} ({shape}, {content_hash(problem)[:12]}): bound {bound:,.0f}, load {load:.1f}")
    for row in rows:
        if row.candidate is None:
            print(f"  {row.method:<14} {'no plan':>10} {'':>7} {row.seconds:>7.2f} s  {row.note}")
            continue
        found, trips, directs = row.candidate
        assert not find_faults(problem, trips, directs), row.method
        gap = 100 * max(0.0, found.total - bound) / found.total
        minutes = "/".join("-" if minute is None else str(minute) for minute in found.complete_min[:4])
        print(f"  {row.method:<14} {found.total:>10,} {gap:>6.1f}% {row.seconds:>7.2f} s  at {minutes:<16} {row.note}")


def main() -> None:
    """Print every problem with every way to a plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="*", default=["small", "medium", "large"], choices=list(SIZES))
    parser.add_argument("--seeds", nargs="*", type=int, default=list(SEEDS))
    parser.add_argument("--seconds", nargs="*", type=float, default=list(SECONDS), help="time of each solver")
    parser.add_argument("--part", choices=["routes", "whole", "both"], default="both")
    given = parser.parse_args()
    PROVER.start()
    warm_up()
    for size in given.sizes:
        for seed in given.seeds:
            if given.part in ("routes", "both"):
                problem = peer_problem(size, seed)
                show(f"{size} {seed}, routes alone", problem, compared(problem, given.seconds, routers()))
            if given.part in ("whole", "both"):
                problem = draw_problem(SIZES[size], seed)
                show(f"{size} {seed}, whole", problem, compared(problem, given.seconds, ()))
    if len(routers()) < 2:
        print("PyVRP or VROOM is not installed: make bench-peers installs both")


if __name__ == "__main__":
    main()
