"""Rules for the trips of a plan: seats, deck, handling, travel times, berthing, berths, limits and closures, range."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from math import isfinite

from data.errors import NotAtSeaError
from data.forces import CraftClass
from data.geography import Place
from data.plans import Leg
from routing.check_context import FIELD, CheckContext, PlanFault
from routing.handling import load_minutes, unload_minutes, usable_range_m
from routing.movement import distance_m
from routing.network.air import flight_time_s
from routing.network.projection import WGS84

# Plans are in whole minutes: a leg may be this much shorter than its route's exact time.
ROUNDING_S = 60.0
# Lengths are copied from routes; more than this apart and one of them was edited.
LENGTH_TOLERANCE = 0.02
METRES_A_MILE = 1852.0


def seats_and_deck_suffice(ctx: CheckContext) -> Iterator[PlanFault]:
    """Persons are counted right, fit the seats, and their vehicles fit the deck."""
    for leg in ctx.plan.legs:
        groups = [ctx.groups[g].group for g in leg.group_ids if g in ctx.groups]
        persons = sum(group.strength for group in groups)
        if len(groups) == len(leg.group_ids) and persons != leg.persons:
            yield ctx.leg_fault(
                "persons", leg, f"写明 {leg.persons} 人，实为 {persons} 人。请改正人数。",
                f"it says {leg.persons} persons but its groups are {persons}. Correct the count.",
            )  # fmt: skip
        craft_class = ctx.class_of(leg.craft_id)
        if craft_class is None:
            continue
        if persons > craft_class.seats:
            yield ctx.leg_fault(
                "seats", leg, f"{persons} 人超过 {craft_class.seats} 座。请至少减 {persons - craft_class.seats} 人。",
                f"{persons} persons on {craft_class.seats} seats. Take {persons - craft_class.seats} or more off.",
            )  # fmt: skip
        slots = sum(group.deck_slots for group in groups)
        if slots > craft_class.deck_slots:
            yield ctx.leg_fault(
                "deck", leg, f"车辆需 {slots} 个车位，甲板只有 {craft_class.deck_slots} 个。请换用登陆艇或车客渡。",
                f"vehicles need {slots} deck slots, it has {craft_class.deck_slots}. Use a craft with a deck.",
            )  # fmt: skip


def handling_takes_its_time(ctx: CheckContext) -> Iterator[PlanFault]:
    """Loading and unloading last at least as long as the class needs."""
    for leg in ctx.calls:
        craft_class = ctx.class_of(leg.craft_id)
        if craft_class is None:
            continue
        if leg.board_at is None or leg.depart_at - leg.board_at < timedelta(minutes=load_minutes(craft_class)):
            yield ctx.leg_fault(
                "handling", leg, f"先行停靠上客至少要 {load_minutes(craft_class)} 分钟。请写明上客时间并推迟出发。",
                f"loading at the earlier pickup takes {load_minutes(craft_class)} min at least. Say when it starts, "
                "and depart later.",
            )  # fmt: skip
    for leg in ctx.carries:
        craft_class = ctx.class_of(leg.craft_id)
        if craft_class is None:
            continue
        if leg.board_at is None or leg.unloaded_at is None:
            yield ctx.leg_fault(
                "handling", leg, "缺少开始上客或离船完毕的时间。请补上。",
                "it does not say when boarding starts or when all are ashore. Add both.",
            )  # fmt: skip
            continue
        load, unload = load_minutes(craft_class), unload_minutes(craft_class)
        if leg.depart_at - leg.board_at < timedelta(minutes=load):
            yield ctx.leg_fault(
                "handling",
                leg,
                f"上客至少要 {load} 分钟。请推迟出发。",
                f"loading takes {load} min at least. Depart later.",
            )
        if leg.unloaded_at - leg.arrive_at < timedelta(minutes=unload):
            yield ctx.leg_fault(
                "handling", leg, f"离船至少要 {unload} 分钟。请推迟离船完毕时间。",
                f"unloading takes {unload} min at least. Let all be ashore later.",
            )  # fmt: skip


def calls_lead_to_a_carry(ctx: CheckContext) -> Iterator[PlanFault]:
    """Who boarded at an earlier pickup is carried on by the same craft from the next one, where others board too."""
    for leg in ctx.calls:
        after = [one for one in ctx.carries if one.craft_id == leg.craft_id and one.depart_at >= leg.arrive_at]
        carry = min(after, key=lambda one: one.depart_at, default=None)
        aboard = set(leg.group_ids)
        if carry is None or carry.from_site != leg.to_site or not aboard or not aboard < set(carry.group_ids):
            yield ctx.leg_fault(
                "call", leg, "先行停靠上船的人员没有由同一载具从下一码头继续运送。请补上运送，或删去此次停靠。",
                "those who board at the earlier pickup are not carried on by the same craft from the next one, with "
                "others. Add that leg, or leave the call out.",
            )  # fmt: skip


def legs_take_their_time(ctx: CheckContext) -> Iterator[PlanFault]:
    """No leg is faster than the network allows, and its length is the route's.

    One that had departed when the plan was re-planned may be longer: it may have turned back.
    """
    for leg in ctx.plan.legs:
        start, end = ctx.place(leg.from_site), ctx.place(leg.to_site)
        if start is None or end is None:
            continue
        found = _quickest(ctx, leg, start, end)
        if found is None:
            yield ctx.leg_fault(
                "no-way",
                leg,
                "两地之间此时没有通路。请改走其他路线。",
                "there is no way between the two then. Go another way.",
            )
            continue
        travel_s, length_m = found
        given_s = (leg.arrive_at - leg.depart_at).total_seconds()
        if given_s < travel_s - ROUNDING_S:
            yield ctx.leg_fault(
                "too-fast", leg, f"用时 {given_s / 60:.0f} 分钟，实际至少 {travel_s / 60:.0f} 分钟。请推迟到达。",
                f"it takes {travel_s / 60:.0f} min at least, not {given_s / 60:.0f}. Arrive later.",
            )  # fmt: skip
        off_m = leg.length_m - length_m
        if ctx.was_under_way(leg):
            off_m = min(off_m, 0.0)
        if abs(off_m) > LENGTH_TOLERANCE * length_m + 1.0:
            yield ctx.leg_fault(
                "length", leg, f"里程写作 {leg.length_m / 1000:.1f} km，实为 {length_m / 1000:.1f} km。请改正。",
                f"its length is given as {leg.length_m / 1000:.1f} km but is {length_m / 1000:.1f} km. Correct it.",
            )  # fmt: skip


def _quickest(ctx: CheckContext, leg: Leg, start: Place, end: Place) -> tuple[float, float] | None:
    """Return a leg's least seconds and its metres at the moments it may have been decided; None without a way."""
    if ctx.was_under_way(leg) or leg.craft_id is None:
        moments = ctx.decided_at
    else:
        moments = ctx.decided_at[-1:]
    ways = [_route_s_and_m(ctx, moment, leg, start, end) for moment in moments]
    if (known := ctx.as_known(leg)) is not ctx:
        ways += [_route_s_and_m(known, moment, leg, start, end) for moment in moments]
    return min((way for way in ways if way is not None), default=None)


