"""Evacuations against their targets: completion, bound, gap and seconds; the greedy plan's milliseconds beside.

``python -m tests.bench.evacuate`` takes about three minutes on two cores. The island-evacuation family is drawn in the
published layout, since no licence allows the published instances to be shipped.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

from routing.evacuate.check import check_evacuation
from routing.evacuate.generate import archipelago, island_community
from routing.evacuate.problem import EvacuationProblem, SolveOptions
from routing.evacuate.search import LocalSearch
from routing.evacuate.solve import solve_evacuation, warm_up

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Row:
    """One solve."""

    complete_min: int
    bound_min: float
    gap: float
    trips: int
    seconds: float
    processor_s: float
    proven_at_s: float | None
    greedy_ms: float


def measured(problem: EvacuationProblem, seconds: float, seed: int) -> Row:
    """Solve once; ends the program if the check finds a fault."""
    began = perf_counter()
    LocalSearch(problem, seed)
    greedy_ms = (perf_counter() - began) * 1000
    proof: list[float] = []
    began_s = process_time()

    def hear(progress: object) -> None:
        if getattr(progress, "gap", 1.0) <= 0.0 and not proof:
            proof.append(float(getattr(progress, "at_s", 0.0)))

    found = solve_evacuation(problem, SolveOptions(seconds=seconds, seed=seed), hear)
    faults = check_evacuation(problem, found.trips, found.timing, found.bound_min)
    if faults or found.timing.remaining:
        raise SystemExit(f"unsound: {faults or found.timing}")
    return Row(
        found.timing.complete_min,
        found.bound_min,
        found.gap,
        len(found.trips),
        found.seconds,
        process_time() - began_s,
        proof[0] if proof else None,
        greedy_ms,
    )


def show(name: str, target: str, rows: Iterable[Row]) -> None:
    """Print one line: the worst of the seeds."""
    some = list(rows)
    worst = max(some, key=lambda row: row.gap)
    proof = [row.proven_at_s for row in some]
    greedy_ms, processor_s = median(row.greedy_ms for row in some), median(row.processor_s for row in some)
    proven = f"{max(one for one in proof if one is not None):.1f} s" if None not in proof else "-"
    print(
        f"{name:34} {target:20} worst gap {worst.gap:6.2%} ({worst.complete_min} / {worst.bound_min:g} min)  "
        f"proven {proven:>6}  trips {max(row.trips for row in some):3}  greedy {greedy_ms:.1f} ms  "
        f"processor {processor_s:.1f} of {median(row.seconds for row in some):.1f} s",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed of each")
    seeds = SEEDS[:1] if parser.parse_args().quick else SEEDS
    warm_up()
    for people, seconds, target in ((1_000, 3, "-"), (4_000, 5, "2 % in 5 s"), (8_000, 10, "3 % in 10 s")):
        show(
            f"12 vessels, {people} people, {seconds} s", target,
            (measured(archipelago(people, seed), seconds, seed) for seed in seeds),
        )  # fmt: skip
    for people, seconds, target in ((4_000, 5, "2 % in 5 s"), (8_000, 10, "3 % in 10 s")):
        show(
            f"the same, 3 s a person, {people}", target,
            (measured(archipelago(people, seed, boarding_s=3), seconds, seed) for seed in seeds),
        )  # fmt: skip
    for people, vessels, docks in ((900, 6, 9), (2_000, 12, 11), (3_400, 21, 13)):
        show(
            f"{vessels} vessels, {docks} docks, {people} people", "proof in 5 s",
            (measured(island_community(people, vessels, docks, seed), 5, seed) for seed in (*seeds, 4, 5)),
        )  # fmt: skip


if __name__ == "__main__":
    main()
