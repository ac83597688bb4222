"""From a situation to a dispatch problem: groups or craft of a region called to its incidents, with how each comes.

A unit is timed from the order: its readiness, the way to the pickup, loading, crossing, unloading and the last mile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from data.forces import FREE, CraftState, GroupState
from data.geography import Place, Region, scene_place
from data.incidents import Incident
from data.situation import Situation
from data.text import Text
from routing.deploy.lane_book import LaneBook
from routing.dispatch.coming import NOTHING, Comings, ComingTimes
from routing.dispatch.crossings import Crossings
from routing.dispatch.problem import NO_STATION, Block, DispatchProblem, IntArray, fault
from routing.dispatch.words import Wording
from routing.handling import OWN_PATCH_MIN
from routing.network.limits import LinkState
from routing.network.network import Network

Kind = Literal["groups", "craft"]
KINDS: tuple[Kind, ...] = ("groups", "craft")
# What a minute of an incident weighs by its priority, the most urgent first. Assumed.
WEIGHTS = {1: 8, 2: 4, 3: 2, 4: 1}
# How far by road a station on the same island answers on its own patch.
OWN_PATCH_S = 60.0 * OWN_PATCH_MIN
CAUSES_NAMED = 2
Unit = GroupState | CraftState


@dataclass(frozen=True)
class Callout:
    """A dispatch problem with what its rows and columns are.

    ``stations`` are what the problem's station numbers mean. ``own_patch[I, U]``: the incident lies on the unit's own
    patch, so that sending it there takes nothing from its station's cover.
    """

    problem: DispatchProblem
    kind: Kind
    incidents: tuple[Incident, ...]
    units: tuple[Unit, ...]
    stations: tuple[str, ...]
    own_patch: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    comings: Comings
    craft: tuple[CraftState, ...]
    crossings: Crossings
    forbidden: dict[str, Text]

    @cached_property
    def wording(self) -> Wording:
        """Words about the problem in which incidents and units have their names."""
        return Wording(
            self.problem,
            [Text(f"{one.number} {one.title.zh}", f"{one.number} {one.title.en}") for one in self.incidents],
            [call_sign(unit) for unit in self.units],
        )

    def carrier(self, incident: int, unit: int) -> CraftState | None:
        """Return the craft a group's time counts on, None where it comes by itself."""
        number = int(self.comings.carrier[unit, incident])
        return None if number == NOTHING else self.craft[number]

    def site(self, number: int) -> Place | None:
        """Return a pickup or landing by its number; None where there is none, or for a field beside the scene."""
        return self.comings.sites[number] if number >= 0 else None

    def state_of(self, craft: CraftState) -> LinkState:
        """Return whether a craft may be under way where it is now, and where it lies, cast off."""
        crossings = self.crossings
        region, craft_class = crossings.region, crossings.region.craft_classes[craft.craft.class_id]
        state = crossings.in_zone(craft_class, crossings.network.zone_of(craft.lon_deg, craft.lat_deg))
        site_id = craft.site_id
        if state.status != "closed" and site_id is not None and site_id in {**region.piers, **region.helipads}:
            at_site = crossings.at_site(craft_class, region.place(site_id))
            return at_site if at_site.status == "closed" else state
        return state

    def limit_on(self, incident: int, unit: int) -> Text | None:
        """Return the limit that the craft a unit comes with works close to now, or what is not known of it."""
        one = self.units[unit]
        craft = one if isinstance(one, CraftState) else self.carrier(incident, unit)
        if craft is None or self._is_on_wheels(craft):
            return None
        state = self.state_of(craft)
        return state.text if state.status != "open" else None

    def why_blocked(self, incident: int, unit: int, block: Block) -> Text:
        """Return why a unit cannot go, with the limit, the note or the number behind it."""
        one = self.units[unit]
        if block is Block.UNSUITABLE:
            reason = self.forbidden.get(unit_id(one)) or one.excluded
            if reason is not None:
                return reason
            return Text("不载人", "carries nobody")
        if block is Block.BUSY:
            return _STATUS[one.status]
        if block is Block.NO_SKILL:
            lacks = sorted(self.problem.skills_needed[incident] - self.problem.skills[unit])
            return Text(f"缺技能：{'、'.join(lacks)}", f"lacks {', '.join(lacks)}")
        if block is Block.OUT_OF_REACH:
            reach = f"{self.problem.reach_min:g}"
            return Text(f"超出 {reach} 分钟", f"beyond {reach} min")
        if block is Block.COVER:
            station = int(self.problem.station[unit])
            keep, name = int(self.problem.keep_units[station]), self._station_name(station)
            return Text(f"留守：{name.zh} 须留 {keep} 组", f"kept for cover: {name.en} keeps {keep}")
        if block is Block.NO_WAY:
            return self._why_no_way(incident, one)
        return Text("可派", "can go")

    def persons_of_nearest(self, incident: int) -> int:
        """Return the persons of as many of the nearest groups as the incident asks for."""
        can = np.flatnonzero(self.problem.blocks[incident] == Block.FREE)
        order = can[np.argsort(self.problem.travel_s[incident, can], kind="stable")]
        return sum(
            strength_of(self.units[unit], self.crossings.region)
            for unit in order[: int(self.problem.needed[incident])].tolist()
        )

    def cover_after(self, incident: int, unit: int) -> tuple[int, int, int] | None:
        """Return how many free groups a unit's station has, how many once it is gone, how many it must keep.

        None for a unit that counts towards no cover, or goes to its own patch.
        """
        station = int(self.problem.station[unit])
        if station == NO_STATION or self.own_patch[incident, unit]:
            return None
        free = int(((self.problem.station == station) & ~self.problem.busy).sum())
        return free, free - 1, int(self.problem.keep_units[station])

    def _station_name(self, station: int) -> Text:
        return self.crossings.region.place(self.stations[station]).name

    def _why_no_way(self, incident: int, unit: Unit) -> Text:
        if isinstance(unit, CraftState):
            if self._is_on_wheels(unit):
                return Text("无路可达", "no road leads there")
            return self._hold_on(incident, unit) or Text(
                "没有可靠泊且能通达现场的地点", "no landing it may use leads to the scene"
            )
        afloat = [craft for craft in self.craft if craft.status in FREE and not self._is_on_wheels(craft)]
        held = [text for craft in afloat if (text := self._hold_on(incident, craft)) is not None]
        if not held:
            return Text("无路可通，也无空闲船艇可接运", "no road, and no free craft can fetch it")
        causes = [text for text, _ in Counter(held).most_common(CAUSES_NAMED)]
        return Text(
            f"无路可通；{len(held)} 艘停航：{'；'.join(text.zh for text in causes)}",
            f"no road; {len(held)} craft are held: {'; '.join(text.en for text in causes)}",
        )

    def _is_on_wheels(self, craft: CraftState) -> bool:
        return self.crossings.region.craft_classes[craft.craft.class_id].mode == "road"

    def _hold_on(self, incident: int, craft: CraftState) -> Text | None:
        """Return the limit that keeps a craft from leaving or from the scene's waters, None where neither does."""
        if (state := self.state_of(craft)).status == "closed":
            return state.text
        crossings, scene = self.crossings, self.incidents[incident]
        craft_class = crossings.region.craft_classes[craft.craft.class_id]
        there = crossings.in_zone(craft_class, crossings.network.zone_of(scene.lon_deg, scene.lat_deg))
        if there.status != "closed" or there.text is None:
            return None
        return Text(f"现场海区：{there.text.zh}", f"at the scene: {there.text.en}")


