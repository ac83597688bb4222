"""Rules for the roads of a plan: vans and buses are few, and one that is out takes nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

from data.geography import Place
from data.plans import Leg
from data.text import Text
from routing.check_context import FIELD, CheckContext, PlanFault
from routing.handling import vehicles_for


def vehicles_suffice(ctx: CheckContext) -> Iterator[PlanFault]:
    """At no moment are more vans of a station, or vehicles of an island, on the road than there are.

    A vehicle is out until it is back. Fewer vehicles than one group needs drive several times, and the group is there
    with the last of them.
    """
    out: dict[str, list[tuple[datetime, datetime, int, Leg]]] = {}
    held: dict[str, tuple[Text, int]] = {}
    for leg in ctx.plan.legs:
        if leg.mode != "road" or leg.craft_id is not None or leg.arrive_at <= leg.depart_at:
            continue
        for group_id in leg.group_ids:
            pool = _pool(ctx, leg, group_id)
            needs = _vehicles(ctx, group_id)
            if pool is None or needs == 0:
                continue
            pool_id, name, vehicles = pool
            held[pool_id] = name, vehicles
            turns = ceil(needs / vehicles)
            way = (leg.arrive_at - leg.depart_at) / (2 * turns - 1)
            if turns > 1 and (slower := _too_fast(ctx, leg, turns, way)) is not None:
                yield slower
            out.setdefault(pool_id, []).append((leg.depart_at, leg.arrive_at + way, min(needs, vehicles), leg))
    for pool_id, spans in out.items():
        name, vehicles = held[pool_id]
        for begin, _, _, leg in spans:
            at_once = sum(count for start, end, count, _ in spans if start <= begin < end)
            if at_once > vehicles:
                yield ctx.leg_fault(
                    "vehicles", leg,
                    f"{ctx.clock(begin)} {name.zh}有 {at_once} 辆车同时在外，只有 {vehicles} 辆。请让一组稍后出发。",
                    f"{at_once} vehicles of {name.en} are out at {ctx.clock(begin)} and it has {vehicles}. "
                    "Let one group set out later.",
                )  # fmt: skip
                break


def _vehicles(ctx: CheckContext, group_id: str) -> int:
    state = ctx.groups.get(group_id)
    if state is None:
        return 0
    return vehicles_for(state.group.strength, state.group.deck_slots, ctx.region.vehicle_seats)


def _pool(ctx: CheckContext, leg: Leg, group_id: str) -> tuple[str, Text, int] | None:
    """Return the pool a group's road leg takes vehicles of: its station's on the way out, the island's at a landing."""
    if leg.purpose == "last_mile":
        landing = ctx.place(leg.from_site)
        return None if landing is None or leg.from_site.startswith(FIELD) else _of_island(ctx, landing)
    state = ctx.groups.get(group_id)
    if state is None or state.site_id != state.group.home_site_id:
        return None
    station = ctx.region.stations.get(state.group.home_site_id)
    if station is None or station.vehicles is None:
        return None
    return station.id, station.name, station.vehicles


def _of_island(ctx: CheckContext, landing: Place) -> tuple[str, Text, int] | None:
    island = ctx.region.islands.get(landing.island_id)
    if island is None or island.shore_vehicles is None:
        return None
    return island.id, island.name, island.shore_vehicles


def _too_fast(ctx: CheckContext, leg: Leg, turns: int, way: timedelta) -> PlanFault | None:
    start, end = ctx.place(leg.from_site), ctx.place(leg.to_site)
    here = ctx.situation
    if start is None or end is None:
        return None
    road = ctx.network.road_route(start, end, here.closures, here.forecast, ctx.plan.start_at)
    if road is None or way >= timedelta(seconds=road.time_s) - timedelta(minutes=1):
        return None
    whole_min = (2 * turns - 1) * road.time_s / 60
    return ctx.leg_fault(
        "vehicles", leg, f"车辆不足，须往返 {turns} 趟，共约 {whole_min:.0f} 分钟。请推迟到达。",
        f"there are too few vehicles to take the group at once: {turns} turns take about {whole_min:.0f} min. "
        "Arrive later.",
    )  # fmt: skip
