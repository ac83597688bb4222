"""From a situation to a checked plan: compile, solve, assemble, check; the alternatives of one situation."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from data.array_cache import ArrayCache
from data.errors import TongzhouError
from data.geography import Region
from data.plans import Alternative, Plan, Reason
from data.situation import Situation
from routing.check import check_plan
from routing.deploy.advice import advise, echelons_to_help
from routing.deploy.alternatives import ALTERNATIVES_IN_ORDER
from routing.deploy.assemble import assemble_plan
from routing.deploy.compile import Compiled, compile_problem
from routing.deploy.lane_book import LaneBook
from routing.deploy.plan_pool import PlanPool
from routing.deploy.problem import Progress, Solution, SolveOptions
from routing.deploy.solve import solve
from routing.network.network import Network

OnPlan = Callable[[Plan], None]
OnProgress = Callable[[Progress], None]
Cancelled = Callable[[], bool]

# Situations whose compiled problem is kept: the alternatives of a few incidents.
KEPT_PROBLEMS = 4
TELL_EVERY_S = 0.3

_log = logging.getLogger(__name__)


class UnsoundPlanError(TongzhouError):
    """A plan that its own check refuses: it is not shown."""


@dataclass
class Planner:
    """Makes plans for one region; remembers the last few situations it compiled."""

    region: Region
    network: Network
    cache: ArrayCache | None = None
    _book: LaneBook | None = None
    _compiled: OrderedDict[str, Compiled] = field(default_factory=OrderedDict)

    @property
    def book(self) -> LaneBook:
        """The lanes between all piers, worked out at first use."""
        if self._book is None:
            self._book = LaneBook.build(self.network, self.cache)
        return self._book

    def compiled(self, situation: Situation) -> Compiled:
        """Return the problem of a situation; raises NothingAskedError when no incident asks for anybody."""
        key = situation.content_hash()
        if key not in self._compiled:
            self._compiled[key] = compile_problem(situation, self.region, self.network, self.book)
            if len(self._compiled) > KEPT_PROBLEMS:
                self._compiled.popitem(last=False)
        return self._compiled[key]

    def first_plan(self, situation: Situation, alternative: Alternative = "balanced", seed: int = 1) -> Plan:
        """Return a checked plan at once: greedy, with a first bound, without compiled search."""
        return self.best_plan(situation, alternative, SolveOptions(seed=seed, iterations=0))

    def best_plan(
        self,
        situation: Situation,
        alternative: Alternative,
        options: SolveOptions,
        on_plan: OnPlan | None = None,
        on_progress: OnProgress | None = None,
        cancelled: Cancelled | None = None,
        better_than: int | None = None,
        pool: PlanPool | None = None,
    ) -> Plan:
        """Return the best checked plan found; ``on_plan`` hears of better ones on the way.

        ``pool`` holds what other alternatives of the situation have found, to start from, and takes in what this finds.

        It hears of none that is not below ``better_than`` points, and of one every ``TELL_EVERY_S`` at most:
        putting a plan together and checking it takes time from the search. Raises UnsoundPlanError if the
        check refuses the final plan; unsound ones on the way are only logged.
        """
        compiled = self.compiled(situation)
        told_at = -inf
        told_points = inf if better_than is None else better_than

        def heard(progress: Progress) -> None:
            nonlocal told_at, told_points
            if on_progress is not None:
                on_progress(progress)
            found = progress.solution
            if on_plan is None or found is None or progress.stage == "done" or found.objective.total >= told_points:
                return
            if progress.plan_at_s - told_at < TELL_EVERY_S or (pool is not None and found.baseline is None):
                return  # a start from the pool comes before there is a bound or a baseline: its gap would say 100 %
            try:
                on_plan(self._checked(compiled, found, alternative))
            except UnsoundPlanError:
                _log.exception("a plan on the way was refused by its check")
            told_at, told_points = progress.plan_at_s, found.objective.total

        problem = compiled.for_alternative(alternative)
        solution = solve(problem, options, heard, cancelled, pool.start(problem) if pool is not None else None)
        if pool is not None:
            solution = pool.keep(alternative, problem, solution)
        advice: tuple[Reason, ...] = ()
        if options.iterations != 0 and echelons_to_help(compiled, solution):  # a first plan does not wait for it
            if on_plan is not None and solution.objective.total < told_points:
                on_plan(self._checked(compiled, solution, alternative))
            advice = advise(compiled, problem, solution, cancelled, is_timed=options.iterations is None)
        return self._checked(compiled, solution, alternative, advice)

    def bettered_plan(
        self,
        situation: Situation,
        alternative: Alternative,
        options: SolveOptions,
        pool: PlanPool,
        cancelled: Cancelled | None = None,
    ) -> Plan | None:
        """Return a checked plan found for another alternative that is better for this one too, None if none is.

        Raises UnsoundPlanError if the check refuses it.
        """
        solution = pool.bettered(alternative)
        if solution is None:
            return None
        compiled = self.compiled(situation)
        advice: tuple[Reason, ...] = ()
        if options.iterations != 0 and echelons_to_help(compiled, solution):
            problem = compiled.for_alternative(alternative)
            advice = advise(compiled, problem, solution, cancelled, is_timed=options.iterations is None)
        return self._checked(compiled, solution, alternative, advice)

    def all_plans(
        self,
        situation: Situation,
        options: SolveOptions,
        on_progress: OnProgress | None = None,
        cancelled: Cancelled | None = None,
    ) -> dict[Alternative, Plan]:
        """Return the best checked plan of every alternative, each as long as ``options`` says.

        None is worse under its own weights than the plan of another. Raises UnsoundPlanError as ``best_plan`` does.
        """
        pool = PlanPool()
        plans = {
            one: self.best_plan(situation, one, options, None, on_progress, cancelled, pool=pool)
            for one in ALTERNATIVES_IN_ORDER
        }
        for one in ALTERNATIVES_IN_ORDER:
            if (better := self.bettered_plan(situation, one, options, pool, cancelled)) is not None:
                plans[one] = better
        return plans

    def _checked(
        self, compiled: Compiled, solution: Solution, alternative: Alternative, advice: tuple[Reason, ...] = ()
    ) -> Plan:
        plan = assemble_plan(compiled, solution, alternative, advice)
        faults = check_plan(plan, compiled.situation, self.region, self.network)
        if faults:
            said = "; ".join(fault.text.en for fault in faults[:3])
            raise UnsoundPlanError(f"The plan was refused by its own check ({len(faults)} faults): {said}")
        return plan


def solve_deployment(
    situation: Situation,
    region: Region,
    network: Network,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
    alternative: Alternative = "balanced",
) -> Plan:
    """Return one checked plan of a situation; keep a ``Planner`` to make several."""
    planner = Planner(region, network)
    return planner.best_plan(situation, alternative, options or SolveOptions(), None, on_progress, cancelled)
