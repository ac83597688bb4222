"""What the studies are: each a function of a bench and a situation, run in the studies' own process.

The rooms of the engines are imported when first asked, so that the page's process never loads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from console.study_child import Bench
from data.situation import Situation

if TYPE_CHECKING:
    from data.circles import CircleKind, CircleReport
    from data.evacuation import EvacuationPlan
    from data.holding import HoldPlan
    from data.isolation import IsolationReport, TonightValue
    from data.plans import Plan
    from data.text import Text
    from routing.deploy.lane_book import LaneBook
    from routing.isolate.foresee import Foreseer

Ring = tuple[tuple[float, float], ...]
BOARD_HOURS = 72
FIRST_S = 0.1
HOLD_S = 4.0
# It ends by itself once nothing gets better; on a busy machine that takes longer.
EVACUATION_S = 12.0


def isolation(bench: Bench, situation: Situation) -> IsolationReport:
    """Return until when each island can be left, and whom to move first."""
    return bench.keep("foreseer", lambda: _foreseer(bench)).report(situation, BOARD_HOURS)


@dataclass(frozen=True)
class Tonight:
    """What acting tonight is worth, None where its check found ``faults``."""

    value: TonightValue | None
    faults: tuple[Text, ...]


def tonight(bench: Bench, situation: Situation) -> Tonight:
    """Return what posting forces now is worth against waiting for a surer forecast."""
    report = bench.keep("foreseer", lambda: _foreseer(bench)).report(situation, BOARD_HOURS, tonight=True)
    return Tonight(report.tonight if not report.faults else None, report.faults)


def hold(
    bench: Bench, situation: Situation, island_id: str, plan: Plan | None, evacuation: EvacuationPlan | None
) -> HoldPlan:
    """Return who on an island does what until the plan's relief has taken over, the first answer before better ones.

    The posts an evacuation of the island needs are tasks like the others.
    """
    from routing.hold.island import HoldQuestion, hold_island
    from routing.hold.problem import HoldOptions

    if evacuation is not None:
        situation = msgspec.structs.replace(situation, tasks=(*situation.tasks, *evacuation.posts))

    def question(seconds: float) -> HoldQuestion:
        return HoldQuestion(bench.region, island_id, plan, options=HoldOptions(seconds=seconds, workers=1))

    bench.tell(hold_island(question(FIRST_S), situation))
    return hold_island(question(HOLD_S), situation)


def evacuation(bench: Bench, situation: Situation, island_id: str) -> EvacuationPlan:
    """Return how people are taken off an island, every better plan as it is found."""
    from routing.evacuate.answer import SolveOptions
    from routing.evacuate.evacuate import evacuate_island

    return evacuate_island(
        situation,
        bench.network,
        lanes(bench),
        island_id,
        SolveOptions(seconds=EVACUATION_S),
        on_plan=bench.tell,
        cancelled=bench.cancelled,
    )


def robust_evacuation(bench: Bench, situation: Situation, island_id: str) -> EvacuationPlan:
    """Return the plan that holds under most outlooks of the forecast, and what acting now is worth."""
    from routing.evacuate.evacuate import evacuate_island

    return evacuate_island(situation, bench.network, lanes(bench), island_id, cancelled=bench.cancelled, is_robust=True)


@dataclass(frozen=True)
class Circles:
    """The circles of an island, and their edges in lon, lat by kind."""

    report: CircleReport
    edges: dict[CircleKind, tuple[Ring, ...]]


def circles(bench: Bench, situation: Situation, island_id: str) -> Circles:
    """Return who is near each point of an island in one minute and in three."""
    from routing.circles.report import circle_report, island_stands
    from routing.circles.shapes import circle_areas

    report = circle_report(bench.region, [island_id], situation)
    areas = circle_areas(bench.region, report, island_stands(bench.region, island_id, situation))
    edges = {
        kind: tuple(tuple(part.exterior.coords) for part in area.geoms)
        for kind, area in areas.items()
        if not area.is_empty
    }
    return Circles(report, edges)  # type: ignore[arg-type]


def _foreseer(bench: Bench) -> Foreseer:
    from routing.isolate.foresee import Foreseer

    return Foreseer(bench.region, bench.network, lanes(bench))


def lanes(bench: Bench) -> LaneBook:
    """Return the region's book of lanes, read or made once."""

    def build() -> LaneBook:
        from routing.deploy.lane_book import LaneBook

        return LaneBook.build(bench.network, bench.cache)

    return bench.keep("lanes", build)
