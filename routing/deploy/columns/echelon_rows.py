"""Lay the echelons' times out as rows, and price in whole numbers what completing later costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from routing.deploy.problem import DeployProblem
from routing.deploy.windows import EchelonWindow

Int64Array = npt.NDArray[np.int64]
# What follows when an echelon is not complete by its last row: the box has no such plan, the plan leaves it unmet at a
# price, it completes later at a price not reckoned, or it never completes anyway.
_End = Literal["must be met", "may fail", "unpriced", "fails"]
# Duals and prices are rounded to this part of a point and all of a bound is reckoned in whole numbers of it, so that
# no bound rests on floating point.
PARTS = 256
# A plan later than the one in hand by more than this is not priced any further: that only lowers the bound, and keeps
# rows and minutes few.
LATER_MIN = 8
# Minutes from an echelon's earliest on that have a row each; after them a row stands for ``_WIDER_STEP`` minutes.
_EACH_MINUTE, _WIDER_STEP = 90, 10
# What missing the last minute of a box costs, in multiples of what the plan may cost beyond the floors: large enough
# that a box without a plan is seen to have none.
_PENALTY = 30
# More trips than any craft makes within the longest horizon.
ANY_NUMBER = 10_000


@dataclass(frozen=True, slots=True)
class TripLimit:
    """How many trips one craft makes for one incident, counting those that arrive while it still counts."""

    craft: int
    incident: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Box:
    """Between which minutes each echelon completes, and how many trips some craft make for an incident.

    The whole box is what the windows leave, any number of trips.
    """

    earliest: tuple[int, ...]
    latest: tuple[int, ...]
    trips: tuple[TripLimit, ...] = ()

    def with_latest(self, echelon: int, minute: int) -> Box:
        """Return the part in which an echelon completes at a minute or before."""
        return replace(self, latest=(*self.latest[:echelon], minute, *self.latest[echelon + 1 :]))

    def with_earliest(self, echelon: int, minute: int) -> Box:
        """Return the part in which an echelon completes at a minute or later."""
        return replace(self, earliest=(*self.earliest[:echelon], minute, *self.earliest[echelon + 1 :]))

    def with_trips(self, limit: TripLimit) -> Box:
        """Return the part in which a craft keeps to a number of trips for an incident."""
        others = [one for one in self.trips if (one.craft, one.incident) != (limit.craft, limit.incident)]
        return replace(self, trips=(*others, limit))

    def limit_of(self, craft: int, incident: int) -> TripLimit:
        """Return how many trips a craft may make for an incident."""
        for one in self.trips:
            if (one.craft, one.incident) == (craft, incident):
                return one
        return TripLimit(craft, incident, 0, ANY_NUMBER)


@dataclass(frozen=True, slots=True)
class BoxPrices:
    """What a box asks, in parts: a constant, and by row what lacking a whole echelon then costs."""

    constant: int
    lacking: Int64Array  # [R] what an echelon not complete by the row's minute adds, counted in whole echelons
    per_person: Int64Array  # [R] what each person lacking at the box's last row adds


class EchelonRows:
    """Rows (echelon, minute): the persons that have come by then, counted up to what the echelon asks.

    ``row_of[E, T + 1]`` is the row an arrival in a minute counts in first, -1 where it counts no more. ``until_min`` is
    the last minute of any row. A plan may beat the budget only within the windows.
    """

    def __init__(
        self,
        problem: DeployProblem,
        windows: Sequence[EchelonWindow],
        complete_min: Sequence[int | None],
        slack: int,
    ) -> None:
        self.problem, self._slack = problem, max(1, slack)
        horizon = problem.horizon_min
        earliest: list[int] = []
        latest: list[int] = []
        self._ends: list[_End] = []
        self._lacking_at_least: list[int] = []
        for window, need, minute in zip(windows, problem.echelons, complete_min, strict=True):
            if window.earliest_min > horizon:
                # It cannot be complete: only the persons lacking beyond the fewest are still open.
                beyond = window.earliest_min - problem.unmet_min
                lacking = min(need.persons, max(0, beyond) // max(1, problem.weights.missing_min))
                earliest.append(horizon)
                latest.append(horizon)
                self._ends.append("fails")
                self._lacking_at_least.append(lacking)
                continue
            most = window.latest_min if minute is None else min(window.latest_min, minute + LATER_MIN)
            earliest.append(window.earliest_min)
            latest.append(max(most, window.earliest_min))
            if latest[-1] < window.latest_min:
                self._ends.append("unpriced")
            else:
                self._ends.append("may fail" if window.may_fail else "must be met")
            self._lacking_at_least.append(0)
        self.whole = Box(tuple(earliest), tuple(latest))
        self.until_min = max(latest)
        echelons: list[int] = []
        minutes: list[int] = []
        self.row_of = np.full((len(latest), self.until_min + 1), -1, dtype=np.int32)
        self.first_row: list[int] = []
        for e, (low, high) in enumerate(zip(earliest, latest, strict=True)):
            self.first_row.append(len(minutes))
            start = 0
            for minute in _row_minutes(low, high):
                self.row_of[e, start : minute + 1] = len(minutes)
                echelons.append(e)
                minutes.append(minute)
                start = minute + 1
        self.first_row.append(len(minutes))
        self.minute = np.array(minutes, dtype=np.int64)
        self.persons: Int64Array = np.array(
            [max(1, problem.echelons[e].persons - self._lacking_at_least[e]) for e in echelons], dtype=np.int64
        )
        self.last_min = np.full(problem.num_incidents, -1, dtype=np.int32)
        for need, high in zip(problem.echelons, latest, strict=True):
            self.last_min[need.incident] = max(self.last_min[need.incident], high)

    def prices(self, box: Box) -> BoxPrices:
        """Return what a box asks; an echelon not complete by a row's minute completes a minute later at best."""
        problem, weights = self.problem, self.problem.weights
        lacking = np.zeros(len(self.minute), dtype=np.int64)
        per_person = np.zeros(len(self.minute), dtype=np.int64)
        constant = 0
        for e, need in enumerate(problem.echelons):
            price = weights.minute * need.weight * PARTS
            low, high = box.earliest[e], box.latest[e]
            end, how = int(self.row_of[e, high]), self._ends[e]
            if how == "fails":
                constant += price * (problem.unmet_min + weights.missing_min * self._lacking_at_least[e])
                if self._lacking_at_least[e] < need.persons:
                    per_person[end] = price * weights.missing_min
                continue
            constant += price * low
            reached = low
            for row in range(self.first_row[e], end):
                if self.minute[row] >= low:
                    lacking[row] = price * (int(self.minute[row]) + 1 - reached)
                    reached = int(self.minute[row]) + 1
            if high < self.whole.latest[e] or how == "must be met":
                per_person[end] = _PENALTY * self._slack * PARTS // need.persons
            elif how == "unpriced":
                lacking[end] = price * (int(self.minute[end]) + 1 - reached)
            else:
                later = max(0, problem.unmet_min - reached)
                per_person[end] = price * weights.missing_min + price * later // need.persons
        return BoxPrices(constant, lacking, per_person)


def _row_minutes(low: int, high: int) -> list[int]:
    """Return the minutes that have a row: each at first, then wider apart, the last always."""
    near = list(range(low, min(high, low + _EACH_MINUTE)))
    far = list(range(low + _EACH_MINUTE, high, _WIDER_STEP))
    return [*near, *far, high]
