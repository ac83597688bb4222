"""How units come to incidents at one moment: on foot, by road, or fetched by the craft that gets them there soonest.

Every unit is timed alone, from its readiness to standing at the scene: two groups may count on the same craft, and
only a plan says who gets it. Groups drive themselves to where they board. Road lengths are estimates.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from data.errors import NotAtSeaError
from data.forces import CraftClass, CraftState, GroupState
from data.geography import Place
from routing.deploy.ways import LONGEST_LAST_MILE_S, can_berth
from routing.dispatch.crossings import Crossings, flight_s, geodesic_m
from routing.handling import FIELD_WALK_MIN, load_minutes, unload_minutes
from routing.network.foot import foot_field
from routing.network.projection import Floats
from routing.network.rings import MAX_WALK_MIN, WAYS, Way

Codes = npt.NDArray[np.int64]
NOTHING = -1
# The landing of a helicopter that comes down in a field beside the scene.
IN_FIELD = -2
FOOT, ROAD, SEA, AIR = range(len(WAYS))


@dataclass(frozen=True)
class Comings:
    """The quickest coming of units (rows) to scenes (columns).

    ``seconds`` are inf where none can come. ``way`` numbers ``WAYS``; ``carrier`` numbers the craft that fetches a
    group, ``pickup`` and ``landing`` number ``sites``: NOTHING where there is none, IN_FIELD beside the scene.
    """

    seconds: Floats
    way: Codes
    carrier: Codes
    pickup: Codes
    landing: Codes
    sites: tuple[Place, ...]

    def way_of(self, unit: int, scene: int) -> Way | None:
        """Return how a unit comes, None where it cannot."""
        number = int(self.way[unit, scene])
        return None if number == NOTHING else WAYS[number]


@dataclass
class ComingTimes:
    """Times units at one moment; what does not depend on the scene is worked out once."""

    crossings: Crossings
    craft: Sequence[CraftState]
    _hops: dict[str, Floats] = field(default_factory=dict)
    _approaches: dict[int, Floats] = field(default_factory=dict)
    _open: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    _last_miles: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        region = self.crossings.region
        self.classes = [region.craft_classes[state.craft.class_id] for state in self.craft]
        self.sites = tuple(region.place(name) for name in (*region.piers, *region.helipads))
        self.number = {site.id: n for n, site in enumerate(self.sites)}

    def of_groups(self, groups: Sequence[GroupState], scenes: Sequence[Place], carriers: Sequence[int]) -> Comings:
        """Return how groups come; ``carriers`` are the craft, by number, that may fetch them."""
        places = [self.place_of(state) for state in groups]
        ready_s = np.array([60.0 * state.ready_in_min for state in groups])
        out = self._nobody(len(groups), len(scenes))
        access_s = ready_s[:, None] + self.crossings.road_s(places, self.sites)
        for column, scene in enumerate(scenes):
            self._by_land(out, column, places, ready_s, scene)
            last_s = self._last_mile_s(scene)
            onward: dict[str, tuple[Floats, Codes]] = {}
            for number in carriers:
                craft_class = self.classes[number]
                if craft_class.id not in onward:
                    onward[craft_class.id] = self._onward_s(craft_class, scene, last_s)
                onward_s, landing = onward[craft_class.id]
                board_s = np.maximum(access_s, self._approach_s(number)) + onward_s
                pickup = board_s.argmin(axis=1)
                total_s = board_s[np.arange(len(groups)), pickup]
                fits = np.array([_fits(state, craft_class) for state in groups])
                better = fits & (total_s < out.seconds[:, column])
                out.seconds[better, column] = total_s[better]
                out.way[better, column] = AIR if craft_class.mode == "air" else SEA
                out.carrier[better, column] = number
                out.pickup[better, column] = pickup[better]
                out.landing[better, column] = landing[pickup[better]]
        return out

    def of_craft(self, scenes: Sequence[Place]) -> Comings:
        """Return how craft come, each until who it brings stands at the scene."""
        places = [self.place_of(state) for state in self.craft]
        ready_s = np.array([60.0 * state.ready_in_min for state in self.craft])
        out = self._nobody(len(self.craft), len(scenes))
        on_wheels = np.array([one.mode == "road" for one in self.classes], np.bool_)
        for column, scene in enumerate(scenes):
            self._by_land(out, column, places, np.where(on_wheels, ready_s, np.inf), scene)
            last_s = self._last_mile_s(scene)
            for number in np.flatnonzero(~on_wheels).tolist():
                craft_class = self.classes[number]
                ashore_s = np.where(self._usable(craft_class), last_s + 60.0 * unload_minutes(craft_class), np.inf)
                total_s = self._approach_s(number) + ashore_s
                landing = int(total_s.argmin())
                soonest_s = float(total_s[landing])
                if (field_s := self._to_field_s(craft_class, [places[number]], scene)) is not None:
                    in_field_s = float(ready_s[number] + field_s[0])
                    soonest_s, landing = min((soonest_s, landing), (in_field_s, IN_FIELD))
                if np.isfinite(soonest_s):
                    out.seconds[number, column] = soonest_s
                    out.way[number, column] = AIR if craft_class.mode == "air" else SEA
                    out.landing[number, column] = landing
        return out

    def place_of(self, state: CraftState | GroupState) -> Place:
        """Return where a unit is: its site, or a spot in the open on the island it stands on."""
        region = self.crossings.region
        unit = state.craft if isinstance(state, CraftState) else state.group
        if state.site_id is not None:
            return region.place(state.site_id)
        return Place(
            id=unit.id,
            kind="field",
            name=unit.call_sign,
            island_id=self.crossings.network.island_at(state.lon_deg, state.lat_deg) or "",
            lon_deg=state.lon_deg,
            lat_deg=state.lat_deg,
        )

    def _nobody(self, units: int, scenes: int) -> Comings:
        way, carrier, pickup, landing = (np.full((units, scenes), NOTHING) for _ in range(4))
        return Comings(np.full((units, scenes), np.inf), way, carrier, pickup, landing, self.sites)

    def _by_land(self, out: Comings, column: int, places: Sequence[Place], ready_s: Floats, scene: Place) -> None:
        """Enter who drives, and who walks where the roads of the scene's island are shut."""
        road_s = ready_s + self.crossings.road_s(places, [scene])[:, 0]
        out.seconds[:, column] = road_s
        out.way[:, column] = np.where(np.isfinite(road_s), ROAD, NOTHING)
        if self._is_walked(scene):
            walked_s = ready_s + self._walk_s(places, scene)
            sooner = walked_s < road_s
            out.seconds[sooner, column] = walked_s[sooner]
            out.way[sooner, column] = FOOT

    def _last_mile_s(self, scene: Place) -> Floats:
        """Return (sites,) seconds from where one lands to the scene, inf where that is too far."""
        if scene.id not in self._last_miles:
            last_s = self.crossings.road_s(self.sites, [scene])[:, 0]
            if self._is_walked(scene):
                last_s = np.minimum(last_s, self._walk_s(self.sites, scene))
            self._last_miles[scene.id] = np.where(last_s > LONGEST_LAST_MILE_S, np.inf, last_s)
        return self._last_miles[scene.id]

    def _is_walked(self, scene: Place) -> bool:
        return any(
            closure.target_kind == "road" and closure.target_id == scene.island_id and closure.holds(self.crossings.at)
            for closure in self.crossings.closures
        )

    def _walk_s(self, places: Sequence[Place], scene: Place) -> Floats:
        """Return (places,) seconds on foot, the same both ways; nobody walks more than an hour."""
        out = np.full(len(places), np.inf)
        near = [n for n, place in enumerate(places) if place.island_id == scene.island_id]
        if near:
            reach = foot_field(self.crossings.region, scene, 60.0 * MAX_WALK_MIN)
            out[near] = reach.times_s([places[n] for n in near])
        return out

    def _usable(self, craft_class: CraftClass) -> npt.NDArray[np.bool_]:
        """Return which sites a class may berth at now."""
        if craft_class.id not in self._open:
            region = self.crossings.region
            fits = [can_berth(craft_class, site, region) for site in self.sites]
            self._open[craft_class.id] = np.array(
                [fit and self.crossings.is_open(craft_class, site) for fit, site in zip(fits, self.sites, strict=True)]
            )
        return self._open[craft_class.id]

    def _class_hops_s(self, craft_class: CraftClass) -> Floats:
        """Return (sites, sites) seconds of a class between sites it may use now, inf elsewhere."""
        if craft_class.id not in self._hops:
            usable = np.flatnonzero(self._usable(craft_class))
            hop_s = np.full((len(self.sites), len(self.sites)), np.inf)
            some = [self.sites[n] for n in usable]
            if some:
                hop_s[np.ix_(usable, usable)] = self.crossings.hop_s(craft_class, some, some)
            self._hops[craft_class.id] = hop_s
        return self._hops[craft_class.id]

    def _approach_s(self, number: int) -> Floats:
        """Return (sites,) seconds from the order until a craft lies at each site it may use, inf elsewhere."""
        if number not in self._approaches:
            state, craft_class = self.craft[number], self.classes[number]
            at = self.number.get(state.site_id or "")
            if at is not None:
                there_s = self._class_hops_s(craft_class)[at]
            else:
                there_s = np.full(len(self.sites), np.inf)
                usable = np.flatnonzero(self._usable(craft_class))
                some = [self.sites[n] for n in usable]
                # A boat reported far from any water is on a trailer or misplaced: nobody counts on it.
                with suppress(NotAtSeaError):
                    there_s[usable] = self.crossings.from_afloat_s(craft_class, self.place_of(state), some)
            self._approaches[number] = 60.0 * state.ready_in_min + there_s
        return self._approaches[number]

    def _onward_s(self, craft_class: CraftClass, scene: Place, last_s: Floats) -> tuple[Floats, Codes]:
        """Return (sites,) seconds from lying at a pickup to standing at the scene, and where one lands."""
        carry_s = self._class_hops_s(craft_class).copy()
        np.fill_diagonal(carry_s, np.inf)
        by_landing_s = carry_s + (last_s + 60.0 * unload_minutes(craft_class))[None]
        landing = by_landing_s.argmin(axis=1)
        onward_s = by_landing_s[np.arange(len(self.sites)), landing]
        field_s = self._to_field_s(craft_class, self.sites, scene)
        if field_s is not None:
            in_field_s = np.where(self._usable(craft_class), field_s, np.inf)
            landing = np.where(in_field_s < onward_s, IN_FIELD, landing)
            onward_s = np.minimum(onward_s, in_field_s)
        return onward_s + 60.0 * load_minutes(craft_class), landing

    def _to_field_s(self, craft_class: CraftClass, places: Sequence[Place], scene: Place) -> Floats | None:
        """Return (places,) seconds to a field beside the scene and on foot to it; None where none may land there."""
        if craft_class.mode != "air" or "field" not in craft_class.berthing:
            return None
        if not self.crossings.may_land_in_field(craft_class, scene):
            return None
        flown_s: Floats = flight_s(geodesic_m(places, [scene]), craft_class)[:, 0]
        return flown_s + 60.0 * (unload_minutes(craft_class) + FIELD_WALK_MIN)


def _fits(state: GroupState, craft_class: CraftClass) -> bool:
    """Tell whether a class holds a group whole, with its vehicles."""
    group = state.group
    return group.strength <= craft_class.seats and group.deck_slots <= craft_class.deck_slots
