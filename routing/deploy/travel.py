"""Times, routes and closed departures between the places of one deployment, under one forecast and its closures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from math import ceil, inf

import numpy as np

from data.forces import CraftClass
from data.geography import Helipad, Pier, Place, Region
from data.situation import Situation
from routing.deploy.lane_book import LaneBook
from routing.deploy.problem import Spans
from routing.network.air import flight_time_s
from routing.network.conditions import Conditions, Shut
from routing.network.network import Network
from routing.network.projection import WGS84, Floats
from routing.network.routes import Route, ZoneSpan
from routing.network.sea_speed import paces_s_per_m
from routing.network.windows import ClosedSpan, whole_minutes

# Minutes after the start at which something is shut, ends open where they are infinite.
Shuts = tuple[tuple[float, float], ...]


@dataclass
class Travel:
    """Answers for one situation. Sailing speeds are those of the sea at the situation's moment."""

    network: Network
    book: LaneBook
    situation: Situation
    horizon_min: int
    _paces: dict[str, Floats] = field(default_factory=dict)
    _spans: dict[tuple[str, str, str], Spans] = field(default_factory=dict)
    _shuts: dict[tuple[str, str], Shuts] = field(default_factory=dict)

    @property
    def region(self) -> Region:
        """The region the network is of."""
        return self.network.region

    @property
    def start(self) -> datetime:
        """The moment minutes are counted from."""
        return self.situation.at

    def paces(self, craft_class: CraftClass) -> Floats:
        """Return seconds a metre of a class in each zone at the start."""
        if craft_class.id not in self._paces:
            conditions = self.network.conditions(self.situation.forecast)
            self._paces[craft_class.id] = paces_s_per_m(
                craft_class, self.network.lanes.zones.ids, conditions, self.start
            )
        return self._paces[craft_class.id]

    def times_s_and_m(self, craft_class: CraftClass, a: Sequence[Place], b: Sequence[Place]) -> tuple[Floats, Floats]:
        """Return (a, b) seconds and metres for a class by its own mode, inf where it cannot go; 0 to the same place."""
        if craft_class.mode == "air":
            lengths_m = _straight_m(a, b)
            return np.where(lengths_m > 0, flight_time_s(lengths_m, craft_class), 0.0), lengths_m  # type: ignore[arg-type]
        zone_m = self.book.zone_metres(a, b)
        paces = self.paces(craft_class)
        lengths_m = zone_m.sum(axis=2)
        with np.errstate(invalid="ignore"):
            times_s = np.where(np.isfinite(lengths_m), zone_m @ paces, np.inf)
        return times_s, lengths_m

    def route(self, craft_class: CraftClass, a: Place, b: Place) -> Route | None:
        """Return the way of a class between two places with what it passes and when, None without one."""
        if craft_class.mode == "air":
            return self.book.flight(craft_class, a, b)
        lane = self.book.lane(a, b)
        if lane is None:
            return None
        paces, ids = self.paces(craft_class), self.network.lanes.zones.ids
        piece_s = [metres * float(paces[zone]) for zone, metres in zip(lane.zones, lane.metres, strict=True)]
        ends_s = list(accumulate(piece_s))
        spans = tuple(
            ZoneSpan(ids[zone], end_s - took_s, end_s)
            for zone, took_s, end_s in zip(lane.zones, piece_s, ends_s, strict=True)
        )
        return Route(
            mode="sea",
            from_site=a.id,
            to_site=b.id,
            length_m=lane.length_m,
            time_s=ends_s[-1] if ends_s else 0.0,
            path=lane.path,
            estimate=False,
            zone_ids=tuple(dict.fromkeys(span.zone_id for span in spans)),
            island_ids=tuple(dict.fromkeys((a.island_id, b.island_id))),
            zone_spans=spans,
        )

    def road_times_s(self, a: Sequence[Place], b: Sequence[Place]) -> Floats:
        """Return (a, b) seconds by road over bridges open at the start, inf where none leads."""
        if not a or not b:
            return np.full((len(a), len(b)), np.inf)
        here = self.situation
        return self.network.road_times_s(a, b, here.closures, here.forecast, here.at)

    def road_route(self, a: Place, b: Place) -> Route | None:
        """Return the way by road, None without one."""
        here = self.situation
        return self.network.road_route(a, b, here.closures, here.forecast, here.at)

    def closed_spans(self, craft_class: CraftClass, a: Place, b: Place) -> Spans:
        """Return the departures from a to b that are forbidden to a class, merged; none for staying where it is."""
        key = (craft_class.id, a.id, b.id)
        if key not in self._spans:
            self._spans[key] = self._find_spans(craft_class, a, b)
        return self._spans[key]

    def worded_spans(self, craft_class: CraftClass, a: Place, b: Place) -> list[ClosedSpan]:
        """Return the same departures by cause, in words."""
        route = self.route(craft_class, a, b) if a.id != b.id else None
        if route is None:
            return []
        here, ends = self.situation, (self._site(a), self._site(b))
        return self.network.closed_departures(
            craft_class, route, *ends, here.forecast, here.closures, here.at, self.horizon_min
        )

    def _find_spans(self, craft_class: CraftClass, a: Place, b: Place) -> Spans:
        if a.id == b.id:
            return ()
        at_a, at_b = self._shut_at(craft_class, a), self._shut_at(craft_class, b)
        in_zones = any(self._shut_in(craft_class, zone_id) for zone_id in self.region.zones)
        if not at_a and not at_b and not in_zones:
            return ()
        if in_zones:
            route = self.route(craft_class, a, b)
            if route is None:
                return ()
            time_s, zone_spans = route.time_s, route.zone_spans
        else:  # the way passes no zone that is ever shut: its length alone matters
            time_s, zone_spans = float(self.times_s_and_m(craft_class, [a], [b])[0][0, 0]), ()
        arrival = whole_minutes(time_s, time_s)[1]
        stays = [(0, 0, at_a), (arrival, arrival, at_b)]
        stays += [(*whole_minutes(z.from_s, z.to_s), self._shut_in(craft_class, z.zone_id)) for z in zone_spans]
        found = []
        for enter_min, leave_min, shut in stays:
            for from_min, to_min in shut:
                first = max(0, ceil(max(from_min - leave_min, 0.0)))
                last = self.horizon_min + 1 if to_min - enter_min > self.horizon_min else ceil(to_min - enter_min)
                if first < last and first <= self.horizon_min:
                    found.append((first, last))
        return join_spans(found)

    def is_ever_open(self, craft_class: CraftClass, place: Place) -> bool:
        """Tell whether a class may use a place at some minute of the horizon, the way there aside."""
        shut = self._shut_at(craft_class, place)
        return not (shut and shut[0][0] <= 0 and shut[0][1] > self.horizon_min)

    def _shut_in(self, craft_class: CraftClass, zone_id: str) -> Shuts:
        """Return the minutes at which a class may not be in a zone."""
        key = (craft_class.id, zone_id)
        if key not in self._shuts:
            self._shuts[key] = self._minutes_of(self._conditions().craft_shuts(craft_class, zone_id))
        return self._shuts[key]

    def _shut_at(self, craft_class: CraftClass, place: Place) -> Shuts:
        """Return the minutes at which a class may not load or land at a place."""
        key = (craft_class.id, place.id)
        if key not in self._shuts:
            now, site = self._conditions(), self._site(place)
            shuts: list[Shut] = []
            if isinstance(site, Pier):
                shuts = now.pier_shuts(site, craft_class)
            elif isinstance(site, Helipad):
                shuts = now.pad_shuts(site, self.book.zone_of(site), craft_class, self._day)
            elif craft_class.mode == "air":
                shuts = now.dark(craft_class, None, place.id, place.lon_deg, place.lat_deg, self._day)
            self._shuts[key] = self._minutes_of(shuts)
        return self._shuts[key]

    @property
    def _day(self) -> datetime:
        return self.start.replace(hour=0, minute=0, second=0, microsecond=0)

    def _minutes_of(self, shuts: Sequence[Shut]) -> Shuts:
        """Return spans in minutes after the start, those of the past left out, those that touch joined."""
        minute = timedelta(minutes=1)
        spans = [
            (
                -inf if shut.from_at is None else (shut.from_at - self.start) / minute,
                inf if shut.until_at is None else (shut.until_at - self.start) / minute,
            )
            for shut in shuts
        ]
        joined: list[tuple[float, float]] = []
        for start, end in sorted(span for span in spans if span[1] > 0):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((start, end))
        return tuple(joined)

    def _conditions(self) -> Conditions:
        return self.network.conditions(self.situation.forecast, self.situation.closures)

    def _site(self, place: Place) -> Pier | Helipad | None:
        return self.region.piers.get(place.id) or self.region.helipads.get(place.id)


def join_spans(spans: Sequence[tuple[int, int]]) -> Spans:
    """Return spans sorted, those that touch or overlap joined."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return tuple(out)


def _straight_m(a: Sequence[Place], b: Sequence[Place]) -> Floats:
    if not a or not b:
        return np.zeros((len(a), len(b)))
    rows, columns = np.meshgrid(np.arange(len(a)), np.arange(len(b)), indexing="ij")
    lon_a, lat_a = np.array([p.lon_deg for p in a]), np.array([p.lat_deg for p in a])
    lon_b, lat_b = np.array([p.lon_deg for p in b]), np.array([p.lat_deg for p in b])
    flat = WGS84.inv(lon_a[rows.ravel()], lat_a[rows.ravel()], lon_b[columns.ravel()], lat_b[columns.ravel()])[2]
    return np.asarray(flat, float).reshape(len(a), len(b))
