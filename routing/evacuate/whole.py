"""The bound again with whole trips: one list of counts for each vessel (a mixed-integer programme), where they are few.

A minute at which the programme has no solution is proven too early; a solution is also a plan to try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from routing.evacuate.bound import CompletionBound
from routing.evacuate.fronts import Floats
from routing.evacuate.problem import UNREACHABLE, EvacuationProblem, IntArray, Lists

Listed = list[tuple[Floats, Floats]]
MOST_COLUMNS = 12_000
LONGEST_S = 2.0


class _Programme:
    """Rows of a programme as they are written down."""

    def __init__(self) -> None:
        self.cells: list[tuple[int, int, float]] = []
        self.least: list[float] = []
        self.most: list[float] = []

    def add(self, entries: dict[int, float], least: float, most: float) -> None:
        """Enter one row."""
        self.cells.extend((len(self.least), column, value) for column, value in entries.items())
        self.least.append(least)
        self.most.append(most)

    def rows(self, size: int) -> LinearConstraint:
        """Return the rows for so many variables."""
        rows, columns, values = zip(*self.cells, strict=True)
        table = coo_matrix((values, (rows, columns)), shape=(len(self.least), size)).tocsr()
        return LinearConstraint(table, self.least, self.most)


class WholeBound:
    """Counts of whole trips for every vessel, by minutes that rise from one bound."""

    def __init__(self, bound: CompletionBound) -> None:
        self.bound, self.problem = bound, bound.problem
        # Without berths and minutes a person, whole trips are the whole truth: a cover of seats.
        self.is_plain = not bound.rows and not bound.rate_min.any()
        sizes = [len(front.counts) for front in bound.fronts]
        self.is_small = all(front.cycle_min is None for front in bound.fronts) and sum(sizes) <= MOST_COLUMNS

    def minutes(
        self, floor: int, best: Callable[[], int], until_s: float, elapsed: Callable[[], float], nodes: int | None
    ) -> Iterator[tuple[int, Lists | None]]:
        """Yield minutes not yet proven too early, each with lists that may reach it; ends where the time does.

        Minutes are halved between what is proven and the best plan. ``nodes`` replaces the clock.
        """
        low, high = floor, best()
        while low < high:
            left_s = until_s - elapsed()
            if nodes is None and left_s <= 0.05:
                return
            middle = (low + high) // 2
            answer = self._solve(middle, min(LONGEST_S, max(0.05, left_s)), nodes)
            if answer is None:
                # Open either way: what lies below may still be proven too early.
                high = middle
            elif len(answer) == 0:
                low = middle + 1
                yield low, None
            else:
                yield low, answer
                high = min(middle, best())

    def _solve(self, by_min: int, seconds: float, nodes: int | None) -> Lists | None:
        """Return lists for a minute, none () where it is proven too early, None where that stays open."""
        problem = self.problem
        listed = [self._listed(v, by_min) for v in range(problem.num_vessels)]
        starts = np.cumsum([0, *(len(counts) for counts, _ in listed)])
        num_columns = int(starts[-1])
        programme = _Programme()
        for v in range(problem.num_vessels):
            programme.add(dict.fromkeys(range(int(starts[v]), int(starts[v + 1])), 1.0), 1.0, 1.0)
        size = num_columns if self.is_plain else num_columns + 2 * problem.num_vessels * problem.num_locations
        if self.is_plain:
            self._cover(programme, listed, starts)
        else:
            self._share_out(programme, listed, starts, by_min)
        whole = np.ones(size)
        whole[num_columns + problem.num_vessels * problem.num_locations :] = 0.0
        most = np.where(np.arange(size) < num_columns, 1.0, np.inf)
        options: dict[str, float | int] = {"time_limit": seconds} if nodes is None else {"node_limit": nodes}
        solved = milp(
            np.zeros(size), constraints=programme.rows(size), integrality=whole, bounds=Bounds(0.0, most),
            options=options,
        )  # fmt: skip
        if solved.status == 2:
            return ()
        if solved.x is None:
            return None
        chosen = [listed[v][0][int(np.argmax(solved.x[starts[v] : starts[v + 1]]))] for v in range(len(listed))]
        return tuple(trip_list(problem, v, counts.astype(int)) for v, counts in enumerate(chosen))

    def _cover(self, programme: _Programme, listed: Listed, starts: IntArray) -> None:
        """Seats for everybody at each location: all there is to it without berths and minutes a person."""
        problem = self.problem
        for place in range(problem.num_locations):
            seats = {
                int(starts[v]) + n: float(problem.seats[v] * count)
                for v, (counts, _) in enumerate(listed)
                for n, count in enumerate(counts[:, place])
                if count
            }
            programme.add(seats, float(problem.demand[place]), np.inf)

    def _share_out(self, programme: _Programme, listed: Listed, starts: IntArray, by_min: int) -> None:
        """Trips [V, L] within each vessel's list, people [V, L] within their seats, minutes alongside within berths."""
        problem, rate = self.problem, self.bound.rate_min
        places, vessels = problem.num_locations, problem.num_vessels
        trips_at = int(starts[-1])
        people_at = trips_at + vessels * places
        for v, (counts, spare) in enumerate(listed):
            for place in range(places):
                trip, people = trips_at + v * places + place, people_at + v * places + place
                own = {int(starts[v]) + n: -float(count) for n, count in enumerate(counts[:, place])}
                programme.add({trip: 1.0, **own}, -np.inf, 0.0)
                programme.add({people: 1.0, trip: -float(problem.seats[v])}, -np.inf, 0.0)
            if rate[v] > 0:
                own = {int(starts[v]) + n: -float(minutes) for n, minutes in enumerate(spare)}
                people_of = {people_at + v * places + place: float(rate[v]) for place in range(places)}
                programme.add({**people_of, **own}, -np.inf, 0.0)
        for place in range(places):
            everybody = {people_at + v * places + place: 1.0 for v in range(vessels)}
            programme.add(everybody, float(problem.demand[place]), np.inf)
        for row in self.bound.rows:
            alongside: dict[int, float] = {}
            for v in row.vessels:
                fixed, per = (
                    (problem.unload_min[v], problem.unload_s[v]) if row.place is None
                    else (problem.load_min[v], problem.load_s[v])
                )  # fmt: skip
                for place in range(places) if row.place is None else (row.place,):
                    alongside[trips_at + v * places + place] = float(fixed)
                    alongside[people_at + v * places + place] = float(per) / 60.0
            programme.add(alongside, -np.inf, row.room(by_min))

    def _listed(self, v: int, by_min: int) -> tuple[Floats, Floats]:
        """Return the counts possible by a minute; where people cost no time, only those no other holds more of."""
        counts, spare = self.bound.fronts[v].until(by_min)
        if self.bound.rate_min[v] > 0 or len(counts) == 0:
            return counts, spare
        keys = {tuple(one) for one in counts.astype(int).tolist()}
        steps = np.eye(counts.shape[1], dtype=int)
        kept = [
            n
            for n, one in enumerate(counts.astype(int))
            if not any(tuple((one + step).tolist()) in keys for step in steps)
        ]
        return counts[kept], spare[kept]


