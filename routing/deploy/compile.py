"""Turn a situation into matrices: candidates, pickups, landings, minutes and closed departures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from data.errors import TongzhouError, worded
from data.forces import CraftClass
from data.geography import Place, Region, scene_place
from data.incidents import Incident
from data.plans import Alternative
from data.situation import Situation
from data.text import Text
from routing.deploy.candidates import FIELD, Candidates, find_candidates
from routing.deploy.lane_book import LaneBook
from routing.deploy.nearest import (
    NEAR_UNITS_ONLY,
    crossing_seconds,
    groups_at_home,
    keep_at_home,
    leave_out,
    nearest_craft,
    nearest_groups,
)
from routing.deploy.problem import ALTERNATIVES, NO_STATION, UNREACHABLE, DeployProblem, EchelonNeed, IntArray, Spans
from routing.deploy.problem_input import ODDITIES
from routing.deploy.reach import Reach
from routing.deploy.road_pools import find_road_pools
from routing.deploy.sites import Sites, choose_sites
from routing.deploy.travel import Travel
from routing.deploy.useful_calls import with_useful_calls
from routing.deploy.ways import Ways, can_berth
from routing.handling import FIELD_WALK_MIN, OWN_PATCH_MIN, load_minutes, unload_minutes, usable_range_m
from routing.network.network import Network
from routing.network.projection import Floats

HORIZON_MIN = 720
# A craft calls at a second pickup on its way to a landing only where that is no longer about than this.
LONGEST_DETOUR_MIN = 10
CALLS_ON_THE_WAY_ONLY = Text(
    zh=f"下界假定：一个航次至多在两处上客，且第二处绕行不超过 {LONGEST_DETOUR_MIN} 分钟",
    en="The bound assumes that a trip boards at two places at most, the second no more than "
    f"{LONGEST_DETOUR_MIN} min out of its way",
)


class NothingAskedError(ValueError, TongzhouError):
    """A situation without an incident, or whose incidents ask for nobody."""


@dataclass(frozen=True)
class Compiled:
    """A deployment problem with the places, units and lanes behind its rows and columns."""

    problem: DeployProblem
    situation: Situation
    region: Region
    travel: Travel
    candidates: Candidates
    sites: Sites
    incidents: tuple[Incident, ...]
    scenes: tuple[Place, ...]
    stations: tuple[str, ...]
    own_patch: frozenset[str]
    bound_assumes: tuple[Text, ...]
    groups_at_home: Mapping[str, int]
    pools: tuple[Text, ...]

    @property
    def start_at(self) -> datetime:
        """The moment minutes are counted from, in UTC."""
        return self.situation.at.astimezone(UTC)

    @cached_property
    def reach(self) -> Reach:
        """The earliest arrivals of every group by every craft; the alternative's prices do not touch it."""
        return Reach(self.problem)

    def for_alternative(self, alternative: Alternative) -> DeployProblem:
        """Return the same problem with the prices of one alternative."""
        return replace(self.problem, weights=ALTERNATIVES[alternative])

    def class_of(self, craft: int) -> CraftClass:
        """Return the class of a craft by its row."""
        return self.region.craft_classes[self.candidates.craft[craft].craft.class_id]


@dataclass(frozen=True)
class InUse:
    """The units and sites of a plan in force, which a problem holds however far they are."""

    units: frozenset[str]
    pickups: tuple[Place, ...]
    landings: tuple[Place, ...]


