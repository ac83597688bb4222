"""Time the self-defence solver: first plan, plan and proven gap beside their targets, and VROOM on one-person jobs.

``python -m tests.bench.hold`` prints the table; ``--write`` writes the file of hashes of the drawn problems anew.
VROOM comes with the extra ``bench`` and is left out without.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter

from routing.hold.generate import LOADS, SIZES, draw_hold, draw_jobs
from routing.hold.plan import HoldProgress, HoldResult
from routing.hold.problem import HoldOptions, HoldProblem
from routing.hold.solve import solve_hold, warm_up
from tests.bench.instances import content_hash

HASHES = Path(__file__).with_name("hold_instances.json")
SEEDS = (1, 2, 3)
JOBS = ((30, 150), (60, 300), (120, 500))
# Gap in 10 s that a load is to reach at 120 people and 60 tasks; overload has no target.
GAP_TARGETS = {"loose": 0.01, "tight": 0.05}
FIRST_TARGET_S, VROOM_TARGET = 0.05, 0.005
_REST_MIN = 30
_REPEATS = 5


def drawn(size: str, load: str) -> Iterator[tuple[str, HoldProblem]]:
    """Yield the drawn problems of a size and load."""
    for seed in SEEDS:
        yield f"{size} {load} {seed}", draw_hold(SIZES[size], LOADS[load], seed)


def drawn_hashes() -> dict[str, str]:
    """Return the hash of every problem the bench draws, by name."""
    found = {name: content_hash(one) for size in SIZES for load in LOADS for name, one in drawn(size, load)}
    found |= {
        f"{people}x{jobs} jobs {seed}": content_hash(draw_jobs(people, jobs, seed))
        for people, jobs in JOBS
        for seed in SEEDS
    }
    return found


def stored_hashes() -> dict[str, str]:
    """Return the hashes in the file, by name."""
    stored: dict[str, str] = json.loads(HASHES.read_text(encoding="utf-8"))["sha256"]
    return stored


def write_hashes() -> None:
    """Write the file of hashes from what the generator draws now."""
    about = "SHA-256 of each drawn self-defence problem; made by python -m tests.bench.hold --write"
    HASHES.write_text(json.dumps({"about": about, "sha256": drawn_hashes()}, indent=2) + "\n", encoding="utf-8")


def first_plan_s(problem: HoldProblem) -> float:
    """Return the median seconds to a first checked plan, as somebody who waits for it has them."""
    times = []
    for _ in range(_REPEATS):
        heard: list[float] = []
        began = perf_counter()
        solve_hold(
            problem,
            HoldOptions(iterations=0),
            lambda one, began=began, heard=heard: heard.append(perf_counter() - began),
        )
        times.append(heard[0])
    return median(times)


def measure(name: str, problem: HoldProblem, seconds: float) -> tuple[float, HoldResult]:
    """Solve one problem, print its line, and return the seconds to the first plan and the answer."""
    first_s = first_plan_s(problem)
    heard: list[HoldProgress] = []
    plan = solve_hold(problem, HoldOptions(seconds=seconds), heard.append)
    soon = [one.value for one in heard if one.at_s <= 1.0][-1]
    print(
        f"{name:<24} {problem.num_people:>4}/{problem.num_tasks:<4} {plan.total_value:>6} {plan.baseline.value:>6} "
        f"{1000 * first_s:>6.0f} {soon:>6} {plan.score.value:>6} {plan.score.late_value_min:>6} {plan.bound_value:>6} "
        f"{100 * plan.gap:>6.2f} {plan.seconds:>6.2f} {plan.iterations:>8,}  {plan.status}"
    )
    return first_s, plan


def measure_jobs(seconds: float) -> Iterator[tuple[str, float]]:
    """Yield for each problem of one-person jobs how far our value is below VROOM's in the same time."""
    from tests.bench.peer_vroom_hold import ask_vroom_to_hold

    print(f"\n{'one-person jobs':<24} {'total':>6} {'VROOM':>6} {'s':>6} {'ours':>6} {'s':>6} {'below %':>8}")
    for people, jobs in JOBS:
        for seed in SEEDS:
            problem = draw_jobs(people, jobs, seed)
            began = perf_counter()
            theirs = ask_vroom_to_hold(problem, seconds)
            spent = perf_counter() - began
            ours = solve_hold(problem, HoldOptions(seconds=max(0.5, spent)))
            below = (theirs.score.value - ours.score.value) / theirs.score.value
            name = f"{people}x{jobs} {seed}"
            print(
                f"{name:<24} {problem.total_value:>6} {theirs.score.value:>6} {spent:>6.2f} {ours.score.value:>6} "
                f"{ours.seconds:>6.2f} {100 * below:>8.2f}"
            )
            yield name, below


def main() -> None:
    """Print the table, then the figures that have targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(SIZES), help="drawn sizes, with commas between")
    parser.add_argument("--loads", default=",".join(LOADS), help="loads, with commas between")
    parser.add_argument("--seconds", type=float, default=10.0, help="seconds a solve")
    parser.add_argument("--no-jobs", action="store_true", help="leave out the one-person jobs")
    parser.add_argument("--write", action="store_true", help="write the hashes of what is drawn now")
    words = parser.parse_args()
    if words.write:
        write_hashes()
    if drawn_hashes() != stored_hashes():
        parser.exit(
            1, f"the drawn problems are not those of {HASHES.name}: figures of the two are not to be compared\n"
        )
    warm_up()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    print(
        f"{'problem':<24} {'pe/tasks':>9} {'total':>6} {'greedy':>6} {'ms':>6} {'at 1 s':>6} {'plan':>6} {'late':>6} "
        f"{'bound':>6} {'gap %':>6} {'s':>6} {'steps':>8}  status"
    )
    rows: list[tuple[str, float, float, str]] = []
    for size in filter(None, words.sizes.split(",")):
        for load in filter(None, words.loads.split(",")):
            measured = [measure(name, problem, words.seconds) for name, problem in drawn(size, load)]
            if size == "120x60":
                rows.append(
                    (f"first plan, {size} {load}, slowest", max(first for first, _ in measured), FIRST_TARGET_S, "s")
                )
            if size == "120x60" and load in GAP_TARGETS:
                worst = 100 * max(plan.gap for _, plan in measured)
                rows.append((f"proven gap, {size} {load}, worst", worst, 100 * GAP_TARGETS[load], "%"))
    for seed in SEEDS if "tight" in words.loads and "60x40" in words.sizes else ():
        measure(f"60x40 tight rests {seed}", draw_hold(SIZES["60x40"], LOADS["tight"], seed, _REST_MIN), words.seconds)
    if not words.no_jobs and find_spec("vroom") is not None:
        worst = 100 * max(below for _, below in measure_jobs(words.seconds))
        rows.append(("below VROOM on one-person jobs, worst", worst, 100 * VROOM_TARGET, "%"))
    for label, value, most, unit in rows:
        print(f"{label:<52} {value:>7.3f} {unit:<2} target {most:g} {unit:<2} {'ok' if value <= most else 'OVER'}")


if __name__ == "__main__":
    main()