def _route_s_and_m(
    ctx: CheckContext, decided_at: datetime, leg: Leg, start: Place, end: Place
) -> tuple[float, float] | None:
    """Return a leg's seconds as the sea and the roads are at a moment, and its metres; None where there is no way."""
    if (start.lon_deg, start.lat_deg) == (end.lon_deg, end.lat_deg):
        return 0.0, 0.0
    here = ctx.situation
    if leg.mode in ("road", "foot"):
        road = ctx.network.road_route(start, end, here.closures, here.forecast, decided_at)
        return None if road is None else (road.time_s, road.length_m)
    craft_class = ctx.class_of(leg.craft_id)
    if craft_class is None:
        return 0.0, leg.length_m
    if leg.mode == "air":
        flown_m = _straight_m(start, end)
        return flight_time_s(flown_m, craft_class), flown_m
    try:
        # From the landing back: there are few landings, and the network remembers the searches from a place.
        time_s = ctx.network.sea_times_s([end], [start], craft_class, here.forecast, decided_at)[0, 0]
        length_m = ctx.network.sea_lengths_m([start, end])[0, 1]
    except NotAtSeaError:
        return None
    return (float(time_s), float(length_m)) if isfinite(time_s) else None


def _straight_m(start: Place, end: Place) -> float:
    return float(WGS84.inv(start.lon_deg, start.lat_deg, end.lon_deg, end.lat_deg)[2])


