"""Bound each echelon on its own: no plan brings the persons sooner than this."""

from __future__ import annotations

from dataclasses import dataclass

from routing.deploy.problem import DeployProblem
from routing.deploy.reach import Reach


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
