"""The quickest way each group could reach each incident by sea or air if craft lay waiting at every pickup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.forces import CraftClass
from data.geography import Place, Region
from data.text import Text
from routing.deploy.candidates import FIELD, Candidates
from routing.deploy.travel import Travel
from routing.handling import FIELD_WALK_MIN
from routing.network.projection import Floats

# Nobody is landed farther from the incident than this by road.
LONGEST_LAST_MILE_S = 3600.0
MODES = ("sea", "air")


def can_berth(craft_class: CraftClass, place: Place, region: Region) -> bool:
    """Tell whether a class can load and land at a place, weather aside."""
    if place.id.startswith(FIELD):
        return craft_class.mode == "air" and "field" in craft_class.berthing
    if pier := region.piers.get(place.id):
        return craft_class.mode == "sea" and bool(craft_class.berthing & pier.berthing)
    return craft_class.mode == "air" and place.id in region.helipads and "helipad" in craft_class.berthing


def field_beside(scene: Place) -> Place:
    """Return the field a helicopter may land in beside an incident, by day."""
    return Place(
        id=FIELD + scene.id,
        kind="field",
        name=Text("现场野降点", "Field at the scene"),
        island_id=scene.island_id,
        lon_deg=scene.lon_deg,
        lat_deg=scene.lat_deg,
    )


@dataclass
class Ways:
    """Seconds of every way, without waiting, loading or the craft's own approach: a lower limit for each."""

    found: Candidates
    scenes: Sequence[Place]
    travel: Travel

    @cached_property
    def sites(self) -> dict[str, list[Place]]:
        """Piers for boats, pads for helicopters."""
        region = self.travel.region
        return {
            "sea": [region.place(pier) for pier in region.piers],
            "air": [region.place(pad) for pad in region.helipads],
        }

    @cached_property
    def direct_s(self) -> Floats:
        """(groups, scenes) seconds by road all the way."""
        return self.travel.road_times_s(self.found.groups_at, self.scenes)

    @cached_property
    def access_s(self) -> dict[str, Floats]:
        """(groups, sites) seconds by road to each pier and pad."""
        return {mode: self.travel.road_times_s(self.found.groups_at, self.sites[mode]) for mode in MODES}

    @cached_property
    def haul_s(self) -> dict[str, Floats]:
        """(sites, sites) seconds of the quickest class that can berth at both ends at some time."""
        return {mode: self._haul_s(mode) for mode in MODES}

    @cached_property
    def by_way_s(self) -> dict[str, list[Floats]]:
        """For each scene (groups, pickups, landings) seconds; inf where the road all the way is as quick."""
        return {mode: [self._by_way_s(mode, n) for n in range(len(self.scenes))] for mode in MODES}

    @cached_property
    def to_field_s(self) -> list[Floats]:
        """For each scene (groups, pads) seconds to a field beside it; inf where the road is as quick."""
        flyers = [one for one in self._classes("air") if "field" in one.berthing]
        out = []
        for column, scene in enumerate(self.scenes):
            seconds = np.full(self.access_s["air"].shape, np.inf)
            for flyer in flyers:
                flight_s = self.travel.times_s_and_m(flyer, self.sites["air"], [field_beside(scene)])[0][:, 0]
                seconds = np.minimum(seconds, self.access_s["air"] + flight_s[None, :] + 60.0 * FIELD_WALK_MIN)
            seconds[seconds >= self.direct_s[:, column][:, None]] = np.inf
            out.append(seconds)
        return out

    @cached_property
    def arrival_s(self) -> Floats:
        """(groups, scenes) seconds of the quickest way from its readiness."""
        out = self.direct_s.copy()
        for column in range(len(self.scenes)):
            for mode in MODES:
                by_way = self.by_way_s[mode][column]
                out[:, column] = np.minimum(out[:, column], by_way.min(axis=(1, 2), initial=np.inf))
            out[:, column] = np.minimum(out[:, column], self.to_field_s[column].min(axis=1, initial=np.inf))
        return out

    def _by_way_s(self, mode: str, column: int) -> Floats:
        last_s = self.travel.road_times_s(self.sites[mode], [self.scenes[column]])[:, 0]
        last_s = np.where(last_s > LONGEST_LAST_MILE_S, np.inf, last_s)
        by_way = self.access_s[mode][:, :, None] + (self.haul_s[mode] + last_s[None, :])[None]
        by_way[by_way >= self.direct_s[:, column][:, None, None]] = np.inf
        return by_way

    def _haul_s(self, mode: str) -> Floats:
        places = self.sites[mode]
        best: Floats = np.full((len(places), len(places)), np.inf)
        for craft_class in self._classes(mode):
            usable = [
                n
                for n, place in enumerate(places)
                if can_berth(craft_class, place, self.travel.region) and self.travel.is_ever_open(craft_class, place)
            ]
            if usable:
                some = [places[n] for n in usable]
                part = np.ix_(usable, usable)
                best[part] = np.minimum(best[part], self.travel.times_s_and_m(craft_class, some, some)[0])
        np.fill_diagonal(best, np.inf)
        return best

    def _classes(self, mode: str) -> list[CraftClass]:
        classes = self.travel.region.craft_classes
        used = dict.fromkeys(state.craft.class_id for state in self.found.craft)
        return [classes[one] for one in used if classes[one].mode == mode]
