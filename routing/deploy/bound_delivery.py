"""Bound each echelon on its own: no plan brings the persons sooner than this.

Two floors: every group by the craft that suits it best, seats unlimited; and the delivery curves, in which every craft
has its seats and its time but may take any group. The higher of the two holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.deploy.problem import DeployProblem
from routing.deploy.reach import Reach

if TYPE_CHECKING:
    from routing.deploy.search_tables import SearchTables


@dataclass(frozen=True, slots=True)
class EchelonFloor:
    """The earliest minute an echelon can be complete, or None with the fewest persons it must lack."""

    complete_min: int | None
    missing: int

    def points(self, problem: DeployProblem, weight: int) -> int:
        """Return the least points the echelon can cost."""
        minutes = (
            self.complete_min
            if self.complete_min is not None
            else problem.unmet_min + problem.weights.missing_min * self.missing
        )
        return problem.weights.minute * weight * minutes


def isolated_floors(problem: DeployProblem, reach: Reach) -> tuple[EchelonFloor, ...]:
    """Return each echelon's floor with every group riding the craft that suits it best, seats and berths unlimited."""
    floors: list[EchelonFloor] = []
    for e, need in enumerate(problem.echelons):
        spare = problem.spare_groups.tolist()
        came = sorted(
            (int(minute), g)
            for g, minute in enumerate(reach.arrive_min[:, need.incident])
            if minute <= problem.horizon_min
        )
        persons, complete = 0, None
        per_station: dict[int, list[int]] = {}
        for minute, g in came:
            count, station = int(problem.counts_for[g, e]), int(problem.station[g])
            if station < 0:
                persons += count
            else:
                # The station's largest groups so far, as many as it may send: the most it can have sent by now.
                sent = per_station.setdefault(station, [])
                persons -= sum(sent)
                sent.append(count)
                sent.sort(reverse=True)
                del sent[spare[station] :]
                persons += sum(sent)
            if persons >= need.persons:
                complete = minute
                break
        floors.append(EchelonFloor(complete, max(0, need.persons - persons)))
    return tuple(floors)


def bound_of(problem: DeployProblem, floors: tuple[EchelonFloor, ...]) -> int:
    """Return the least points of any plan, from each echelon's floor."""
    return sum(floor.points(problem, need.weight) for floor, need in zip(floors, problem.echelons, strict=True))


def delivery_floors(
    problem: DeployProblem, tables: SearchTables, floors: tuple[EchelonFloor, ...], latest_min: list[int]
) -> tuple[EchelonFloor, ...]:
    """Return the floors raised by what all craft together can deliver; ``latest_min`` is as far as to look for each.

    A floor beyond its ``latest_min`` is set to the minute after it, which is enough to rule the echelon's window out.
    """
    # Imported here so that the first answer does not wait for the compiled code.
    from routing.deploy.delivery_kernel import persons_by

    raised: list[EchelonFloor] = []
    for e, (need, floor) in enumerate(zip(problem.echelons, floors, strict=True)):
        until = min(latest_min[e], problem.horizon_min)
        if floor.complete_min is None or floor.complete_min > until:
            raised.append(floor)
            continue
        brought = persons_by(tables, e, until)
        enough = (brought >= need.persons).nonzero()[0]
        if len(enough):
            raised.append(EchelonFloor(max(floor.complete_min, int(enough[0])), 0))
        elif until < problem.horizon_min:
            raised.append(EchelonFloor(until + 1, 0))
        else:
            raised.append(EchelonFloor(None, need.persons - int(brought[-1])))
    return tuple(raised)