_STATUS = {
    "available": Text("待命", "available"),
    "accepted": Text("已接令", "under orders"),
    "en_route": Text("途中", "en route"),
    "on_scene": Text("在场", "on scene"),
    "returning": Text("返回", "returning"),
    "out_of_service": Text("停用", "out of service"),
}


def call_out(
    situation: Situation,
    network: Network,
    book: LaneBook,
    kind: Kind = "groups",
    *,
    incident_ids: Sequence[str] | None = None,
    skills: Collection[str] | None = None,
    reach_min: float = np.inf,
    needed: int | None = None,
    times: ComingTimes | None = None,
) -> Callout:
    """Return the problem of sending the situation's groups, or its craft, to its incidents.

    ``skills`` replaces what an incident's first echelon asks for. ``needed`` units are asked for, or else as many of
    the nearest as make up the first echelon. ``times`` are kept from another question about the same situation.
    Raises DispatchFaultError without an incident or unit, for a skill nobody holds and no echelon asks for;
    OutsideForecastError for a zone the forecast leaves out.
    """
    incidents = _incidents(situation, incident_ids)
    units: tuple[Unit, ...] = situation.groups if kind == "groups" else situation.craft
    if not units:
        raise fault("units: there is none of this kind; choose the other", "没有这类力量；请改选另一类")
    times = times or coming_times(situation, network, book)
    crossings = times.crossings
    scenes = [scene_place(incident) for incident in incidents]
    barred = np.array([_bar(unit, situation.forbidden) is not None for unit in units])
    busy = np.array([unit.status not in FREE for unit in units])
    held = tuple(_skills(unit) for unit in units)
    suitable = ~barred
    if kind == "groups":
        carriers = [
            n
            for n, craft in enumerate(situation.craft)
            if craft.status in FREE
            and _bar(craft, situation.forbidden) is None
            and times.classes[n].seats
            and times.classes[n].mode != "road"
        ]
        comings = times.of_groups(situation.groups, scenes, carriers)
    else:
        comings = times.of_craft(scenes)
        suitable &= np.array([one.seats > 0 for one in times.classes])
    stations, station, keep, own_patch = _cover(units, scenes, crossings)
    asked = tuple(_asked(incident, skills, kind) for incident in incidents)
    known = frozenset().union(*held, *(_echelon_skills(incident) for incident in situation.incidents))
    shape = (len(incidents), len(units))
    problem = DispatchProblem.plain(
        comings.seconds.T / 60.0,
        weight=np.array([WEIGHTS[incident.priority] for incident in incidents]),
        skills_needed=asked,
        skills=held,
        busy=busy,
        suitable=np.broadcast_to(suitable, shape).copy(),
        station=station,
        keep_units=keep,
        reach_min=reach_min,
        known_skills=known,
    )
    counts = _needed(problem, incidents, units) if needed is None else np.full(len(incidents), needed)
    return Callout(
        problem=replace(problem, needed=counts),
        kind=kind,
        incidents=incidents,
        units=units,
        stations=stations,
        own_patch=own_patch,
        comings=comings,
        craft=situation.craft,
        crossings=crossings,
        forbidden=situation.forbidden,
    )