def craft_can_berth(ctx: CheckContext) -> Iterator[PlanFault]:
    """A craft loads and lands only where its class can; fields are for craft that may use them."""
    for leg in (*ctx.calls, *ctx.carries):
        craft_class = ctx.class_of(leg.craft_id)
        if craft_class is None:
            continue
        for site_id, name in ((leg.from_site, leg.from_name), (leg.to_site, leg.to_name)):
            offered = _offered(ctx, site_id)
            if not craft_class.berthing & offered:
                needs = "/".join(sorted(craft_class.berthing))
                yield ctx.leg_fault(
                    "berthing", leg, f"{craft_class.name.zh}不能在{name.zh}停靠（需要 {needs}）。请换码头或载具。",
                    f"a {craft_class.name.en} cannot berth at {name.en}: it needs {needs}. "
                    "Use another landing or craft.",
                )  # fmt: skip


def _offered(ctx: CheckContext, site_id: str) -> frozenset[str]:
    if site_id.startswith(FIELD):
        return frozenset({"field"})
    if pier := ctx.region.piers.get(site_id):
        return frozenset(pier.berthing)
    return frozenset({"helipad"}) if site_id in ctx.region.helipads else frozenset()


def berths_suffice(ctx: CheckContext) -> Iterator[PlanFault]:
    """At no moment do more craft load and unload at a pier or pad than it has berths."""
    held: dict[str, list[tuple[datetime, datetime, Leg]]] = {}
    for leg in ctx.calls:
        craft_class = ctx.class_of(leg.craft_id)
        if craft_class is not None:
            loading_from = leg.depart_at - timedelta(minutes=load_minutes(craft_class))
            held.setdefault(leg.from_site, []).append((loading_from, leg.depart_at, leg))
    for leg in ctx.carries:
        craft_class = ctx.class_of(leg.craft_id)
        if craft_class is None or leg.board_at is None or leg.unloaded_at is None:
            continue
        # A craft waits off the berth; it holds one only while people move.
        loading_from = leg.depart_at - timedelta(minutes=load_minutes(craft_class))
        held.setdefault(leg.from_site, []).append((loading_from, leg.depart_at, leg))
        unloading_from = leg.unloaded_at - timedelta(minutes=unload_minutes(craft_class))
        held.setdefault(leg.to_site, []).append((unloading_from, leg.unloaded_at, leg))
    for site_id, spans in held.items():
        berths = _berths(ctx, site_id)
        for begin, _, leg in spans:
            at_once = sum(1 for start, end, _ in spans if start <= begin < end)
            if at_once > berths:
                place = ctx.place(site_id)
                name = place.name if place else leg.to_name
                yield ctx.leg_fault(
                    "berths", leg,
                    f"{ctx.clock(begin)} 有 {at_once} 艘/架同时占用{name.zh}，只有 {berths} 个泊位。请错开时间。",
                    f"{at_once} craft are at {name.en} at {ctx.clock(begin)} and it has {berths}. Let one wait.",
                )  # fmt: skip
                break


def _berths(ctx: CheckContext, site_id: str) -> int:
    if pier := ctx.region.piers.get(site_id):
        return pier.berths
    pad = ctx.region.helipads.get(site_id)
    return pad.pads if pad else 1


def limits_and_closures_hold(ctx: CheckContext) -> Iterator[PlanFault]:
    """No craft leaves, passes or lands where weather, darkness or a closure forbids it at that time.

    Legs that had departed when the plan was re-planned are judged by what was known before.
    """
    for leg in ctx.plan.legs:
        craft_class = ctx.class_of(leg.craft_id)
        if craft_class is None:
            continue
        known = ctx.as_known(leg)
        for site_id, moment in ((leg.from_site, leg.depart_at), (leg.to_site, leg.arrive_at)):
            yield from _closed_end(known, leg, craft_class, site_id, moment)
        yield from _closed_way(known, leg, craft_class)


