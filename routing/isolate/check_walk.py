"""A second way to walk a passage, hour by hour through the forecast itself: for the check, no code of the engine in it.

It reads limits rule by rule at every hour of the forecast it meets; the engine carries shut spans backwards.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

from data.forces import KNOT_MPS, CraftClass
from data.geography import MAINLAND, Helipad, Pier, Place, Region
from data.weather import Closure, Forecast, ZoneHour
from routing.deploy.lane_book import LaneBook
from routing.handling import load_minutes, unload_minutes
from routing.network import limits
from routing.network.sea_speed import speed_factor
from routing.network.sun import night_until
from routing.network.tides import TideCurve

MINUTE = timedelta(minutes=1)
ONWARD_MIN = 60
LEAST_SHARE = 0.2
HAIR = timedelta(milliseconds=1)


class ShutError(Exception):
    """Something on the way is shut."""


class Walker:
    """Walks passages under one forecast and its closures."""

    def __init__(
        self,
        region: Region,
        book: LaneBook,
        forecast: Forecast | None,
        closures: Sequence[Closure],
        havens: frozenset[str],
    ) -> None:
        self.region, self.book, self.closures, self.havens = region, book, closures, havens
        self.zone_ids = book.network.lanes.zones.ids
        self._hours: dict[str, list[ZoneHour]] = {}
        for hour in forecast.hours if forecast else ():
            self._hours.setdefault(hour.zone_id, []).append(hour)
        people = sorted(edge for one in closures for edge in (one.from_at, one.until_at) if edge is not None)
        self._times = {zone: [hour.valid_from for hour in hours] for zone, hours in self._hours.items()}
        self._edges = {zone: sorted([*times, *people]) for zone, times in self._times.items()}
        self._all_edges = sorted({edge for edges in self._edges.values() for edge in edges} | set(people))
        self._people = people

    def arrival(
        self, craft_class: CraftClass, a: Place, b: Place, depart: datetime, *, onward: bool
    ) -> datetime | None:
        """Return when a departure is unloaded, with ``onward`` across the bridges; None if it meets a limit."""
        try:
            self._at_site(craft_class, a, depart, depart)
            return self._landed(craft_class, b, self._crossed(craft_class, a, b, depart), onward)
        except ShutError:
            return None

    def back(
        self, craft_class: CraftClass, haven: Place, site: Place, depart: datetime
    ) -> tuple[datetime, datetime] | None:
        """Return when a craft out from a haven leaves a site again and when it is back and unloaded; None if shut."""
        turn = timedelta(minutes=load_minutes(craft_class) + unload_minutes(craft_class))
        try:
            self._at_site(craft_class, haven, depart, depart)
            there = self._crossed(craft_class, haven, site, depart)
            self._tide(craft_class, site, there)
            self._at_site(craft_class, site, there, there + turn)
            home = self._crossed(craft_class, site, haven, there + turn)
            return there + turn, self._landed(craft_class, haven, home, True)
        except ShutError:
            return None

    def loaded(self, craft_class: CraftClass, start: Place, site: Place, leave: datetime) -> datetime | None:
        """Return when an empty craft from a place has loaded at a site; None if it meets a limit."""
        try:
            there = leave
            if start.id != site.id:
                if start.id in self.region.piers or start.id in self.region.helipads:
                    self._at_site(craft_class, start, leave, leave)
                there = self._crossed(craft_class, start, site, leave)
            self._tide(craft_class, site, there)
            loaded = there + timedelta(minutes=load_minutes(craft_class))
            self._at_site(craft_class, site, there, loaded, with_tide=False)
            return loaded
        except ShutError:
            return None

    def _landed(self, craft_class: CraftClass, site: Place, there: datetime, onward: bool) -> datetime:
        self._tide(craft_class, site, there)
        ashore = there + timedelta(minutes=unload_minutes(craft_class))
        self._at_site(craft_class, site, there, ashore, with_tide=False)
        if onward and site.island_id not in self.havens:
            over = ashore + timedelta(minutes=ONWARD_MIN)
            if not all(self._leads_to_haven(site.island_id, moment) for moment in self._moments(ashore, over)):
                raise ShutError
            return over
        return ashore

    def _crossed(self, craft_class: CraftClass, a: Place, b: Place, depart: datetime) -> datetime:
        if craft_class.mode == "air":
            spans = self.book.flight(craft_class, a, b).zone_spans
            moment = depart
            for span in spans:
                end = moment + timedelta(seconds=span.to_s - span.from_s)
                for edge in self._moments(moment, end):
                    self._in_zone(craft_class, span.zone_id, edge)
                moment = end
            return moment
        lane = self.book.lane(a, b)
        if lane is None:
            raise ShutError
        moment = depart
        for zone, metres in zip(lane.zones, lane.metres, strict=True):
            moment = self._sailed(craft_class, self.zone_ids[zone], metres, moment)
        return moment

    def _sailed(self, craft_class: CraftClass, zone_id: str, metres: float, moment: datetime) -> datetime:
        """Sail so many metres of a zone, hour by hour of its forecast."""
        while True:
            self._in_zone(craft_class, zone_id, moment)
            speed = craft_class.cruise_mps
            if (hour := self._hour(zone_id, moment)) is not None:
                share = speed_factor(hour.hs_m, craft_class.max_hs_m) - hour.current_kn * KNOT_MPS / speed
                speed *= max(LEAST_SHARE, share)
            edges = self._edges.get(zone_id, self._people)
            place = bisect_right(edges, moment)
            edge = edges[place] if place < len(edges) else None
            needs = timedelta(seconds=metres / speed)
            if edge is None or moment + needs < edge:
                return moment + needs
            metres -= speed * (edge - moment).total_seconds()
            moment = edge

    def _at_site(
        self, craft_class: CraftClass, place: Place, first: datetime, last: datetime, *, with_tide: bool = True
    ) -> None:
        """Raise ShutError unless a class may lie at a site all the time from first to last."""
        pier, pad = self.region.piers.get(place.id), self.region.helipads.get(place.id)
        for moment in self._moments(first, last):
            if pier is not None:
                self._at_pier(craft_class, pier, moment)
            elif pad is not None:
                self._at_pad(craft_class, pad, moment)
        if with_tide:
            self._tide(craft_class, place, first)
            self._tide(craft_class, place, last)

    def _at_pier(self, craft_class: CraftClass, pier: Pier, moment: datetime) -> None:
        if self._closed("pier", pier.id, moment) or self._closed("island", pier.island_id, moment):
            raise ShutError
        if limits.berthing_limit(craft_class, pier):
            raise ShutError
        hour = self._hour(pier.zone_id, moment)
        if hour is not None and limits.berth_wave_limit(craft_class, pier, hour):
            raise ShutError
        self._in_zone(craft_class, pier.zone_id, moment)

    def _at_pad(self, craft_class: CraftClass, pad: Helipad, moment: datetime) -> None:
        if self._closed("helipad", pad.id, moment) or self._closed("island", pad.island_id, moment):
            raise ShutError
        dark = night_until(pad.lon_deg, pad.lat_deg, moment) is not None
        if limits.daylight_limit(craft_class, pad, dark):
            raise ShutError
        self._in_zone(craft_class, self.book.zone_of(pad), moment)

    def _in_zone(self, craft_class: CraftClass, zone_id: str, moment: datetime) -> None:
        if craft_class.mode == "sea" and self._closed("zone", zone_id, moment):
            raise ShutError
        hour = self._hour(zone_id, moment)
        if hour is not None and limits.passage_breach(craft_class, hour):
            raise ShutError

    def _tide(self, craft_class: CraftClass, place: Place, moment: datetime) -> None:
        """Raise ShutError unless the tide lets a class load before a moment and unload after it."""
        pier = self.region.piers.get(place.id)
        if pier is None or not pier.is_tidal:
            return
        hours = self._hours.get(pier.zone_id, [])
        curve = TideCurve.of(hours)
        first = moment - timedelta(minutes=load_minutes(craft_class)) + HAIR
        last = moment + timedelta(minutes=unload_minutes(craft_class))
        knots = [hour.valid_from for hour in hours if first < hour.valid_from < last]
        if any(limits.tide_limit(pier, curve.height_m(one)) for one in (first, *knots, last)):
            raise ShutError

    def _leads_to_haven(self, island_id: str, moment: datetime) -> bool:
        return any(
            one != island_id and (one in self.havens or one == MAINLAND) for one in self.reached(island_id, moment)
        )

    def reached(self, island_id: str, moment: datetime) -> set[str]:
        """Return the islands open bridges lead to from an island, itself included."""
        seen, todo = {island_id}, [island_id]
        while todo:
            here = todo.pop()
            for bridge in self.region.bridges.values():
                if not bridge.usable or here not in (bridge.from_island, bridge.to_island):
                    continue
                other = bridge.to_island if bridge.from_island == here else bridge.from_island
                hour = self._hour(bridge.zone_id, moment)
                shut = (hour is not None and limits.bridge_wind_limit(bridge, hour)) or self._closed(
                    "bridge", bridge.id, moment
                )
                shut = shut or any(self._closed("road", end, moment) for end in (bridge.from_island, bridge.to_island))
                if not shut and other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    def _moments(self, first: datetime, last: datetime) -> list[datetime]:
        """Return the moments of a span at which weather or people may change anything: its ends, and those between."""
        if first == last:
            return [first]
        inside = self._all_edges[bisect_right(self._all_edges, first) : bisect_left(self._all_edges, last)]
        return [first, *inside, last]

    def _hour(self, zone_id: str, moment: datetime) -> ZoneHour | None:
        hours = self._hours.get(zone_id)
        if not hours:
            return None
        return hours[max(0, bisect_right(self._times[zone_id], moment) - 1)]

    def _closed(self, kind: str, target_id: str, moment: datetime) -> bool:
        return any(
            one.target_kind == kind and one.target_id == target_id and one.holds(moment) for one in self.closures
        )
