"""Take people off an island: question, problem, solution, check and plan, in one call."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from data.errors import TongzhouError, worded
from data.evacuation import EvacuationPlan
from data.situation import Situation
from data.text import Text
from routing.deploy.lane_book import LaneBook
from routing.evacuate.assemble import Assembly
from routing.evacuate.baselines import baselines, bottlenecks
from routing.evacuate.check import check_evacuation
from routing.evacuate.check_plan import check_plan
from routing.evacuate.posts import posts_of
from routing.evacuate.problem import EvacuationSolution, Progress, SolveOptions
from routing.evacuate.robust_island import robust_plan
from routing.evacuate.situation import Compiled, compile_evacuation
from routing.evacuate.solve import Cancelled, solve_evacuation
from routing.network.network import Network

# An inhabited island's evacuation is small: the search ends by itself once nothing gets better.
SECONDS = 4.0


class UnsoundEvacuationError(RuntimeError, TongzhouError):
    """A plan in which the solver-free check found a fault: it is shown to nobody."""


def evacuate_island(
    situation: Situation,
    network: Network,
    book: LaneBook,
    island_id: str,
    options: SolveOptions | None = None,
    on_plan: Callable[[EvacuationPlan], None] | None = None,
    cancelled: Cancelled | None = None,
    is_robust: bool = False,
) -> EvacuationPlan:
    """Return the checked plan that takes people off an island.

    ``on_plan`` hears of every better plan as it is found, without baselines; a cancelled plan has none either.
    ``is_robust`` gives the plan that holds under most outlooks of the forecast instead, with how it fares in each and
    what acting tonight is worth. Raises KeyError for an island the region does not hold and UnsoundEvacuationError if
    the check finds a fault.
    """
    compiled = compile_evacuation(situation, network, book, island_id)

    def hear(progress: Progress) -> None:
        if on_plan is not None and progress.solution is not None and progress.stage != "done":
            on_plan(sound_plan(compiled, progress.solution))

    found = solve_evacuation(compiled.problem, options or SolveOptions(seconds=SECONDS), hear, cancelled)
    robust = None
    if is_robust and situation.forecast is not None and compiled.groups:
        compiled, found, robust = robust_plan(compiled, found, network, book, island_id)
    plan = msgspec.structs.replace(sound_plan(compiled, found), robust=robust)
    if cancelled is not None and cancelled():
        return plan
    return msgspec.structs.replace(
        plan,
        baselines=baselines(compiled, found) if compiled.groups else (),
        bottlenecks=bottlenecks(compiled, found),
    )


def sound_plan(compiled: Compiled, found: EvacuationSolution) -> EvacuationPlan:
    """Return the plan of a solution once both checks found nothing; raises UnsoundEvacuationError otherwise."""
    faults = list(check_evacuation(compiled.problem, found.trips, found.timing, found.bound_min))
    plan = Assembly(compiled, found).plan()
    plan = msgspec.structs.replace(plan, posts=posts_of(plan, compiled))
    faults += check_plan(plan)
    if faults:
        raise _unsound(faults)
    return plan


def _unsound(faults: list[Text]) -> UnsoundEvacuationError:
    return worded(
        UnsoundEvacuationError(
            f"the evacuation plan broke a rule and is not shown: {faults[0].en}. Ask again, and report it if it stays."
        ),
        zh=f"撤离方案未通过核查，不予显示：{faults[0].zh}。请重试；若仍出现请上报。",
    )
