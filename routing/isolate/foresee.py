"""The isolation forecast of a whole archipelago: the one door of this room."""

from __future__ import annotations

from time import perf_counter

import msgspec

from data.errors import TongzhouError, worded
from data.geography import Region
from data.isolation import IsolationReport
from data.situation import Situation
from routing.deploy.lane_book import LaneBook
from routing.isolate.check import check_report
from routing.isolate.demands import SHELTERED
from routing.isolate.foresight import Foresight
from routing.isolate.moves import RULE, MovePlanner
from routing.isolate.windows import Charts
from routing.network.network import Network

MOST_HOURS = 168
HOURS = 72


class HorizonError(ValueError, TongzhouError):
    """A horizon no isolation forecast is made for."""


class Foreseer:
    """Makes isolation forecasts of one region; what does not change with the weather is worked out once and kept."""

    def __init__(self, region: Region, network: Network, book: LaneBook, havens: frozenset[str] | None = None) -> None:
        self.charts = Charts(region, network, book, havens)

    def report(self, situation: Situation, hours: int = HOURS, *, tonight: bool = False) -> IsolationReport:
        """Return the isolation forecast of a situation; raises HorizonError for hours outside 1 to 168.

        ``tonight`` adds what posting forces now is worth against waiting, which takes the solver a few seconds.
        """
        if not 1 <= hours <= MOST_HOURS:
            raise worded(
                HorizonError(f"{hours} hours cannot be foreseen. Ask for 1 to {MOST_HOURS}."),
                zh=f"不能预判 {hours} 小时。请给 1 至 {MOST_HOURS}。",
            )
        started = perf_counter()
        foresight = Foresight(self.charts, situation, hours)
        report = foresight.report()
        planner = MovePlanner(foresight, report.islands)
        moves, unmet = planner.plan()
        report = msgspec.structs.replace(
            report,
            moves=moves,
            unmet=unmet,
            visitors_planned=sum(round(one.amount) for one in moves if one.what == "visitors"),
            assumptions=(*report.assumptions, RULE, SHELTERED),
        )
        faults = check_report(report, situation, self.charts.region, self.charts.book, self.charts.havens)
        report = msgspec.structs.replace(report, faults=faults)
        if tonight:
            report = _with_tonight(report, foresight, planner)
        return msgspec.structs.replace(report, solve_s=round(perf_counter() - started, 3))


def _with_tonight(report: IsolationReport, foresight: Foresight, planner: MovePlanner) -> IsolationReport:
    from routing.isolate.tonight import ASSUMED, Tonight  # brings the solver with it

    value, faults = Tonight(foresight, planner).value()
    return msgspec.structs.replace(
        report, tonight=value, faults=(*report.faults, *faults), assumptions=(*report.assumptions, ASSUMED)
    )


def foresee(
    situation: Situation, region: Region, network: Network, book: LaneBook, hours: int = HOURS
) -> IsolationReport:
    """Return the isolation forecast of a situation; who asks more than once keeps a ``Foreseer``."""
    return Foreseer(region, network, book).report(situation, hours)
