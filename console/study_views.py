"""The pages that rest on studies, filled for one seat: the isolation board, the evacuation, an island."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.map.focus import BoardMark, Focus
from console.panels.cutoff_parts import near_clock
from console.panels.isolation import due_soon, isolation_html
from console.panels.isolation_moves import moves_html
from console.seat import Seat
from console.studies import Seen, study_desk
from data.isolation import IsolationReport
from data.situation import Situation

if TYPE_CHECKING:
    from data.geography import Region

# What the regions of these pages depend on; the language, the replayed moment and the picture come besides.
STUDY_CAUSES = (
    "view", "island_id", "studies_seen", "weather", "counts", "moves", "units", "incidents", "minute", "plans",
)  # fmt: skip


def main_html(seat: Seat) -> str:
    """Return the main part of the page the seat looks at, nothing while that is the map of the whole."""
    match seat.view:
        case "isolation":
            return _isolation(seat)
    return ""


def side_html(seat: Seat) -> str:
    """Return what stands beside the main part, under the map."""
    match seat.view:
        case "isolation":
            return moves_html(
                look(seat, "isolation"),
                seat.picture.moves,
                seat.world.region,
                seat.now,
                seat.language,
                can_act=seat.can_act,
            )
    return ""


def look(seat: Seat, name: str, **given: Any) -> Seen:
    """Return what is known of a study for a seat, which is told when there is news."""
    picture = seat.picture

    def cut(moment: datetime) -> Situation:
        return picture.situation(max(moment, picture.start_at or moment))

    def tell() -> None:
        seat.studies_seen += 1

    past = seat.replay_at is not None
    return study_desk(seat.world).look(seat, name, cut, seat.now, tell=tell, past=past, **given)


def isolation_report(seat: Seat) -> IsolationReport | None:
    """Return the report the seat is shown, if there is one."""
    answer = look(seat, "isolation").answer
    return answer.value if answer is not None else None


def _isolation(seat: Seat) -> str:
    seen, region = look(seat, "isolation"), seat.world.region
    return isolation_html(
        seen,
        region,
        seat.picture.forecast,
        seat.now,
        seat.island_id,
        seat.language,
        wind_zone=_wind_zone(seat, seen, region),
    )


def _wind_zone(seat: Seat, seen: Seen, region: Region) -> str | None:
    """Return the zone whose wind stands over the board: that of the island which is cut off first."""
    report: IsolationReport | None = seen.answer.value if seen.answer is not None else None
    first = report.islands[0] if report is not None and report.islands else None
    network = seat.world.network
    if first is None or network is None:
        return next(iter(region.zones), None)
    return network.zone_of(first.lon_deg, first.lat_deg)


def focus_of(seat: Seat) -> Focus | None:
    """Return what the seat's page wants of the map, None for the picture of the whole."""
    match seat.view:
        case "isolation":
            return _isolation_focus(seat)
    return None


def _isolation_focus(seat: Seat) -> Focus:
    report, region, now = isolation_report(seat), seat.world.region, seat.now
    if report is None:
        return Focus("isolation", selected_island_id=seat.island_id)
    due, marks = due_soon(report, now), []
    for one in report.islands:
        if one.standing not in ("closing", "cut_off"):
            continue
        until = one.last_safe_departure.likely if one.standing == "closing" else None
        marks.append(
            BoardMark(
                island_id=one.island_id,
                lon_deg=one.lon_deg,
                lat_deg=one.lat_deg,
                number=one.rank,
                name=one.name.said(seat.language),
                until=near_clock(until, now, region.timezone, seat.language) if until is not None else "",
                due=one.island_id in due,
                cut=one.standing == "cut_off",
            )
        )
    return Focus("isolation", marks=tuple(marks), selected_island_id=seat.island_id)