def compile_problem(
    situation: Situation,
    region: Region,
    network: Network,
    book: LaneBook,
    horizon_min: int = HORIZON_MIN,
    in_use: InUse | None = None,
    like: Compiled | None = None,
) -> Compiled:
    """Return the problem of a situation, priced for the balanced alternative; what ends later counts for nothing.

    ``like`` gives its units and sites, so that both have the same rows and columns.
    Raises NothingAskedError when there is nothing to plan for.
    """
    incidents = tuple(one for one in situation.incidents if one.echelons)
    if not incidents:
        raise worded(
            NothingAskedError("No incident asks for anybody. Report an incident with at least one echelon."),
            zh="没有警情需要增援。请先接报至少有一个梯次的警情。",
        )
    travel = Travel(network, book, situation, horizon_min)
    scenes = tuple(scene_place(incident) for incident in incidents)
    if like is not None:
        found, sites, assumes = like.candidates, like.sites, like.bound_assumes
    else:
        found, sites, assumes = _chosen(situation, incidents, scenes, travel, in_use)
    stations = tuple(region.stations)
    at_home = groups_at_home(situation.groups, region)
    own_patch = _own_patch(region, scenes, travel)
    matrices = _Matrices(found, sites, scenes, travel, region)
    pools = find_road_pools(found.groups, sites.landings, len(scenes), region)
    problem = DeployProblem(
        strength=_ints([g.group.strength for g in found.groups]),
        skills=tuple(g.group.skills for g in found.groups),
        ready_min=_ints([g.ready_in_min for g in found.groups]),
        station=_station_of(found, stations, own_patch),
        group_slots=_ints([g.group.deck_slots for g in found.groups]),
        seats=_ints([matrices.class_of(c).seats for c in range(len(found.craft))]),
        craft_slots=_ints([matrices.class_of(c).deck_slots for c in range(len(found.craft))]),
        craft_ready_min=_ints([c.ready_in_min for c in found.craft]),
        load_min=_ints([load_minutes(matrices.class_of(c)) for c in range(len(found.craft))]),
        unload_min=_ints([unload_minutes(matrices.class_of(c)) for c in range(len(found.craft))]),
        access_min=minutes(travel.road_times_s(found.groups_at, sites.pickups), horizon_min),
        position_min=matrices.position_min,
        haul_min=matrices.haul_min,
        return_min=matrices.return_min,
        last_mile_min=last_mile_minutes(sites.landings, scenes, travel),
        direct_min=minutes(travel.road_times_s(found.groups_at, scenes), horizon_min),
        pickup_berths=_ints(sites.pickup_berths),
        landing_berths=_ints(sites.landing_berths),
        echelons=tuple(
            EchelonNeed(incident=i, persons=need.persons, skill=need.skill, weight=need.weight)
            for i, incident in enumerate(incidents)
            for need in incident.echelons
        ),
        keep_groups=keep_at_home(at_home, found, stations, region),
        horizon_min=horizon_min,
        closed_hauls=matrices.closed_hauls,
        closed_positions=matrices.closed_positions,
        closed_returns=matrices.closed_returns,
        closed_shifts=matrices.closed_shifts,
        shift_min=matrices.shift_min,
        vehicles_home=pools.vehicles,
        vehicles_shore=pools.vehicles,
        pool_home=pools.home,
        pool_shore=pools.shore,
        pool_vehicles=pools.held,
        weights=ALTERNATIVES["balanced"],
        known_skills=frozenset(region.skills).union(*(g.group.skills for g in found.groups)),
        tolerates=ODDITIES,
    )
    return Compiled(
        problem=with_useful_calls(problem),
        situation=situation,
        region=region,
        travel=travel,
        candidates=found,
        sites=sites,
        incidents=incidents,
        scenes=scenes,
        stations=stations,
        own_patch=own_patch,
        bound_assumes=assumes,
        groups_at_home=at_home,
        pools=tuple((region.stations.get(one) or region.islands[one]).name for one in pools.names),
    )


def _chosen(
    situation: Situation,
    incidents: Sequence[Incident],
    scenes: Sequence[Place],
    travel: Travel,
    in_use: InUse | None,
) -> tuple[Candidates, Sites, tuple[Text, ...]]:
    """Return the units and sites near enough to matter, those in use among them, and what a bound then assumes."""
    region = travel.region
    everybody = find_candidates(situation, region, travel.network)
    ways = Ways(everybody, scenes, travel)
    units = frozenset[str]() if in_use is None else in_use.units
    used_groups = {n for n, state in enumerate(everybody.groups) if state.group.id in units}
    used_craft = {n for n, state in enumerate(everybody.craft) if state.craft.id in units}
    groups = sorted(used_groups.union(nearest_groups(everybody, incidents, ways, region)))
    crossing_s = crossing_seconds(everybody, ways, groups, travel)
    craft = sorted(used_craft.union(nearest_craft(everybody, incidents, crossing_s, region)))
    found, left_some = leave_out(everybody, groups, craft, crossing_s)
    used = ((), ()) if in_use is None else (in_use.pickups, in_use.landings)
    sites = choose_sites(groups, ways, *used)
    return found, sites, sites.assumes + (CALLS_ON_THE_WAY_ONLY,) + ((NEAR_UNITS_ONLY,) if left_some else ())


