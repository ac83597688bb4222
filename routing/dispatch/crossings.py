"""What a class of craft can cross at one moment: open sites, open water, seconds between sites and to a field.

The states of sites and zones are those of the moment, not of the hour of arrival: a plan looks at every hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from data.forces import CraftClass
from data.geography import Place, Region
from data.weather import Closure, Forecast
from routing.deploy.lane_book import LaneBook
from routing.handling import usable_range_m
from routing.network.air import LANDING_S, START_S
from routing.network.limits import LinkState
from routing.network.network import Network
from routing.network.projection import WGS84, Floats
from routing.network.sea_speed import paces_s_per_m


@dataclass(frozen=True)
class Crossings:
    """One moment's crossings over a network; answers about a class are remembered."""

    network: Network
    book: LaneBook
    at: datetime
    forecast: Forecast | None = None
    closures: tuple[Closure, ...] = ()
    _states: dict[tuple[str, str], LinkState] = field(default_factory=dict)

    @property
    def region(self) -> Region:
        """The region of the network."""
        return self.network.region

    def road_s(self, a: Sequence[Place], b: Sequence[Place]) -> Floats:
        """Return (a, b) estimated seconds by road over what is open now, inf where no road leads."""
        if not a or not b:
            return np.full((len(a), len(b)), np.inf)
        return self.network.road_times_s(a, b, self.closures, self.forecast, self.at)

    def in_zone(self, craft_class: CraftClass, zone_id: str) -> LinkState:
        """Return whether a class may be under way in a zone now."""
        key = (craft_class.id, zone_id)
        if key not in self._states:
            self._states[key] = self.network.craft_state(craft_class, zone_id, self.forecast, self.at, self.closures)
        return self._states[key]

    def at_site(self, craft_class: CraftClass, site: Place) -> LinkState:
        """Return whether a class may use a pier or pad now."""
        key = (craft_class.id, f"site:{site.id}")
        if key not in self._states:
            here = self.forecast, self.closures, self.at
            pier = self.region.piers.get(site.id)
            self._states[key] = (
                self.network.pier_state(pier, craft_class, *here)
                if pier is not None
                else self.network.pad_state(self.region.helipads[site.id], craft_class, *here)
            )
        return self._states[key]

    def is_open(self, craft_class: CraftClass, site: Place) -> bool:
        """Tell whether a class may use a pier or pad now."""
        return self.at_site(craft_class, site).status != "closed"

    def hop_s(self, craft_class: CraftClass, a: Sequence[Place], b: Sequence[Place]) -> Floats:
        """Return (a, b) seconds between sites; inf through shut water and beyond half the usable range.

        Half, because a craft has to come home again. 0 from a site to itself.
        """
        if craft_class.mode == "air":
            lengths_m = geodesic_m(a, b)
            return np.where(lengths_m > 0.0, flight_s(lengths_m, craft_class), 0.0)
        zone_ids = self.network.lanes.zones.ids
        zone_m = self.book.zone_metres(a, b)
        paces = paces_s_per_m(craft_class, zone_ids, self.network.conditions(self.forecast, self.closures), self.at)
        shut = self._shut_zones(craft_class)
        lengths_m = zone_m.sum(axis=2)
        can = np.isfinite(lengths_m) & ~(zone_m[:, :, shut] > 0).any(axis=2)
        can &= lengths_m <= usable_range_m(craft_class) / 2
        return np.where(can, np.where(np.isfinite(zone_m), zone_m, 0.0) @ paces, np.inf)

    def from_afloat_s(self, craft_class: CraftClass, place: Place, sites: Sequence[Place]) -> Floats:
        """Return (sites,) seconds from a place under way; by water one search over all of it.

        Raises NotAtSeaError for a boat whose place has no water within 2 km.
        """
        if craft_class.mode == "air":
            flown_s: Floats = flight_s(geodesic_m([place], sites), craft_class)[0]
            return flown_s
        zone_ids = self.network.lanes.zones.ids
        paces = paces_s_per_m(craft_class, zone_ids, self.network.conditions(self.forecast, self.closures), self.at)
        # Where water is shut a way round is taken if there is one; what still passes through takes too long to be one.
        shut = self._shut_zones(craft_class)
        times_s = self.network.lanes.times_s([place], sites, np.where(shut, TOO_SLOW_S_PER_M, paces))[0]
        longest_s = usable_range_m(craft_class) / 2 * float(paces.max())
        return np.where(times_s <= min(longest_s, LONGEST_SAIL_S), times_s, np.inf)

    def may_land_in_field(self, craft_class: CraftClass, place: Place) -> bool:
        """Tell whether a helicopter may come down in a field beside a place now: by day, within its limits."""
        now = self.network.conditions(self.forecast, self.closures)
        day = self.at.replace(hour=0, minute=0, second=0, microsecond=0)
        dark = now.dark(craft_class, None, place.id, place.lon_deg, place.lat_deg, day)
        zone_id = self.network.zone_of(place.lon_deg, place.lat_deg)
        return now.state(dark, self.at).status != "closed" and self.in_zone(craft_class, zone_id).status != "closed"

    def _shut_zones(self, craft_class: CraftClass) -> npt.NDArray[np.bool_]:
        zone_ids = self.network.lanes.zones.ids
        return np.array([self.in_zone(craft_class, name).status == "closed" for name in zone_ids] or [False])


# A pace at which half a mile through shut water already takes longer than anything is waited for.
TOO_SLOW_S_PER_M = 1e3
LONGEST_SAIL_S = 24 * 3600.0


def geodesic_m(a: Sequence[Place], b: Sequence[Place]) -> Floats:
    """Return (a, b) metres on the spheroid."""
    rows, columns = (grid.ravel() for grid in np.meshgrid(np.arange(len(a)), np.arange(len(b)), indexing="ij"))
    at, to = (np.array([(place.lon_deg, place.lat_deg) for place in some]).reshape(-1, 2) for some in (a, b))
    flat = WGS84.inv(at[rows, 0], at[rows, 1], to[columns, 0], to[columns, 1])[2]
    return np.asarray(flat, float).reshape(len(a), len(b))


def flight_s(lengths_m: Floats, craft_class: CraftClass) -> Floats:
    """Return start, cruise and landing, inf beyond half the usable range."""
    seconds = START_S + lengths_m / craft_class.cruise_mps + LANDING_S
    return np.where(lengths_m <= usable_range_m(craft_class) / 2, seconds, np.inf)
