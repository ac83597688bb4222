"""Work on bound and plan by columns together: branch for the bound, dive for plans, from what each learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from routing.deploy.columns.dive import dive
from routing.deploy.columns.echelon_rows import Box
from routing.deploy.columns.pricing import Itinerary, Ride
from routing.deploy.columns.tree import ColumnBound
from routing.deploy.draft import Candidate, DraftTables
from routing.deploy.evaluate import in_sequence
from routing.deploy.generate import Size, draw_problem
from routing.deploy.greedy import FIRST_DECAYS_MIN, complete_greedily, plan_greedily
from routing.deploy.problem import DeployProblem
from routing.deploy.reach import Reach
from routing.deploy.search_tables import SearchTables, build_search_tables
from routing.deploy.windows import EchelonWindow, echelon_windows

# Rounds of pricing between two dives: a dive takes as long as ten to twenty of them.
ROUNDS_BETWEEN_DIVES = 60
# Shares of the craft that a dive from the plan in hand plans anew, tried in turn; 1 plans all of them anew.
_FREED = (1.0, 0.3, 0.15, 0.5)


@dataclass(frozen=True, slots=True)
class ColumnTask:
    """What there is to do: a problem, the windows a better plan keeps to, the plan in hand, a bound that holds."""

    problem: DeployProblem
    windows: tuple[EchelonWindow, ...]
    plan: Candidate
    floor: int
    seed: int


class ColumnEngine:
    """Raises the bound and betters the plan of one task until it is over; what it does depends on no clock.

    ``on_bound`` and ``on_plan`` hear of each better bound and plan. ``offer`` takes in a plan found elsewhere.
    """

    def __init__(
        self,
        task: ColumnTask,
        on_bound: Callable[[int], None],
        on_plan: Callable[[Candidate], None],
        is_over: Callable[[], bool],
        reach: Reach | None = None,
        tables: SearchTables | None = None,
    ) -> None:
        problem = task.problem
        reach = reach or Reach(problem)
        self._tables = tables or build_search_tables(problem, reach)
        self._links = {tuple(link): n for n, link in enumerate(self._tables.links.tolist())}
        self._draft = DraftTables(problem)
        self._on_plan, self._is_over = on_plan, is_over
        self._rng = np.random.default_rng(task.seed)
        self._dives, self._next_dive_at = 0, 0
        self.best = task.plan
        self.bound = ColumnBound(
            problem,
            self._tables,
            reach,
            task.windows,
            task.plan[0].complete_min,
            task.plan[0].total,
            task.floor,
            on_bound,
            is_over,
            self._maybe_dive,
        )

    def run(self) -> int:
        """Work until it is over or nothing is left to decide; return the bound in points."""
        self.bound.offer(self._itineraries(self.best))
        return self.bound.run()

    def offer(self, plan: Candidate) -> bool:
        """Go on from a plan found elsewhere if it is better; says whether it is."""
        if plan[0].total >= self.best[0].total:
            return False
        self.best = plan
        self.bound.lower_budget(plan[0].total)
        self.bound.offer(self._itineraries(plan))
        return True

    def _maybe_dive(self, box: Box) -> None:
        if self.bound.rounds < self._next_dive_at or self._is_over():
            return
        problem, freed = self.bound.problem, _FREED[self._dives % len(_FREED)]
        kept: Sequence[Itinerary] = ()
        if freed < 1.0:
            kept, box = self._kept(freed), self.bound.rows.whole
        self._dives += 1
        found = dive(self.bound, _met(box), kept, self._is_over)
        if found is not None:
            if found[0].unmet:
                found = complete_greedily(problem, found, self._draft, FIRST_DECAYS_MIN)
            if self.offer(found):
                self._on_plan(found)
        self._next_dive_at = self.bound.rounds + ROUNDS_BETWEEN_DIVES

    def _kept(self, freed: float) -> list[Itinerary]:
        """Return the plan's itineraries less a share of them, those of one incident first."""
        now = self._itineraries(self.best)
        links = self._tables.links
        incident = int(self._rng.integers(self.bound.problem.num_incidents))
        drawn = self._rng.random(len(now))
        others = [0.0 if any(links[r.link, 3] == incident for r in one.rides) else 0.7 for one in now]
        order = np.argsort(drawn + np.array(others), kind="stable").tolist()
        return [now[n] for n in order[max(3, round(freed * len(now))) :]]

    def _itineraries(self, plan: Candidate) -> list[Itinerary]:
        """Return a plan's trips as itineraries, with the minutes they really arrive."""
        last_mile = self.bound.problem.last_mile_min
        rides: dict[int, list[Ride]] = {}
        for _, trip in in_sequence(plan[1]):
            link = self._links.get((trip.craft, trip.pickup, trip.landing, trip.incident))
            if link is not None:
                arrive = trip.land_min + int(last_mile[trip.landing, trip.incident])
                call = None if trip.call is None else trip.call.pickup
                rides.setdefault(trip.craft, []).append(Ride(link, arrive, tuple(sorted(trip.groups)), call))
        return [Itinerary(craft, tuple(made)) for craft, made in rides.items()]


def _met(box: Box) -> Box:
    """Return a box with each last minute a little earlier, so that missing it has a price: plans meet every echelon."""
    latest = tuple(max(low, high - 1) for low, high in zip(box.earliest, box.latest, strict=True))
    return Box(box.earliest, latest, box.trips)


def warm_up() -> None:
    """Load or compile the pricing, so that the first real bound need not wait for it."""
    problem = draw_problem(Size(6, 3, 1, 3), 1)
    plan = plan_greedily(problem, decays_min=(18.0,))
    windows = echelon_windows(problem, [0] * len(problem.echelons), plan[0].total)
    engine = ColumnEngine(ColumnTask(problem, windows, plan, 0, 1), lambda _: None, lambda _: None, lambda: False)
    engine.run()
