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
from routing.evacuate.problem import UNREACHABLE, EvacuationProblem

Lists = tuple[tuple[int, ...], ...]
MOST_COLUMNS = 12_000
LONGEST_S = 2.0


class WholeBound:
    """Counts of whole trips for every vessel, by minutes that rise from one bound."""

    def __init__(self, bound: CompletionBound) -> None:
        self.bound, self.problem = bound, bound.problem
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
                return
            if len(answer) == 0:
                low = middle + 1
                yield low, None
            else:
                yield low, answer
                high = min(middle, best())

    def _solve(self, by_min: int, seconds: float, nodes: int | None) -> Lists | None:
        """Return lists for a minute, none () where it is proven too early, None where that stays open."""
        problem, rows, rate = self.problem, self.bound.rows, self.bound.rate_min
        places, vessels = problem.num_locations, problem.num_vessels
        listed = [self._listed(v, by_min) for v in range(vessels)]
        starts = np.cumsum([0, *(len(counts) for counts, _ in listed)])
        num_columns = int(starts[-1])
        # Variables: a list for each vessel, then trips [V, L] and people [V, L].
        trips_at, people_at = num_columns, num_columns + vessels * places
        cells: list[tuple[int, int, float]] = []
        low: list[float] = []
        high: list[float] = []

        def row(entries: list[tuple[int, float]], least: float, most: float) -> None:
            cells.extend((len(low), column, value) for column, value in entries)
            low.append(least)
            high.append(most)

        for v, (counts, spare) in enumerate(listed):
            own = [int(starts[v]) + k for k in range(len(counts))]
            row([(k, 1.0) for k in own], 1.0, 1.0)
            for place in range(places):
                trip, people = trips_at + v * places + place, people_at + v * places + place
                row([(trip, 1.0), *((k, -float(counts[n, place])) for n, k in enumerate(own))], -np.inf, 0.0)
                row([(people, 1.0), (trip, -float(problem.seats[v]))], -np.inf, 0.0)
            if rate[v] > 0:
                people_of = [(people_at + v * places + place, float(rate[v])) for place in range(places)]
                row([*people_of, *((k, -float(spare[n])) for n, k in enumerate(own))], -np.inf, 0.0)
        for place in range(places):
            everybody = [(people_at + v * places + place, 1.0) for v in range(vessels)]
            row(everybody, float(problem.demand[place]), np.inf)
        for limit in rows:
            entries = []
            for v in limit.vessels:
                where = range(places) if limit.place is None else (limit.place,)
                fixed, per = (
                    (problem.unload_min[v], problem.unload_s[v]) if limit.place is None
                    else (problem.load_min[v], problem.load_s[v])
                )  # fmt: skip
                for place in where:
                    entries.append((trips_at + v * places + place, float(fixed)))
                    entries.append((people_at + v * places + place, float(per) / 60.0))
            row(entries, -np.inf, limit.room(by_min))
        size = num_columns + 2 * vessels * places
        table = coo_matrix(
            ([c[2] for c in cells], ([c[0] for c in cells], [c[1] for c in cells])), shape=(len(low), size)
        ).tocsr()
        whole = np.concatenate((np.ones(num_columns + vessels * places), np.zeros(vessels * places)))
        most = np.concatenate((np.ones(num_columns), np.full(2 * vessels * places, np.inf)))
        options: dict[str, float | int] = {"time_limit": seconds} if nodes is None else {"node_limit": nodes}
        cost = np.concatenate((np.zeros(num_columns), np.ones(vessels * places), np.zeros(vessels * places)))
        solved = milp(
            cost, constraints=LinearConstraint(table, low, high), integrality=whole, bounds=Bounds(0.0, most),
            options={**options, "mip_rel_gap": 1.0},
        )  # fmt: skip
        if solved.status == 2:
            return ()
        if solved.x is None:
            return None
        chosen = [int(np.argmax(solved.x[starts[v] : starts[v + 1]])) for v in range(vessels)]
        trips = np.round(solved.x[trips_at:people_at]).reshape(vessels, places)
        return tuple(
            trip_list(problem, v, np.minimum(listed[v][0][chosen[v]], trips[v]).astype(int)) for v in range(vessels)
        )

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
