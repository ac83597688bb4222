"""Share plans between the alternatives of one situation: what one found is a start for the others."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from data.plans import Alternative
from routing.deploy.draft import Candidate
from routing.deploy.evaluate import score
from routing.deploy.problem import DeployProblem, Direct, Solution, Trip, Weights


@dataclass
class PlanPool:
    """What was found for the alternatives of one compiled situation; their problems differ in their weights alone."""

    _plans: list[tuple[tuple[Trip, ...], tuple[Direct, ...]]] = field(default_factory=list)
    _solutions: dict[Alternative, tuple[DeployProblem, Solution]] = field(default_factory=dict)

    def start(self, problem: DeployProblem) -> Candidate | None:
        """Return the plan that is best under a problem's weights, whichever alternative found it; None before any."""
        return min(((score(problem, *plan), *plan) for plan in self._plans), key=_rank, default=None)

    def keep(self, alternative: Alternative, problem: DeployProblem, solution: Solution) -> Solution:
        """Take in an alternative's solution and return it, with a higher bound where another's holds for it too."""
        known = self._with_bounds(problem, solution)
        self._plans.append((known.trips, known.directs))
        self._solutions[alternative] = (problem, known)
        return known

    def bettered(self, alternative: Alternative) -> Solution | None:
        """Return an alternative's solution with the plan of another that is better under its weights, None if none is.

        Of plans with as many points the one with the better times is taken, then with more cover and fewer craft.
        """
        if alternative not in self._solutions:
            return None
        problem, own = self._solutions[alternative]
        best = self.start(problem)
        if best is None or _rank(best) >= _rank((own.objective, own.trips, own.directs)):
            return None
        found = replace(own, objective=best[0], trips=best[1], directs=best[2])
        found = self._with_bounds(problem, found)
        self._solutions[alternative] = (problem, found)
        return found

    def _with_bounds(self, problem: DeployProblem, solution: Solution) -> Solution:
        """Raise a bound to that of cheaper weights: no plan costs less under dearer ones."""
        for other, known in self._solutions.values():
            if known.bound > solution.bound and _is_cheaper(other.weights, problem.weights):
                solution = replace(solution, bound=known.bound, bound_assumes=known.bound_assumes)
        total = solution.objective.total
        bound = min(solution.bound, float(total))
        if solution.status == "infeasible":
            return solution
        return replace(solution, bound=bound, status="optimal" if bound >= total else "feasible")


def _is_cheaper(weights: Weights, other: Weights) -> bool:
    return all(getattr(weights, one.name) <= getattr(other, one.name) for one in fields(Weights))


def _rank(candidate: Candidate) -> tuple[int, int, int, int]:
    """Order plans by points, and those alike by times, groups sent and craft."""
    found, trips, directs = candidate
    sent = sum(len(trip.groups) for trip in trips) + len(directs)
    return found.total, found.unmet + found.echelon_time, sent, len({trip.craft for trip in trips})