def last_mile_minutes(landings: Sequence[Place], scenes: Sequence[Place], travel: Travel) -> IntArray:
    """Return (L, I) minutes from landings to incidents by road; from a field beside an incident, a walk to it."""
    out = minutes(travel.road_times_s(landings, scenes), travel.horizon_min)
    for row, landing in enumerate(landings):
        if landing.id.startswith(FIELD):
            for column, scene in enumerate(scenes):
                out[row, column] = FIELD_WALK_MIN if landing.id == FIELD + scene.id else UNREACHABLE
    return out


def minutes(seconds: Floats, horizon_min: int = HORIZON_MIN) -> IntArray:
    """Return seconds as whole minutes rounded up, UNREACHABLE where infinite or beyond the horizon."""
    whole = np.ceil(np.where(np.isfinite(seconds), seconds, 0.0) / 60.0 - 1e-6).astype(np.int64)
    return np.where(np.isfinite(seconds) & (whole <= horizon_min), np.maximum(whole, 0), UNREACHABLE)


class _Matrices:
    """Minutes of every craft between its start, the pickups and the landings, and the departures closed to it."""

    def __init__(
        self, found: Candidates, sites: Sites, scenes: Sequence[Place], travel: Travel, region: Region
    ) -> None:
        self.found, self.sites, self.travel, self.region = found, sites, travel, region
        num_c, num_p, num_l = len(found.craft), len(sites.pickups), len(sites.landings)
        self.position_min = np.full((num_c, num_p), UNREACHABLE, dtype=np.int64)
        self.haul_min = np.full((num_c, num_p, num_l), UNREACHABLE, dtype=np.int64)
        self.return_min = np.full((num_c, num_l, num_p), UNREACHABLE, dtype=np.int64)
        self.shift_min = np.full((num_c, num_p, num_p), UNREACHABLE, dtype=np.int64)
        self.closed_hauls: dict[tuple[int, int, int], Spans] = {}
        self.closed_positions: dict[tuple[int, int], Spans] = {}
        self.closed_returns: dict[tuple[int, int, int], Spans] = {}
        self.closed_shifts: dict[tuple[int, int, int], Spans] = {}
        by_class: dict[str, list[int]] = {}
        for c, state in enumerate(found.craft):
            by_class.setdefault(state.craft.class_id, []).append(c)
        for class_id, members in by_class.items():
            self._fill(region.craft_classes[class_id], members)

    def class_of(self, craft: int) -> CraftClass:
        """Return the class of a craft by its row."""
        return self.region.craft_classes[self.found.craft[craft].craft.class_id]

    def _fill(self, craft_class: CraftClass, members: list[int]) -> None:
        """Fill the rows of all craft of one class."""
        sites, travel = self.sites, self.travel
        usable_p = [p for p, site in enumerate(sites.pickups) if can_berth(craft_class, site, self.region)]
        usable_l = [n for n, site in enumerate(sites.landings) if can_berth(craft_class, site, self.region)]
        if not usable_p or not usable_l:
            return
        pickups, landings = [sites.pickups[p] for p in usable_p], [sites.landings[n] for n in usable_l]
        haul_s, haul_m = travel.times_s_and_m(craft_class, pickups, landings)
        starts = [self.found.craft_at[c] for c in members]
        position_s, position_m = travel.times_s_and_m(craft_class, starts, pickups)
        homes = [self.region.place(self.found.craft[c].craft.home_site_id) for c in members]
        _, home_m = travel.times_s_and_m(craft_class, landings, homes)
        haul, back, position = (minutes(one, travel.horizon_min) for one in (haul_s, haul_s.T, position_s))
        shift_s, shift_m = travel.times_s_and_m(craft_class, pickups, pickups)
        shift = minutes(shift_s, travel.horizon_min)
        shift[~_is_on_the_way(shift, haul)] = UNREACHABLE
        shift_spans = self._spans(craft_class, pickups, pickups, shift)
        range_m = usable_range_m(craft_class)
        haul_spans = self._spans(craft_class, pickups, landings, haul)
        back_spans = self._spans(craft_class, landings, pickups, back)
        for row, c in enumerate(members):
            approach_m = np.minimum(position_m[row][:, None], range_m)
            within = approach_m + haul_m + home_m[:, row][None, :] <= range_m
            self.position_min[c, usable_p] = position[row]
            self.haul_min[np.ix_([c], usable_p, usable_l)] = np.where(within, haul, UNREACHABLE)
            self.return_min[np.ix_([c], usable_l, usable_p)] = back
            onward_m = np.where(within, haul_m + home_m[:, row][None, :], 0.0).max(axis=1, initial=0.0)
            reaches = approach_m + shift_m + onward_m[None, :] <= range_m
            self.shift_min[np.ix_([c], usable_p, usable_p)] = np.where(reaches, shift, UNREACHABLE)
            self._close(self.closed_shifts, self.shift_min, shift_spans, (c,), usable_p, usable_p)
            self._close(self.closed_hauls, self.haul_min, haul_spans, (c,), usable_p, usable_l)
            self._close(self.closed_returns, self.return_min, back_spans, (c,), usable_l, usable_p)
            for column, p in enumerate(usable_p):
                if position[row, column] < UNREACHABLE:
                    spans = self.travel.closed_spans(craft_class, starts[row], pickups[column])
                    if _shut_throughout(spans, travel.horizon_min):
                        self.position_min[c, p] = UNREACHABLE
                    elif spans:
                        self.closed_positions[c, p] = spans

    def _spans(
        self, craft_class: CraftClass, a: Sequence[Place], b: Sequence[Place], taken: IntArray
    ) -> dict[tuple[int, int], Spans]:
        found: dict[tuple[int, int], Spans] = {}
        for i, start in enumerate(a):
            for j, end in enumerate(b):
                if taken[i, j] < UNREACHABLE and (spans := self.travel.closed_spans(craft_class, start, end)):
                    found[i, j] = spans
        return found

    def _close(
        self,
        closed: dict[tuple[int, int, int], Spans],
        matrix: IntArray,
        spans: dict[tuple[int, int], Spans],
        craft: tuple[int],
        rows: list[int],
        columns: list[int],
    ) -> None:
        for (i, j), shut in spans.items():
            key = (*craft, rows[i], columns[j])
            if matrix[key] >= UNREACHABLE:
                continue
            if _shut_throughout(shut, self.travel.horizon_min):
                matrix[key] = UNREACHABLE
            else:
                closed[key] = shut


