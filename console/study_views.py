"""The pages that rest on studies, filled for one seat: the isolation board, the evacuation, an island."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.i18n import both
from console.map.focus import BoardMark, Edge, Focus, HeadMark, LonLat, PointMark, Way
from console.map.states import State, states_of
from console.panels.cutoff_parts import near_clock
from console.panels.evacuation import evacuation_html, plan_scale, standing
from console.panels.evacuation_side import evacuation_side_html
from console.panels.island import IslandView, island_html, sites_of
from console.panels.island_side import island_side_html
from console.panels.isolation import due_soon, isolation_html
from console.panels.isolation_moves import moves_html
from console.seat import Seat
from console.studies import Seen, study_desk
from data.evacuation import EvacuationPlan
from data.geography import Bridge
from data.island_people import IslandPeople, island_people
from data.isolation import IsolationReport
from data.situation import Situation

if TYPE_CHECKING:
    from console.study_work import Circles
    from data.geography import Region
    from data.journal.picture import Picture
    from data.plans import Plan

NEAR_DEG = 0.02  # about an island whose shape is not known
# What the regions of these pages depend on; the language, the replayed moment and the picture come besides.
STUDY_CAUSES = (
    "view", "island_id", "studies_seen", "weather", "counts", "moves", "units", "incidents", "minute", "plans",
)  # fmt: skip


def main_html(seat: Seat) -> str:
    """Return the main part of the page the seat looks at, nothing while that is the map of the whole."""
    match seat.view:
        case "isolation":
            return _isolation(seat)
        case "evacuation":
            return _evacuation(seat)
        case "island":
            view = island_view(seat)
            return island_html(view, seat.language, can_act=seat.can_act) if view is not None else ""
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
                tonight=look(seat, "tonight"),
            )
        case "evacuation":
            seen = _evacuation_seen(seat)
            plan = seen.answer.value if seen.answer is not None else None
            scale = plan_scale(plan, seat.now, seat.world.region.timezone) if plan is not None else None
            island_id = island_of(seat)
            robust = look(seat, "robust", island_id=island_id) if plan is not None and plan.trips else Seen()
            return evacuation_side_html(seen, scale, seat.world.region, seat.now, seat.language, robust)
        case "island":
            view = island_view(seat)
            return island_side_html(view, people_of(seat, view.island.id), seat.language) if view is not None else ""
    return ""


def look(seat: Seat, name: str, beside: Mapping[str, Any] | None = None, **given: Any) -> Seen:
    """Return what is known of a study for a seat, which is told when there is news; ``beside`` as for the desk."""
    picture = seat.picture

    def cut(moment: datetime) -> Situation:
        return picture.situation(max(moment, picture.start_at or moment))

    def tell() -> None:
        seat.studies_seen += 1

    past = seat.replay_at is not None
    return study_desk(seat.world).look(seat, name, cut, seat.now, tell=tell, past=past, beside=beside, **given)


def isolation_report(seat: Seat) -> IsolationReport | None:
    """Return the report the seat is shown, if there is one."""
    return known(seat, "isolation")


def known(seat: Seat, name: str, **given: Any) -> Any:
    """Return what a study has come to so far for a seat; nothing is begun for it."""
    answer = study_desk(seat.world).known(name, past=seat.replay_at is not None, **given)
    return answer.value if answer is not None else None


def island_of(seat: Seat) -> str | None:
    """Return the island a page is of: the one opened, else the one to be evacuated, else the selected incident's."""
    region, incident = seat.world.region, seat.incident
    if seat.island_id in region.islands:
        return seat.island_id
    asked = next(iter(seat.picture.evacuations), None)
    if seat.view == "evacuation" and asked is not None:
        return asked
    if incident is not None and incident.island_id in region.islands:
        return incident.island_id
    return next(iter(region.islands), None)


def _evacuation_seen(seat: Seat) -> Seen:
    island_id = island_of(seat)
    return look(seat, "evacuation", island_id=island_id) if island_id is not None else Seen()


def _evacuation(seat: Seat) -> str:
    seen, region = _evacuation_seen(seat), seat.world.region
    return evacuation_html(seen, island_of(seat), region, seat.now, seat.language, can_act=seat.can_act)