def trip_list(problem: EvacuationProblem, v: int, counts: npt.NDArray[np.int_]) -> tuple[int, ...]:
    """Return the entries of a vessel's list that makes so many trips to each location the soonest, closures aside."""
    q = problem.num_drops
    ride = int(problem.load_min[v] + problem.unload_min[v])
    state = tuple(int(n) for n in counts)
    reached: dict[tuple[tuple[int, ...], int], tuple[int, tuple[int, ...]]] = {
        ((0,) * len(state), q): (int(problem.start_min[v]), ())
    }
    for _ in range(sum(state)):
        ahead: dict[tuple[tuple[int, ...], int], tuple[int, tuple[int, ...]]] = {}
        for (made, at), (minute, path) in reached.items():
            for dock in range(problem.num_docks):
                place = int(problem.dock_location[dock])
                leg = int(problem.first_min[v, dock] if at == q else problem.return_min[v, at, dock])
                if made[place] >= state[place] or leg >= UNREACHABLE:
                    continue
                after = (*made[:place], made[place] + 1, *made[place + 1 :])
                for drop in range(q):
                    if not problem.can_serve(v, dock, drop):
                        continue
                    done = minute + leg + ride + int(problem.haul_min[v, dock, drop])
                    if (after, drop) not in ahead or done < ahead[after, drop][0]:
                        ahead[after, drop] = (done, (*path, (dock * q + drop) * 8))
        reached = ahead
    return min(reached.values(), default=(0, ()))[1]