def _is_on_the_way(shift: IntArray, haul: IntArray) -> npt.NDArray[np.bool_]:
    """Return [P, P] true where some crossing from the first pickup is little longer by way of the second."""
    straight = np.where(haul < UNREACHABLE, haul, -UNREACHABLE)
    about = (shift[:, :, None] + haul[None] - straight[:, None]).min(axis=2, initial=UNREACHABLE)
    near: npt.NDArray[np.bool_] = (about <= LONGEST_DETOUR_MIN) & ~np.eye(len(shift), dtype=np.bool_)
    return near


def _shut_throughout(spans: Spans, horizon_min: int) -> bool:
    return bool(spans) and spans[0][0] <= 0 and spans[0][1] > horizon_min


def _own_patch(region: Region, scenes: Sequence[Place], travel: Travel) -> frozenset[str]:
    """Return stations on the island of an incident and near it by road: their groups answer on their own patch."""
    stations = [region.place(station) for station in region.stations]
    times_s = travel.road_times_s(stations, scenes)
    near = timedelta(minutes=OWN_PATCH_MIN).total_seconds()
    return frozenset(
        station.id
        for row, station in enumerate(stations)
        for column, scene in enumerate(scenes)
        if station.island_id == scene.island_id and times_s[row, column] <= near
    )


def _station_of(found: Candidates, stations: Sequence[str], own_patch: frozenset[str]) -> IntArray:
    """Return each group's station, NO_STATION for one away from home or answering on its own patch."""
    number = {station: n for n, station in enumerate(stations)}
    return _ints(
        [
            number.get(state.group.home_site_id, NO_STATION)
            if state.site_id == state.group.home_site_id and state.group.home_site_id not in own_patch
            else NO_STATION
            for state in found.groups
        ]
    )


def _ints(values: Sequence[int]) -> IntArray:
    return np.array(values, dtype=np.int64)
