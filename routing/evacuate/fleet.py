"""The craft that can come to an island, the berths they fit, and when places are shut to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, inf, isfinite

from data.evacuation_ask import AskedBerth, AskedPier
from data.forces import FREE, CraftClass, CraftState
from data.geography import Berthing, Place, Region
from data.situation import Situation
from data.text import Text
from routing.deploy.problem_input import Spans
from routing.deploy.travel import Travel, join_spans
from routing.handling import load_minutes, unload_minutes
from routing.network.conditions import Shut

# Assumed: more craft than this would crowd one island's landings; the rest keep their cover.
MOST_CRAFT = 20


@dataclass(frozen=True)
class Dock:
    """The berths of a pick-up that are alike: which craft fit, and their names."""

    pier: AskedPier
    place: Place
    berth: AskedBerth
    names: tuple[str, ...]


def docks_of(pier: AskedPier, region: Region) -> list[Dock]:
    """Return a pick-up's berths, those alike as one dock."""
    alike: dict[tuple[frozenset[Berthing], int | None], list[AskedBerth]] = {}
    for berth in pier.berths:
        alike.setdefault((berth.berthing, berth.most_seats), []).append(berth)
    place = region.place(pier.pier_id)
    return [Dock(pier, place, some[0], tuple(one.name for one in some)) for some in alike.values()]


def fits(craft_class: CraftClass, berth: AskedBerth) -> bool:
    """Say whether a class suits a berth, weather aside."""
    small = berth.most_seats is None or craft_class.seats <= berth.most_seats
    return small and bool(craft_class.berthing & berth.berthing)


def is_open(travel: Travel, craft_class: CraftClass, place: Place) -> bool:
    return travel.is_ever_open(craft_class, place)


def choose_craft(
    situation: Situation,
    region: Region,
    travel: Travel,
    docks: Sequence[Dock],
    drops: Sequence[Place],
    wanted: Sequence[str],
) -> tuple[list[CraftState], list[tuple[CraftState, Text]]]:
    """Return the boats that carry most people a minute to the island and back, and why others do not come."""
    found: list[tuple[float, CraftState]] = []
    left_out: list[tuple[CraftState, Text]] = []
    for state in situation.craft:
        kind = region.craft_classes[state.craft.class_id]
        if kind.mode != "sea" or kind.seats == 0 or (wanted and state.craft.id not in wanted):
            continue
        barred = situation.forbidden.get(state.craft.id) or state.excluded
        if state.status not in FREE or barred is not None:
            left_out.append((state, barred or Text("正在执行任务", "is at work")))
            continue
        suits = [dock for dock in docks if fits(kind, dock.berth)]
        ends = [drop for drop in drops if kind.berthing & region.piers[drop.id].berthing]
        if not suits or not ends:
            left_out.append((state, Text("靠泊方式不符", "cannot berth there")))
            continue
        opened = [dock for dock in suits if is_open(travel, kind, dock.place)]
        if not opened or not any(is_open(travel, kind, drop) for drop in ends):
            at = (opened or suits)[0].place if not opened else ends[0]
            shuts = travel.network.conditions(situation.forecast, situation.closures).pier_shuts(
                region.piers[at.id], kind
            )
            why = next((shut.breach.text for shut in shuts if shut.holds(situation.at)), Text("封闭", "shut"))
            left_out.append((state, why))
            continue
        start = place_of(state, region)
        there_s = travel.times_s_and_m(kind, [start], [opened[0].place])[0][0, 0]
        across_s = travel.times_s_and_m(kind, [opened[0].place], ends)[0].min()
        if not isfinite(there_s) or not isfinite(across_s):
            left_out.append((state, Text("无航路", "no lane leads there")))
            continue
        shuts = travel.network.conditions(situation.forecast, situation.closures).pier_shuts(
            region.piers[opened[0].place.id], kind
        )
        loads_min = state.ready_in_min + there_s / 60.0
        for start_min, end_min in shut_spans(shuts, travel):
            loads_min = end_min if start_min <= loads_min < end_min else loads_min
        minutes = loads_min + 2 * across_s / 60.0 + load_minutes(kind) + unload_minutes(kind)
        found.append((-kind.seats / minutes, state))
    found.sort(key=lambda one: (one[0], one[1].craft.id))
    for _, state in found[MOST_CRAFT:]:
        left_out.append((state, Text("留守，运力更低", "stays for cover: it would carry fewer a minute")))
    return [state for _, state in found[:MOST_CRAFT]], left_out


def place_of(state: CraftState, region: Region) -> Place:
    """Return where a craft is: its pier, or the water it is on."""
    if state.site_id is not None and state.site_id in region.piers:
        return region.place(state.site_id)
    words = Text("途中", "under way")
    return Place(
        id=f"at-{state.craft.id}", kind="field", name=words, island_id="", lon_deg=state.lon_deg, lat_deg=state.lat_deg
    )


def shut_spans(shuts: Sequence[Shut], travel: Travel) -> Spans:
    """Return when a place is shut, in whole minutes from the start, within the horizon."""
    spans = []
    for one in shuts:
        start = -inf if one.from_at is None else _minute(one.from_at, travel.start)
        end = inf if one.until_at is None else _minute(one.until_at, travel.start)
        if end > 0 and start <= travel.horizon_min:
            spans.append(
                (max(0, int(max(start, 0))), int(min(ceil(end) if end < inf else inf, travel.horizon_min + 1)))
            )
    return join_spans([span for span in spans if span[0] < span[1]])


def _minute(moment: datetime, start: datetime) -> float:
    return (moment - start) / timedelta(minutes=1)
