"""An evacuation given as matrices: solved, checked without the solver, and printed by the folder's own names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.cli_situation import check_writable, write_out
from console.cli_words import err, out, said, say

if TYPE_CHECKING:
    from data.evacuation_matrices import EvacuationMatrices
    from data.text import Text
    from routing.evacuate.problem import EvacuationSolution


def run_matrix(folder: Path, seconds: float, seed: int, iterations: int | None, json_file: Path | None) -> int:
    """Print the trips and proof of a problem of plain matrices; 1 where somebody remains or a rule is broken."""
    from data.evacuation_matrices import read_matrices
    from routing.evacuate.check import check_evacuation
    from routing.evacuate.problem import EvacuationProblem, SolveOptions
    from routing.evacuate.solve import solve_evacuation

    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    given = read_matrices(folder)
    problem = EvacuationProblem.from_matrices(**given.arrays())
    with err().status(say("正在求解", "Working")):
        found = solve_evacuation(problem, SolveOptions(seconds=seconds, seed=seed, iterations=iterations))
    faults = check_evacuation(problem, found.trips, found.timing, found.bound_min)
    if json_file is not None:
        write_out(_document(given, found, faults), json_file)
    if json_file is None or str(json_file) != "-":
        _print(given, found, faults)
    return 1 if faults or found.timing.remaining else 0


def _print(given: EvacuationMatrices, found: EvacuationSolution, faults: Sequence[Text]) -> None:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for n, heading in enumerate(
        (say("船", "vessel"), say("上客点", "dock"), say("下客点", "drop"), say("人数", "people"),
         say("装载（分）", "load (min)"), say("启航", "departs"), say("到达", "arrives"), say("卸完", "ashore"))
    ):  # fmt: skip
        table.add_column(heading, justify="left" if n < 3 else "right")
    for trip in found.trips:
        table.add_row(
            given.vessels[trip.vessel], given.docks[trip.dock], given.drops[trip.drop], str(trip.persons),
            f"{trip.load_from_min}-{trip.load_to_min}", str(trip.depart_min), str(trip.arrive_min),
            str(trip.unload_to_min),
        )  # fmt: skip
    out().print(table)
    timing = found.timing
    if timing.remaining:
        out().print(
            say(
                f"剩余 {timing.remaining} 人；任何方案至少剩 {found.least_remaining} 人",
                f"{timing.remaining} people remain; any plan leaves {found.least_remaining} at least",
            ),
            style="bold",
        )
    else:
        proof = say("已证明最优", "proven optimal") if found.status == "optimal" else f"{found.gap:.1%}"
        out().print(
            say(
                f"{timing.complete_min} 分钟全部上岸，下界 {found.bound_min:g}，差距 {proof}，"
                f"等候 {timing.waiting_person_min:,} 人·分钟",
                f"all ashore after {timing.complete_min} min, bound {found.bound_min:g}, gap {proof}, "
                f"{timing.waiting_person_min:,} person-minutes waiting",
            ),
            style="bold",
        )
    relaxes = say("；", "; ").join(said(one) for one in found.relaxes)
    out().print(
        say(f"{len(found.trips)} 航次，{found.seconds:.1f} 秒；下界放宽：{relaxes}",
            f"{len(found.trips)} trips, {found.seconds:.1f} s; the bound leaves out: {relaxes}"),
        style="dim", markup=False,
    )  # fmt: skip
    words = say("核查：未发现错误", "checked without the solver: no fault found")
    out().print(words if not faults else "; ".join(said(one) for one in faults), style="dim", markup=False)


def _document(given: EvacuationMatrices, found: EvacuationSolution, faults: Sequence[Text]) -> dict[str, Any]:
    return {
        "format": "tongzhou-evacuation-matrices/1",
        "status": found.status,
        "complete_min": None if found.timing.remaining else found.timing.complete_min,
        "remaining": found.timing.remaining,
        "least_remaining": found.least_remaining,
        "bound_min": found.bound_min,
        "gap": found.gap,
        "waiting_person_min": found.timing.waiting_person_min,
        "bound_relaxes": [{"zh": one.zh, "en": one.en} for one in found.relaxes],
        "seconds": round(found.seconds, 3),
        "seed": found.seed,
        "faults": [{"zh": one.zh, "en": one.en} for one in faults],
        "trips": [
            {
                "vessel": given.vessels[trip.vessel],
                "dock": given.docks[trip.dock],
                "drop": given.drops[trip.drop],
                "persons": trip.persons,
                "leave_min": trip.leave_min,
                "load_from_min": trip.load_from_min,
                "load_to_min": trip.load_to_min,
                "depart_min": trip.depart_min,
                "arrive_min": trip.arrive_min,
                "unload_from_min": trip.unload_from_min,
                "unload_to_min": trip.unload_to_min,
            }
            for trip in found.trips
        ],
    }