def island_view(seat: Seat) -> IslandView | None:
    """Return what the page of the seat's island is drawn from."""
    island_id, world = island_of(seat), seat.world
    if island_id is None:
        return None
    relief = relief_plan(seat.picture, island_id)
    return IslandView(
        island=world.region.islands[island_id],
        region=world.region,
        isolation=look(seat, "isolation"),
        hold=look(
            seat,
            "hold",
            beside={"plan": relief, "evacuation": known(seat, "evacuation", island_id=island_id)},
            island_id=island_id,
        ),
        circles=look(seat, "circles", island_id=island_id),
        states=_states(seat, island_id),
        now=seat.now,
    )


def relief_plan(picture: Picture, island_id: str) -> Plan | None:
    """Return the plan in force that brings people to an island, the latest if several."""
    incidents = {one.id for one in picture.incidents.values() if one.island_id == island_id}
    found = [plan for plan in picture.accepted.values() if incidents & set(plan.incident_ids)]
    return found[-1] if found else None


def people_of(seat: Seat, island_id: str) -> IslandPeople:
    """Return who and what is on an island as known at the seat's moment."""
    return island_people(seat.picture.situation(seat.now, ()), seat.world.region, island_id)


def _states(seat: Seat, island_id: str) -> dict[str, State]:
    network, region = seat.world.network, seat.world.region
    if network is None:
        return {}
    return states_of(network, sites_of(region, island_id), seat.picture, seat.now)


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
        case "evacuation":
            return _evacuation_focus(seat)
        case "island":
            return _island_focus(seat)
    return None


def _island_focus(seat: Seat) -> Focus:
    island_id = island_of(seat)
    frame = _frame(seat, island_id)
    found: Circles | None = known(seat, "circles", island_id=island_id)
    if found is None:
        return Focus("island", frame=frame, selected_island_id=island_id)
    language, report = seat.language, found.report
    posts = {(one.place.lon_deg, one.place.lat_deg): one for posting in report.postings for one in posting.posts}
    points = [
        PointMark(
            one.point.lon_deg,
            one.point.lat_deg,
            one.point.name.said(language),
            "held" if one.self_help and one.mutual_help else "gap",
        )
        for one in report.points
        if (one.point.lon_deg, one.point.lat_deg) not in posts
    ]
    words = both("circles.post_mark").said(language)
    points += [PointMark(lon, lat, f"{words} {one.people}", "post") for (lon, lat), one in posts.items()]
    edges = tuple(Edge(kind, ring) for kind, rings in found.edges.items() for ring in rings)
    return Focus("island", frame=frame, edges=edges, points=tuple(points), selected_island_id=island_id)


def _frame(seat: Seat, island_id: str | None) -> tuple[LonLat, ...]:
    """Return the corners of what shows an island whole, with its piers."""
    region = seat.world.region
    if island_id is None:
        return ()
    shape = region.island_polygons.get(island_id)
    points = [(one.lon_deg, one.lat_deg) for one in sites_of(region, island_id) if not isinstance(one, Bridge)]
    if shape is not None:
        west, south, east, north = shape.bounds
        points += [(west, south), (east, north)]
    island = region.islands[island_id]
    if len(points) > 1:
        return tuple(points)
    lon, lat = island.lon_deg, island.lat_deg
    return (lon - NEAR_DEG, lat - NEAR_DEG), (lon + NEAR_DEG, lat + NEAR_DEG)


def _evacuation_focus(seat: Seat) -> Focus:
    island_id = island_of(seat)
    plan: EvacuationPlan | None = known(seat, "evacuation", island_id=island_id)
    frame = _frame(seat, island_id)
    if plan is None:
        return Focus("evacuation", frame=frame, selected_island_id=island_id)
    heads = [
        HeadMark(one.lon_deg, one.lat_deg, str(standing(one.waiting, seat.now)), one.name.said(seat.language))
        for one in plan.musters
        if one.lon_deg is not None and one.lat_deg is not None
    ]
    heads += [
        HeadMark(one.lon_deg, one.lat_deg, str(standing(one.steps, seat.now)), one.name.said(seat.language))
        for one in plan.piers
        if one.role == "pick_up" and one.open and one.lon_deg is not None and one.lat_deg is not None
    ]
    ways = [Way("walk", one.walk_path) for one in plan.musters if len(one.walk_path) > 1]
    ways += [Way("crossing", path) for path in dict.fromkeys(one.path for one in plan.trips) if len(path) > 1]
    return Focus("evacuation", frame=frame, heads=tuple(heads), ways=tuple(ways), selected_island_id=island_id)


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
