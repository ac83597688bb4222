"""The crowd-control posts an evacuation needs: marshals at muster points, guides on the way, a line at the pier."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from data.evacuation import EvacuationPlan
from data.geography import Place
from data.holding import HoldTask
from data.local_teams import CrewNeed, TaskKind
from data.text import Text
from routing.evacuate.situation import Compiled, muster_place
from routing.network.projection import WGS84

# Assumed, after the usual ratios of public events: one steward for 50 in a queue, one for 100 who wait, one guide
# for 250 m of way.
STANDING_A_STEWARD, WAITING_A_MARSHAL, WAY_A_GUIDE_M = 50, 100, 250.0
LEAST_CREW = 2
TURN_MIN = 60
PIER_VALUE, MUSTER_VALUE, WAY_VALUE = 9, 7, 6


def posts_of(plan: EvacuationPlan, compiled: Compiled) -> tuple[HoldTask, ...]:
    """Return the posts of a plan, from its first call until its last craft leaves."""
    if not plan.trips:
        return ()
    start = plan.at
    island = compiled.asked.ask.island_id
    found = []
    for use in plan.piers:
        if use.role != "pick_up" or not use.persons:
            continue
        last = max(trip.depart_at for trip in plan.trips if trip.from_pier == use.pier_id)
        first = min(trip.load_from for trip in plan.trips if trip.from_pier == use.pier_id)
        place = compiled.region.place(use.pier_id)
        name = Text(f"{use.name.zh}候船维序", f"Queue in line at {use.name.en}")
        crew = max(LEAST_CREW, ceil(use.peak / STANDING_A_STEWARD))
        found.append(
            _post(plan, island, f"line-{use.pier_id}", "crowd_line", name, place, start, first, last, crew, PIER_VALUE)
        )
    for muster in plan.musters:
        pier = next((one for one in plan.piers if one.pier_id == muster.pier_id), None)
        if muster.pier_id is None or not muster.persons or pier is None:
            continue
        last = muster.waiting[-1].at if muster.waiting else start
        asked = next(one for one in compiled.asked.ask.musters if one.id == muster.id)
        here, there = muster_place(asked, island), compiled.region.place(muster.pier_id)
        name = Text(f"{muster.name.zh}集合点维序", f"Marshals at {muster.name.en}")
        crew = max(LEAST_CREW, ceil(muster.peak / WAITING_A_MARSHAL))
        found.append(
            _post(plan, island, f"muster-{muster.id}", "crowd_line", name, here, start, start, last, crew, MUSTER_VALUE)
        )
        metres = float(WGS84.inv(here.lon_deg, here.lat_deg, there.lon_deg, there.lat_deg)[2])
        guides = max(LEAST_CREW, ceil(metres / WAY_A_GUIDE_M))
        half = Place(
            id=f"way-{muster.id}",
            kind="field",
            name=Text(f"{muster.name.zh}至{there.name.zh}途中", f"between {muster.name.en} and {there.name.en}"),
            island_id=island,
            lon_deg=(here.lon_deg + there.lon_deg) / 2,
            lat_deg=(here.lat_deg + there.lat_deg) / 2,
        )
        name = Text(f"{muster.name.zh}至{there.name.zh}引导", f"Guides from {muster.name.en} to {there.name.en}")
        last += timedelta(minutes=muster.walk_min)
        found.append(
            _post(plan, island, f"way-{muster.id}", "guide", name, half, start, start, last, guides, WAY_VALUE)
        )
    return tuple(found)


def _post(
    plan: EvacuationPlan,
    island: str,
    post_id: str,
    kind: TaskKind,
    name: Text,
    place: Place,
    earliest: datetime,
    latest: datetime,
    until: datetime,
    people: int,
    value: int,
) -> HoldTask:
    duration = max(TURN_MIN, ceil((until - earliest).total_seconds() / 60))
    return HoldTask(
        id=f"{plan.id}-{post_id}",
        template_id=None,
        kind=kind,
        name=name,
        island_id=island,
        place=place,
        earliest_at=earliest,
        latest_at=max(latest, earliest + timedelta(minutes=15)),
        duration_min=duration,
        slot_min=TURN_MIN,
        crew=(CrewNeed(people=people, skill=None),),
        after=frozenset(),
        value=value,
        origin="evacuation",
        origin_id=plan.id,
    )
