"""Answer a request to re-plan: a repaired plan at once, then a better one whose changes are worth their price."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from data.errors import TongzhouError, worded
from data.text import Text
from routing.deploy.draft import DraftTables
from routing.deploy.evaluate import score
from routing.deploy.faults import find_faults
from routing.deploy.problem import Direct, Progress, Score, Solution, SolveOptions, Trip
from routing.deploy.solve import solve
from routing.replan.ahead import Ahead, Draft
from routing.replan.blend import Blender
from routing.replan.changes import changed_groups, tasks_of
from routing.replan.check import find_replan_faults
from routing.replan.difference import Change, Names, PlanStory, list_changes
from routing.replan.events import Event, GroupAt, GroupLost
from routing.replan.repair import completed, keep_what_stands, planned_anew
from routing.replan.request import ReplanRequest

Cancelled = Callable[[], bool]

# Share of the time for the solver; the rest takes back what is not worth its price.
_SOLVE_SHARE = 0.75
# Answers a repair may look at to bring a plan made anew nearer to the plan in force.
_REPAIR_BLENDS = 15
# Answers of the solver that are blended, the last and best first.
_BLENDED = 4
# Answers a blend may look at when moves replace the clock, one for so many moves.
_MOVES_A_BLEND = 50


class UnsoundReplanError(TongzhouError):
    """A re-planned deployment that its own check refuses: it is not shown."""


@dataclass(frozen=True)
class Replanned:
    """A checked whole plan: what has begun, what is new, what it costs, and what it changes.

    ``change_points`` is the price of the changes in all; it is no part of ``objective``. ``bound`` is a lower bound of
    the points of any answer to the request, changes unpriced. ``standing`` are the events the next request is given
    with this plan.
    """

    trips: tuple[Trip, ...]
    directs: tuple[Direct, ...]
    under_way: tuple[Trip, ...]
    objective: Score
    bound: float
    bound_assumes: tuple[Text, ...]
    changes: tuple[Change, ...]
    changed_groups: frozenset[int]
    change_points: int
    standing: tuple[Event, ...]
    seconds: float
    seed: int

    @property
    def gap(self) -> float:
        """How far from the best answer the plan may be at most, 0..1 of its own points, changes unpriced."""
        total = self.objective.total
        return 0.0 if total <= 0 else max(0.0, (total - self.bound) / total)


class Replanning:
    """One request being answered; build it once, then repair and re-optimise.

    Raises ReplanFaultError where a pin cannot be kept.
    """

    def __init__(self, request: ReplanRequest, names: Names | None = None) -> None:
        self._began = perf_counter()
        self.request, self._names = request, names or Names()
        self.ahead = Ahead.of(request)
        self._repaired: Draft | None = None

    def repair(self) -> Replanned:
        """Return the plan in force repaired within milliseconds, changes priced. Checked.

        What is broken is left out and the rest completed greedily, or a greedy plan of all that is left is brought
        nearer to the plan in force, whichever is cheaper.
        """
        return self._answer(self._repaired_draft(), 0.0, (), 0)

    def reoptimise(self, options: SolveOptions | None = None, cancelled: Cancelled | None = None) -> Replanned:
        """Return the best answer found within the time, changes priced; the repaired plan at worst. Checked.

        With ``options.iterations`` moves replace the clock and the same seed gives the same answer.
        """
        options = options or SolveOptions(seconds=1.5)
        until = perf_counter() + options.seconds
        repaired = self._repaired_draft()
        left_s = max(0.05, (until - perf_counter()) * _SOLVE_SHARE)
        moves = options.iterations
        heard: list[Solution] = []

        def hear(progress: Progress) -> None:
            if progress.solution is not None:
                heard.append(progress.solution)

        given = SolveOptions(left_s, options.seed, options.workers, moves)
        found = solve(self.ahead.apart.problem, given, hear, cancelled, self.ahead.as_a_start(repaired))

        def is_over() -> bool:
            if cancelled is not None and cancelled():
                return True
            return blender.tried * _MOVES_A_BLEND >= moves if moves is not None else perf_counter() >= until

        blender = Blender(self.ahead, is_over)
        best = repaired
        for solution in reversed(heard[-_BLENDED:]):
            solved = self.ahead.drafted(solution.trips, solution.directs)
            if solved is not None:
                for one, other in ((solved, repaired), (repaired, solved)):
                    best = blender.better(best, blender.towards(one, other))
        return self._answer(best, found.bound, found.bound_assumes, options.seed)

    def _repaired_draft(self) -> Draft:
        if self._repaired is None:
            ahead, tables = self.ahead, DraftTables(self.ahead.apart.problem)
            kept = keep_what_stands(ahead)
            blender = Blender(ahead, lambda: blender.tried >= _REPAIR_BLENDS)
            best = blender.better(kept, completed(ahead, kept, tables))
            if (anew := planned_anew(ahead, tables)) is not None:
                best = blender.better(best, blender.towards(anew, best))
            self._repaired = best
        return self._repaired

    def _answer(self, draft: Draft, open_bound: float, assumes: tuple[Text, ...], seed: int) -> Replanned:
        request, ahead = self.request, self.ahead
        trips, directs = ahead.whole_plan(draft)
        objective = ahead.score(trips, directs)
        faults = find_replan_faults(request, trips, directs, objective)
        whole_directs = ahead.directs_in_whole_problem(directs)
        faults += find_faults(ahead.whole_problem, ahead.in_whole_problem(trips), whole_directs)
        if faults:
            raise worded(
                UnsoundReplanError(f"The new plan was refused by its own check ({len(faults)} faults): {faults[0]}"),
                zh=f"新方案未通过自身核查（{len(faults)} 处）：{faults[0]}",
            )
        before = score(request.problem, request.trips, request.directs)
        changed = changed_groups(tasks_of(request.trips, request.directs), tasks_of(trips, directs))
        return Replanned(
            trips=trips,
            directs=directs,
            under_way=ahead.under_way.trips,
            objective=objective,
            bound=min(open_bound + ahead.spent, float(objective.total)) if open_bound else 0.0,
            bound_assumes=assumes,
            changes=list_changes(
                PlanStory(request.problem, request.trips, request.directs, before),
                PlanStory(ahead.world, trips, directs, objective),
                self._names,
            ),
            changed_groups=changed,
            change_points=request.change_points * len(changed),
            standing=self._standing(trips),
            seconds=perf_counter() - self._began,
            seed=seed,
        )

    def _standing(self, trips: tuple[Trip, ...]) -> tuple[Event, ...]:
        """Return the events that hold on, with where the groups of broken-off trips are."""
        ahead = self.ahead
        known = {e.group for e in self.request.of(GroupLost)}
        lost = tuple(GroupLost(g) for g in sorted(ahead.under_way.lost_groups - known))
        ride = {g: t for t in trips for g in t.groups}
        stand = []
        for at in ahead.under_way.at_pickup:
            to = ride.get(at.group)
            moved = to is not None and to.pickup != at.pickup
            stand.append(GroupAt(at.group, to.pickup, to.board_min) if moved and to is not None else at)
        kept = tuple(e for e in self.request.all_events if not isinstance(e, GroupAt))
        return (*kept, *lost, *stand)


def replan(request: ReplanRequest, options: SolveOptions | None = None, names: Names | None = None) -> Replanned:
    """Return the best checked answer to a request; keep a ``Replanning`` to show the repaired plan first."""
    return Replanning(request, names).reoptimise(options)