def coming_times(situation: Situation, network: Network, book: LaneBook) -> ComingTimes:
    """Return what times a situation's units, to be kept for several questions about it."""
    crossings = Crossings(network, book, situation.at, situation.forecast, situation.closures)
    return ComingTimes(crossings, situation.craft)


def call_sign(unit: Unit) -> Text:
    """Return what a unit is called."""
    return unit.craft.call_sign if isinstance(unit, CraftState) else unit.group.call_sign


def unit_id(unit: Unit) -> str:
    """Return the id of a unit."""
    return unit.craft.id if isinstance(unit, CraftState) else unit.group.id


def strength_of(unit: Unit, region: Region) -> int:
    """Return the persons of a group, the seats of a craft."""
    return region.craft_classes[unit.craft.class_id].seats if isinstance(unit, CraftState) else unit.group.strength


def _incidents(situation: Situation, incident_ids: Sequence[str] | None) -> tuple[Incident, ...]:
    incidents = situation.incidents
    if incident_ids is not None:
        by_id = {incident.id: incident for incident in incidents}
        incidents = tuple(by_id[one] for one in dict.fromkeys(incident_ids) if one in by_id)
    if not incidents:
        raise fault(
            "incidents: there is none; report one, or name one there is", "没有警情；请先录入，或指定已有的警情"
        )
    return incidents


def _bar(unit: Unit, forbidden: dict[str, Text]) -> Text | None:
    return forbidden.get(unit_id(unit)) or unit.excluded


def _skills(unit: Unit) -> frozenset[str]:
    return frozenset() if isinstance(unit, CraftState) else unit.group.skills


def _echelon_skills(incident: Incident) -> frozenset[str]:
    return frozenset(echelon.skill for echelon in incident.echelons if echelon.skill is not None)


def _asked(incident: Incident, skills: Collection[str] | None, kind: Kind) -> frozenset[str]:
    if kind == "craft":
        return frozenset()
    if skills is not None:
        return frozenset(skills)
    first = incident.echelons[0].skill if incident.echelons else None
    return frozenset() if first is None else frozenset({first})


def _cover(
    units: Sequence[Unit], scenes: Sequence[Place], crossings: Crossings
) -> tuple[tuple[str, ...], IntArray, IntArray, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """Return the stations, each unit's station, what they keep, and which units would go to their own patch.

    A group answers on its own patch where the incident is on its station's island, near by road. One that would do
    so for every incident asked about counts towards no cover; for one of several it does, to be on the safe side.
    """
    region = crossings.region
    stations = tuple(region.stations)
    number = {name: n for n, name in enumerate(stations)}
    station = np.array([number.get(u.group.home_site_id, -1) if isinstance(u, GroupState) else -1 for u in units])
    places = [region.place(name) for name in stations]
    near = crossings.road_s(places, scenes).T <= OWN_PATCH_S
    same = np.array([[place.island_id == scene.island_id for place in places] for scene in scenes], np.bool_)
    own_station = (near & same.reshape(near.shape)) if stations else np.zeros((len(scenes), 1), np.bool_)
    own_patch = own_station[:, np.maximum(station, 0)] & (station >= 0)
    station = np.where(own_patch.all(axis=0), NO_STATION, station)
    keep = np.array([one.keep_groups for one in region.stations.values()], np.int64)
    return stations, station, keep, own_patch


def _needed(problem: DispatchProblem, incidents: Sequence[Incident], units: Sequence[Unit]) -> IntArray:
    """Return how many of its nearest units make up each incident's first echelon, one at least."""
    strength = np.array([unit.group.strength if isinstance(unit, GroupState) else 1 for unit in units])
    counts = []
    for n, incident in enumerate(incidents):
        persons = incident.echelons[0].persons if incident.echelons and isinstance(units[0], GroupState) else 1
        can = np.flatnonzero(problem.blocks[n] == Block.FREE)
        order = can[np.argsort(problem.travel_s[n, can], kind="stable")]
        short = int((np.cumsum(strength[order]) < persons).sum())
        counts.append(max(1, min(short + 1, len(order))))
    return np.array(counts, np.int64)
