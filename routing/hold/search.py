"""Make a plan better by compiled ruin and rebuild; seeded, limited by rounds and not by a clock."""

from __future__ import annotations

import numpy as np

from routing.hold.greedy import add_greedily
from routing.hold.problem import HoldProblem
from routing.hold.search_moves import anneal, score
from routing.hold.search_tables import HoldState, HoldTables, build_room, build_tables, copy_state, empty_state

# Points: hot enough to give up a task of value one now and then, warm enough to move between plans of one value, and
# cold enough to mind single minutes; what is warm finds tasks, what is cold only saves lateness and gets the rest.
HOT_POINTS, WARM_POINTS, COLD_POINTS = 80_000.0, 10_000.0, 300.0
_WARM_SHARE = 0.85
# Tasks taken out in one step.
_MOST_TAKEN = 8
_LOWEST = -(1 << 62)


class HoldSearch:
    """One chain of the search; ``best`` is the best plan it has seen, ``points`` are its points."""

    def __init__(self, problem: HoldProblem, seed: int, tables: HoldTables | None = None) -> None:
        self.problem, self.seed = problem, seed
        self.tables = build_tables(problem) if tables is None else tables
        self.state = empty_state(problem)
        self.best, self._trial = copy_state(self.state), copy_state(self.state)
        self.room = build_room(problem)
        self._points = np.array([_LOWEST, 0], dtype=np.int64)
        self.rounds = self.iterations = 0
        self._keep()

    @property
    def points(self) -> int:
        """The points of the best plan."""
        return int(self._points[0])

    def start_from(self, state: HoldState) -> None:
        """Go on from a plan found elsewhere."""
        self.state.whole[:] = state.whole
        self._keep()

    def add_greedily(self) -> None:
        """Enter what can be entered as it stands."""
        add_greedily(self.tables, self.state, self.room)
        self._keep()

    def run(self, iterations: int, hot: float, cold: float) -> bool:
        """Ruin and rebuild so many times, cooling from one heat to the other; says whether the best became better."""
        before = self.points
        if self.problem.num_tasks == 0 or self.problem.num_people == 0:
            return False
        seed = (self.seed * 7919 + self.rounds) % (2**31)
        anneal(
            self.tables,
            self.state,
            self._trial,
            self.best,
            self.room,
            self._points,
            seed,
            iterations,
            hot,
            cold,
            _MOST_TAKEN,
        )
        self.rounds += 1
        self.iterations += iterations
        return self.points > before

    def _keep(self) -> None:
        value, late, changed = score(self.tables, self.state)
        points = 100_000 * int(value) - int(late) - int(changed)
        if points > self.points:
            self._points[0] = points
            self.best.whole[:] = self.state.whole


def heat_at(share: float) -> float:
    """Return the heat in points when a share of the search is over."""
    share = min(1.0, max(0.0, share))
    if share < _WARM_SHARE:
        return float(HOT_POINTS * (WARM_POINTS / HOT_POINTS) ** (share / _WARM_SHARE))
    return float(WARM_POINTS * (COLD_POINTS / WARM_POINTS) ** ((share - _WARM_SHARE) / (1.0 - _WARM_SHARE)))


def warm_up() -> None:
    """Load or compile what the first solve would otherwise wait for: search, repair, reasons and the solver library."""
    from routing.hold.bound import trivial_bound
    from routing.hold.generate import HoldSize, draw_hold
    from routing.hold.problem import Fixed
    from routing.hold.reasons import find_unmet
    from routing.hold.repair import carry_over

    problem = draw_hold(HoldSize(6, 6), 0.5, 1)
    trivial_bound(problem)
    search = HoldSearch(problem, 1)
    search.add_greedily()
    search.run(5, 1_000.0, 100.0)
    carry_over(problem, search.tables, search.room, (Fixed(0, 0, (0,)),))
    find_unmet(problem, search.tables, empty_state(problem), search.room)
