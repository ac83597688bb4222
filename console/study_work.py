"""What the studies are: each a function of a bench and a situation, run in the studies' own process.

The rooms of the engines are imported when first asked, so that the page's process never loads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.study_child import Bench
from data.situation import Situation

if TYPE_CHECKING:
    from data.holding import HoldPlan
    from data.isolation import IsolationReport
    from data.plans import Plan
    from routing.deploy.lane_book import LaneBook
    from routing.isolate.foresee import Foreseer

BOARD_HOURS = 72
FIRST_S = 0.1
HOLD_S = 4.0


def isolation(bench: Bench, situation: Situation) -> IsolationReport:
    """Return until when each island can be left, and whom to move first."""
    return bench.keep("foreseer", lambda: _foreseer(bench)).report(situation, BOARD_HOURS)


def hold(bench: Bench, situation: Situation, island_id: str, plan: Plan | None) -> HoldPlan:
    """Return who on an island does what until the plan's relief has taken over, the first answer before better ones."""
    from routing.hold.island import HoldQuestion, hold_island
    from routing.hold.problem import HoldOptions

    def question(seconds: float) -> HoldQuestion:
        return HoldQuestion(bench.region, island_id, plan, options=HoldOptions(seconds=seconds))

    bench.tell(hold_island(question(FIRST_S), situation))
    return hold_island(question(HOLD_S), situation)


def _foreseer(bench: Bench) -> Foreseer:
    from routing.isolate.foresee import Foreseer

    return Foreseer(bench.region, bench.network, lanes(bench))


def lanes(bench: Bench) -> LaneBook:
    """Return the region's book of lanes, read or made once."""

    def build() -> LaneBook:
        from routing.deploy.lane_book import LaneBook

        return LaneBook.build(bench.network, bench.cache)

    return bench.keep("lanes", build)
