"""A situation and an island become an evacuation problem: who boards where, which craft, what is open and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil, isfinite

import msgspec
import numpy as np

from data.evacuation import PRIORITIES_IN_ORDER
from data.evacuation_ask import AskedGroup, AskedMuster
from data.forces import CraftClass, CraftState
from data.geography import Place, Region
from data.situation import Situation
from data.text import Text
from routing.deploy.lane_book import LaneBook
from routing.deploy.travel import Travel
from routing.evacuate.asked import Asked, fill_in
from routing.evacuate.fleet import Dock, choose_craft, docks_of, fits, is_open, place_of, shut_spans
from routing.evacuate.problem import NO_LIMIT, UNREACHABLE, EvacuationProblem, IntArray, Spans
from routing.handling import load_minutes, unload_minutes, whole_minutes
from routing.network.foot import WALK_CIRCUITY, WALK_MPS, foot_field
from routing.network.network import Network
from routing.network.projection import WGS84, Floats

HORIZON_MIN = 1_440
# Assumed: nobody waits aboard longer than this for a lane or a berth to open.
PATIENCE_MIN = 60
# Assumed: a crowd with luggage and children walks a quarter slower than a brisk walker.
CROWD_FACTOR = 1.25
LONGEST_WALK_S, SHORTEST_FIELD_S = 2 * 3_600.0, 600.0


@dataclass
class Compiled:
    """The problem with what each of its numbers stands for."""

    situation: Situation
    asked: Asked
    problem: EvacuationProblem
    groups: list[AskedGroup]
    walk_min: list[int]
    craft: list[CraftState]
    classes: list[CraftClass]
    docks: list[Dock]
    pick_ups: list[Place]
    drops: list[Place]
    travel: Travel
    assumptions: list[Text]
    unserved: list[tuple[AskedGroup, Text]] = field(default_factory=list)
    left_out: list[tuple[CraftState, Text]] = field(default_factory=list)

    @property
    def region(self) -> Region:
        """The region of the network."""
        return self.travel.region


def compile_evacuation(
    situation: Situation,
    network: Network,
    book: LaneBook,
    island_id: str,
    horizon_min: int = HORIZON_MIN,
    like: Compiled | None = None,
) -> Compiled:
    """Return the problem of taking people off an island; raises KeyError for an island the region does not hold.

    ``like`` gives the craft and where each group boards, so that the same plan can be tried in other weather.
    """
    region = network.region
    asked = fill_in(situation, region, book, island_id)
    travel = Travel(network, book, situation, horizon_min)
    piers, drops = asked.ask.piers, [region.place(one.pier_id) for one in asked.ask.drops]
    docks = [dock for pier in piers for dock in docks_of(pier, region)]
    notes = list(asked.assumptions)
    if like is not None:
        places = [like.pick_ups[int(n)] for n in like.problem.location]
        problem = _problem(
            asked, travel, like.groups, like.walk_min, places, docks, like.pick_ups, drops, like.craft, like.classes,
            horizon_min,
        )  # fmt: skip
        return replace(like, situation=situation, problem=problem, travel=travel)
    craft, left_out = choose_craft(situation, region, travel, docks, drops, asked.ask.craft_ids)
    classes = [region.craft_classes[one.craft.class_id] for one in craft]
    pick_ups = list(dict.fromkeys(dock.place for dock in docks))
    served = [place for place in pick_ups if any(is_open(travel, one, place) for one in classes)]
    groups, walks, places, unserved = _assign(asked, region, served, docks, classes, notes)
    notes += _static_notes(situation, travel, craft, left_out)
    if not (craft and docks and drops):
        why = _nothing(bool(docks), bool(drops))
        unserved = [(one, why) for one in asked.ask.groups]
        return Compiled(situation, asked, _nobody(), [], [], [], [], [], [], [], travel, notes, unserved, left_out)
    problem = _problem(asked, travel, groups, walks, places, docks, pick_ups, drops, craft, classes, horizon_min)
    return Compiled(
        situation, asked, problem, groups, walks, craft, classes, docks, pick_ups, drops, travel, notes, unserved,
        left_out,
    )  # fmt: skip


def _nothing(has_docks: bool, has_drops: bool) -> Text:
    if not has_docks:
        return Text("岛上没有码头", "the island has no pier")
    if not has_drops:
        return Text("没有可去的下客点", "there is no pier to take people to")
    return Text("没有船艇能来：见所列原因", "no craft can come, for the reasons listed")


def _nobody() -> EvacuationProblem:
    """Return the problem of moving nobody: what is left where nothing can come."""
    way = [[UNREACHABLE]]
    return EvacuationProblem.from_matrices(
        demand=[0], seats=[1], first_min=way, haul_min=[way], return_min=[way], load_min=[1]
    )


def _assign(
    asked: Asked,
    region: Region,
    served: Sequence[Place],
    docks: Sequence[Dock],
    classes: Sequence[CraftClass],
    notes: list[Text],
) -> tuple[list[AskedGroup], list[int], list[Place], list[tuple[AskedGroup, Text]]]:
    """Return the groups in boarding order with their walk and pick-up, and those whom no pick-up serves.

    Each goes where it boards the soonest: the walk, and those before it at the pier by their seconds a person.
    """
    order = {priority: n for n, priority in enumerate(PRIORITIES_IN_ORDER)}
    musters = {one.id: one for one in asked.ask.musters}
    ranked = sorted(asked.ask.groups, key=lambda one: order[one.priority])
    most = max((one.seats for one in classes), default=0)
    unserved: list[tuple[AskedGroup, Text]] = []
    if not served:
        why = Text("时限内无码头对可用船艇开放", "no pier is open to any craft within the horizon")
        return [], [], [], [(one, why) for one in ranked]
    walk = {
        (muster.id, place.id): walk_minutes(region, muster, place, notes)
        for muster in musters.values()
        for place in served
    }
    berths = {place: sum(len(dock.names) for dock in docks if dock.place == place) for place in served}
    ahead = dict.fromkeys(served, 0.0)
    groups, walks, places = [], [], []
    for group in ranked:
        muster_id = group.muster_id or next(iter(musters))
        options = [place for place in served if walk[muster_id, place.id] < UNREACHABLE]
        if not options:
            unserved.append((group, Text("走不到开放的码头", "cannot walk to an open pier")))
            continue
        place = min(options, key=lambda one: (walk[muster_id, one.id] + ahead[one], one.id))
        ahead[place] += group.persons * max(1, asked.boarding_s) / 60.0 / max(1, berths[place])
        for part in _parts(group, most, notes):
            groups.append(part)
            walks.append(walk[muster_id, place.id])
            places.append(place)
    return groups, walks, places, unserved


def _parts(group: AskedGroup, most: int, notes: list[Text]) -> list[AskedGroup]:
    """Return a group, or the parts of one that asks to stay together on more seats than any craft has."""
    if not group.together or group.persons <= most or most == 0:
        return [group]
    notes.append(
        Text(
            f"{group.name.zh}共 {group.persons} 人要求同行，最大船 {most} 座，只能分乘",
            f"{group.name.en}: {group.persons} ask to stay together, the largest craft seats {most}: they are split",
        )
    )
    count = ceil(group.persons / most)
    sizes = [group.persons // count + (1 if n < group.persons % count else 0) for n in range(count)]
    return [
        msgspec.structs.replace(group, id=f"{group.id}-{n + 1}", persons=size)
        for n, size in enumerate(sizes)
    ]  # fmt: skip


def walk_minutes(region: Region, muster: AskedMuster, pier: Place, notes: list[Text]) -> int:
    """Return the minutes of a crowd's walk to a pier over the island's land, estimated where no way is known."""
    here = muster_place(muster, pier.island_id)
    metres = float(WGS84.inv(here.lon_deg, here.lat_deg, pier.lon_deg, pier.lat_deg)[2])
    straight_s = metres * WALK_CIRCUITY / WALK_MPS
    # The grid is as fine as the way is short: a pier's point may stand off the shore by a cell only.
    within_s = min(LONGEST_WALK_S, max(SHORTEST_FIELD_S, 3 * straight_s))
    seconds = float(foot_field(region, here, within_s).times_s([pier])[0])
    if not isfinite(seconds):
        seconds = straight_s
        if seconds > LONGEST_WALK_S:
            return UNREACHABLE
        notes.append(
            Text(
                f"{muster.name.zh}到{pier.name.zh}的步行按直线估算",
                f"the walk from {muster.name.en} to {pier.name.en} is estimated from the straight line",
            )
        )
    return whole_minutes(seconds * CROWD_FACTOR)


def muster_place(muster: AskedMuster, island_id: str) -> Place:
    """Return a muster point as a place."""
    return Place(
        id=muster.id,
        kind="field",
        name=muster.name,
        island_id=island_id,
        lon_deg=muster.lon_deg,
        lat_deg=muster.lat_deg,
    )


def _problem(
    asked: Asked,
    travel: Travel,
    groups: Sequence[AskedGroup],
    walks: Sequence[int],
    places: Sequence[Place],
    docks: Sequence[Dock],
    pick_ups: Sequence[Place],
    drops: Sequence[Place],
    craft: Sequence[CraftState],
    classes: Sequence[CraftClass],
    horizon_min: int,
) -> EvacuationProblem:
    order = {priority: n for n, priority in enumerate(PRIORITIES_IN_ORDER)}
    piers = [dock.place for dock in docks]
    v, p, q = len(craft), len(docks), len(drops)
    first, haul, back = (np.full(shape, UNREACHABLE) for shape in ((v, p), (v, p, q), (v, q, p)))
    docks_shut: dict[tuple[int, int], Spans] = {}
    drops_shut: dict[tuple[int, int], Spans] = {}
    firsts_shut: dict[tuple[int, int], Spans] = {}
    hauls_shut: dict[tuple[int, int, int], Spans] = {}
    returns_shut: dict[tuple[int, int, int], Spans] = {}
    now = travel.network.conditions(travel.situation.forecast, travel.situation.closures)
    for n, (state, kind) in enumerate(zip(craft, classes, strict=True)):
        start = place_of(state, travel.region)
        firsts = _minutes(travel.times_s_and_m(kind, [start], piers)[0])[0]
        hauls = _minutes(travel.times_s_and_m(kind, piers, drops)[0])
        lands = [bool(kind.berthing & travel.region.piers[drop.id].berthing) for drop in drops]
        for b, drop in enumerate(drops):
            drops_shut[n, b] = shut_spans(now.pier_shuts(travel.region.piers[drop.id], kind), travel)
        for a, dock in enumerate(docks):
            if not fits(kind, dock.berth):
                continue
            pier = travel.region.piers[dock.place.id]
            docks_shut[n, a] = shut_spans(now.pier_shuts(pier, kind), travel)
            first[n, a] = firsts[a]
            firsts_shut[n, a] = travel.closed_spans(kind, start, dock.place)
            for b, drop in enumerate(drops):
                if lands[b]:
                    haul[n, a, b] = back[n, b, a] = hauls[a, b]
                    hauls_shut[n, a, b] = travel.closed_spans(kind, dock.place, drop)
                    returns_shut[n, b, a] = travel.closed_spans(kind, drop, dock.place)
    numbers = {place: n for n, place in enumerate(pick_ups)}
    limits = {pier.pier_id: pier.queue_limit for pier in asked.ask.piers}
    return EvacuationProblem(
        persons=np.array([one.persons for one in groups], np.int64),
        location=np.array([numbers[place] for place in places], np.int64),
        priority=np.array([order[one.priority] for one in groups], np.int64),
        ready_min=np.array([asked.notice_min + walk for walk in walks], np.int64),
        together=np.array([one.together for one in groups], bool),
        queue_capacity=np.array([limits[place.id] or NO_LIMIT for place in pick_ups]),
        dock_location=np.array([numbers[place] for place in piers]),
        dock_berths=np.array([len(dock.names) for dock in docks], np.int64),
        drop_berths=np.array(
            [one.berths or travel.region.piers[one.pier_id].berths for one in asked.ask.drops], np.int64
        ),
        drop_capacity=np.array(
            [NO_LIMIT if one.capacity is None else one.capacity for one in asked.ask.drops], np.int64
        ),
        seats=np.array([one.seats for one in classes], np.int64),
        start_min=np.array([one.ready_in_min for one in craft], np.int64),
        first_min=first,
        haul_min=haul,
        return_min=back,
        load_min=np.array([load_minutes(one) for one in classes], np.int64),
        load_s=np.full(v, asked.boarding_s),
        unload_min=np.array([unload_minutes(one) for one in classes], np.int64),
        unload_s=np.full(v, asked.landing_s),
        horizon_min=horizon_min,
        patience_min=PATIENCE_MIN,
        closed_docks=docks_shut,
        closed_drops=drops_shut,
        closed_firsts=firsts_shut,
        closed_hauls=hauls_shut,
        closed_returns=returns_shut,
    )


def _minutes(seconds: Floats) -> IntArray:
    with np.errstate(invalid="ignore"):
        whole = np.ceil(seconds / 60.0 - 1e-6)
    return np.where(np.isfinite(whole), np.minimum(whole, UNREACHABLE), UNREACHABLE).astype(np.int64)


def _static_notes(
    situation: Situation, travel: Travel, craft: Sequence[CraftState], left_out: Sequence[tuple[CraftState, Text]]
) -> list[Text]:
    notes = [
        Text("船艇在下客点加油，不计油料", "craft refuel where people land; fuel is not counted"),
        Text("直升机不参与，留作伤病员后送", "helicopters take no part: they are kept for the gravely ill"),
    ]
    if situation.forecast is None:
        notes.append(Text("无预报，按平静天气", "no forecast: calm weather is assumed"))
    elif situation.at + timedelta(minutes=travel.horizon_min) > situation.forecast.valid_to:
        notes.append(
            Text("预报有效期之后按最后一小时推定", "after the forecast's validity its last hour is taken to persist")
        )
    by_reason: dict[tuple[str, str], list[CraftState]] = {}
    for state, why in left_out:
        by_reason.setdefault((why.zh, why.en), []).append(state)
    for (zh, en), states in by_reason.items():
        names = [state.craft.call_sign for state in states[:6]]
        more = len(states) - len(names)
        notes.append(
            Text(
                f"未用{'、'.join(one.zh for one in names)}{f'等{len(states)}艘' if more else ''}：{zh}",
                f"not used: {', '.join(one.en for one in names)}{f' and {more} more' if more else ''}: {en}",
            )
        )
    if not craft:
        notes.append(Text("没有可用船艇", "no craft can be used"))
    return notes