def _closed_end(
    ctx: CheckContext, leg: Leg, craft_class: CraftClass, site_id: str, moment: datetime
) -> Iterator[PlanFault]:
    situation = ctx.situation
    pier, pad = ctx.region.piers.get(site_id), ctx.region.helipads.get(site_id)
    if pier is not None:
        state = ctx.network.pier_state(pier, craft_class, situation.forecast, situation.closures, moment)
    elif pad is not None:
        state = ctx.network.pad_state(pad, craft_class, situation.forecast, situation.closures, moment)
    else:
        return
    # A craft may leave a home whose berths do not suit its class: it lies there already.
    if state.status == "closed" and state.limit != "berthing":
        place = ctx.place(site_id)
        name = place.name if place else leg.to_name
        why = state.text
        yield ctx.leg_fault(
            "closed", leg, f"{ctx.clock(moment)} {name.zh}不可用：{why.zh if why else '关闭'}。请改时间或改地点。",
            f"{name.en} is closed to it at {ctx.clock(moment)}: {why.en if why else 'closed'}. "
            "Choose another time or place.",
        )  # fmt: skip


def _closed_way(ctx: CheckContext, leg: Leg, craft_class: CraftClass) -> Iterator[PlanFault]:
    situation = ctx.situation
    shut_zones = ctx.zones_shut_to(craft_class)
    if not shut_zones or len(leg.path) < 2:
        return
    run_m = list(accumulate((distance_m(*a, *b) for a, b in pairwise(leg.path)), initial=0.0))
    told: set[str] = set()
    for (lon, lat), at_m in zip(leg.path, run_m, strict=True):
        zone_id = ctx.network.zone_of(lon, lat)
        if zone_id in told or zone_id not in shut_zones:
            continue
        moment = leg.depart_at + (leg.arrive_at - leg.depart_at) * (at_m / (run_m[-1] or 1.0))
        state = ctx.network.craft_state(craft_class, zone_id, situation.forecast, moment, situation.closures)
        if state.status == "closed":
            told.add(zone_id)
            zone, why = ctx.region.zones[zone_id].name, state.text
            yield ctx.leg_fault(
                "closed", leg,
                f"{ctx.clock(moment)} 经{zone.zh}时{why.zh if why else '超限'}。请改时间或改用其他载具。",
                f"it would pass {zone.en} at {ctx.clock(moment)} with {why.en if why else 'a limit broken'}. "
                "Choose another time or craft.",
            )  # fmt: skip


def range_suffices(ctx: CheckContext) -> Iterator[PlanFault]:
    """Approach, crossing and the way home of each trip fit the craft's range, less its reserve.

    A crossing that had departed when the plan was re-planned and had to turn is what the reserve is for.
    """
    for unit_id, state in ctx.craft.items():
        craft_class = ctx.region.craft_classes.get(state.craft.class_id)
        legs = ctx.legs_of.get(unit_id, [])
        if craft_class is None or not legs:
            continue
        approach_m = 0.0
        for leg in legs:
            if leg.purpose in ("position", "call"):
                approach_m += leg.length_m
                continue
            run_m = approach_m + leg.length_m + _home_m(ctx, leg, craft_class, state.craft.home_site_id)
            approach_m = 0.0
            if run_m > usable_range_m(craft_class) * (1 + LENGTH_TOLERANCE) and not ctx.was_under_way(leg):
                yield ctx.leg_fault(
                    "range", leg,
                    f"连同返航共 {run_m / METRES_A_MILE:.0f} 海里，"
                    f"超过可用航程 {usable_range_m(craft_class) / METRES_A_MILE:.0f} 海里。请换用其他载具。",
                    f"with its way home it runs {run_m / METRES_A_MILE:.0f} nm, its usable range is "
                    f"{usable_range_m(craft_class) / METRES_A_MILE:.0f} nm. Use another craft.",
                )  # fmt: skip


def _home_m(ctx: CheckContext, leg: Leg, craft_class: CraftClass, home_site_id: str) -> float:
    landed, home = ctx.place(leg.to_site), ctx.place(home_site_id)
    if landed is None or home is None:
        return 0.0
    try:
        if craft_class.mode == "air":
            return _straight_m(landed, home)
        return float(ctx.network.sea_lengths_m([landed, home])[0, 1])
    except NotAtSeaError:
        return 0.0
