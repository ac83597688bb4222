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
    """What a box asks, in parts: a constant, and by row what having only so many persons by its minute then costs.

    ``lost[R, K + 1]`` goes with the rows' ``levels``: nobody, then as many as each of the ladder's echelons asks.
    """

    constant: int
    lost: Int64Array


class EchelonRows:
    """Rows (ladder, minute): the persons that have come by then, counted up to what the ladder's last echelon asks.

    A ladder is the echelons of one incident that ask for the same persons, fewest first: who completes the second has
    completed the first, so that persons count for the second only beyond the first. ``row_of[E, T + 1]`` is the row an
    arrival in a minute counts in first, -1 where it counts no more; it is told at the echelon of each ladder that asks
    for most. ``until_min`` is the last minute of any row. A plan may beat the budget only within the windows.
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
            self._ends.append("may fail" if window.may_fail else "must be met")
            self._lacking_at_least.append(0)
        self._asked = [
            max(1, need.persons - lacking)
            for need, lacking in zip(problem.echelons, self._lacking_at_least, strict=True)
        ]
        self.ladders = self._list_ladders()
        for ladder in self.ladders:
            # The rows of the ladder's latest are there anyway: its others are priced as long.
            last = max((latest[e] for e in ladder if self._ends[e] != "fails"), default=0)
            for e in ladder:
                if self._ends[e] != "fails":
                    latest[e] = max(latest[e], min(last, windows[e].latest_min))
                    if latest[e] < windows[e].latest_min:
                        self._ends[e] = "unpriced"
        self.whole = Box(tuple(earliest), tuple(latest))
        self.until_min = max(latest)
        self.last_min = np.full(problem.num_incidents, -1, dtype=np.int32)
        for need, high in zip(problem.echelons, latest, strict=True):
            self.last_min[need.incident] = max(self.last_min[need.incident], high)
        self._lay_out()

    def _list_ladders(self) -> list[tuple[int, ...]]:
        alike: dict[tuple[int, str | None], list[int]] = {}
        for e, need in enumerate(self.problem.echelons):
            alike.setdefault((need.incident, need.skill), []).append(e)
        return [tuple(sorted(ladder, key=lambda e: self._asked[e])) for ladder in alike.values()]

    def _lay_out(self) -> None:
        """Lay the rows out: their minutes, which row an arrival counts in, the levels of each."""
        earliest, latest = self.whole.earliest, self.whole.latest
        num_e = len(latest)
        self.ladder_of, self.step_of = [0] * num_e, [0] * num_e
        self.row_of = np.full((num_e, self.until_min + 1), -1, dtype=np.int32)
        self._row_at = np.full((len(self.ladders), self.until_min + 1), -1, dtype=np.int32)
        self.first_row: list[int] = [0]
        most_steps = max(len(ladder) for ladder in self.ladders)
        minutes: list[int] = []
        levels: list[list[int]] = []
        for n, ladder in enumerate(self.ladders):
            for k, e in enumerate(ladder):
                self.ladder_of[e], self.step_of[e] = n, k
            asked = [self._asked[e] for e in ladder]
            level = [0, *asked, *asked[-1:] * (most_steps - len(ladder))]
            start = 0
            for minute in sorted({m for e in ladder for m in _row_minutes(earliest[e], latest[e])}):
                self._row_at[n, start : minute + 1] = len(minutes)
                minutes.append(minute)
                levels.append(level)
                start = minute + 1
            self.first_row.append(len(minutes))
            most = max(ladder, key=lambda e: self.problem.echelons[e].persons)
            self.row_of[most] = self._row_at[n]
        self.minute = np.array(minutes, dtype=np.int64)
        self.levels: Int64Array = np.array(levels, dtype=np.int64)

    def rows_of(self, echelon: int) -> range:
        """Return the rows of an echelon's ladder."""
        ladder = self.ladder_of[echelon]
        return range(self.first_row[ladder], self.first_row[ladder + 1])

    def prices(self, box: Box) -> BoxPrices:
        """Return what a box asks; an echelon not complete by a row's minute completes a minute later at best."""
        problem, weights = self.problem, self.problem.weights
        lost = np.zeros_like(self.levels)
        constant = 0
        for e, need in enumerate(problem.echelons):
            price = weights.minute * need.weight * PARTS
            low, how = box.earliest[e], self._ends[e]
            rows, asked = self.rows_of(e), self._asked[e]
            end = int(self._row_at[self.ladder_of[e], box.latest[e]])
            persons_lacking = np.maximum(asked - self.levels[end], 0)
            if how == "fails":
                constant += price * (problem.unmet_min + weights.missing_min * self._lacking_at_least[e])
                if self._lacking_at_least[e] < need.persons:
                    lost[end] += price * weights.missing_min * persons_lacking
                continue
            constant += price * low
            # Where the box asks for it by its last minute, lacking it later is charged too: no plan in it does.
            minute = self.minute[rows.start : rows.stop]
            reached = np.maximum(np.concatenate([[low], minute[:-1] + 1]), low)
            later = np.maximum(minute + 1 - reached, 0)
            last_is_end = how == "must be met" or box.latest[e] < self.whole.latest[e]
            if not last_is_end:
                later[minute > self.whole.latest[e]] = 0
            if not last_is_end and how == "may fail":
                later[-1] = max(0, problem.unmet_min - int(reached[-1]))
                lost[end] += price * weights.missing_min * persons_lacking
            elif last_is_end:
                if end == rows.stop - 1:
                    later[-1] = 0
                lost[end] += _PENALTY * self._slack * PARTS // need.persons * persons_lacking
            lost[rows.start : rows.stop] += price * later[:, None] * (self.levels[rows.start : rows.stop] < asked)
        return BoxPrices(constant, lost)


def _row_minutes(low: int, high: int) -> list[int]:
    """Return the minutes that have a row: each at first, then wider apart, the last always."""
    near = list(range(low, min(high, low + _EACH_MINUTE)))
    far = list(range(low + _EACH_MINUTE, high, _WIDER_STEP))
    return [*near, *far, high]
