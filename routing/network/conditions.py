"""When piers, pads, bridges and zones are shut, under one forecast and one set of closures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import inf

from data.forces import CraftClass
from data.geography import Bridge, Helipad, Pier, Region
from data.text import Text
from data.weather import Closure, ClosureTarget, Forecast, ZoneHour
from routing.handling import load_minutes, unload_minutes
from routing.network import limits
from routing.network.limits import OPEN, Breach, LinkState
from routing.network.sun import nights
from routing.network.tides import TideCurve, TideSpan

# How far ahead nights are worked out: longer than any plan and any look at islands cut off (72 hours).
DARK_SPAN = timedelta(days=4)


@dataclass(frozen=True)
class Shut:
    """A span in which one rule is broken; None for an end that is open.

    ``lifts_at`` is when the rule stops being broken, which may be several hours of forecast later. ``breach_at`` gives
    the breach at a moment of the span where its value changes with time; ``breach`` is then the worst of the span.
    """

    place_id: str
    place: Text | None
    from_at: datetime | None
    until_at: datetime | None
    lifts_at: datetime | None
    breach: Breach
    breach_at: Callable[[datetime], Breach] | None = None

    def holds(self, moment: datetime) -> bool:
        """Tell whether the span covers a moment."""
        return (self.from_at is None or self.from_at <= moment) and (self.until_at is None or moment < self.until_at)


def reopens_at(shuts: Sequence[Shut], at: datetime) -> datetime | None:
    """Return the first moment from ``at`` on at which no rule is broken; None for as far as anybody knows."""
    moment = at
    while holding := [shut for shut in shuts if shut.holds(moment)]:
        ends = [shut.lifts_at for shut in holding]
        if None in ends:
            return None
        moment = max(end for end in ends if end is not None)
    return moment


class Conditions:
    """A forecast (None for calm and clear) and closures, asked about one thing at a time.

    Before its first hour and after its last the forecast is taken to persist; ``state`` says so.
    """

    def __init__(self, region: Region, forecast: Forecast | None, closures: Sequence[Closure]) -> None:
        self.region, self.forecast, self.closures = region, forecast, tuple(closures)
        self._hours: dict[str, tuple[ZoneHour, ...]] = {}
        self._tides: dict[str, TideCurve] = {}
        self._tide_spans: dict[str, list[TideSpan]] = {}
        self._kept: dict[tuple[str, ...], list[Shut]] = {}

    def hours(self, zone_id: str) -> tuple[ZoneHour, ...]:
        """Return a zone's hours; raises OutsideForecastError if the forecast leaves the zone out."""
        if self.forecast is None:
            return ()
        if zone_id not in self._hours:
            self._hours[zone_id] = self.forecast.zone_hours(zone_id)
        return self._hours[zone_id]

    def hour_at(self, zone_id: str, moment: datetime) -> ZoneHour | None:
        """Return what holds in a zone, the nearest hour outside the forecast; None without a forecast."""
        hours = self.hours(zone_id)
        past = [hour for hour in hours if hour.valid_from <= moment]
        return past[-1] if past else (hours[0] if hours else None)

    def craft_shuts(self, craft_class: CraftClass, zone_id: str) -> list[Shut]:
        """Return when a class may not be under way in a zone."""
        key = ("craft", craft_class.id, zone_id)
        if key not in self._kept:
            zone = self.region.zones.get(zone_id)
            name = zone.name if zone else None
            found: list[Shut] = self.closed_by_people("zone", zone_id, name) if craft_class.mode == "sea" else []
            for rule in limits.PASSAGE_RULES:
                found += self._by_weather(zone_id, zone_id, name, lambda hour, rule=rule: rule(craft_class, hour))  # type: ignore[misc]
            self._kept[key] = found
        return self._kept[key]

    def pier_shuts(self, pier: Pier, craft_class: CraftClass) -> list[Shut]:
        """Return when a class may not berth at a pier: closures, berthing, waves alongside, tide, limits of passage."""
        key = ("pier", pier.id, craft_class.id)
        if key not in self._kept:
            found = self.pier_closures(pier)
            if breach := limits.berthing_limit(craft_class, pier):
                found.append(Shut(pier.id, pier.name, None, None, None, breach))
            found += self._by_weather(
                pier.zone_id, pier.id, pier.name, lambda hour: limits.berth_wave_limit(craft_class, pier, hour)
            )
            found += self.tide_shuts(pier, craft_class)
            found += self.craft_shuts(craft_class, pier.zone_id)
            self._kept[key] = found
        return self._kept[key]

    def tide_curve(self, zone_id: str) -> TideCurve:
        """Return what the forecast says of the tide in a zone; a curve without heights if it says nothing."""
        if zone_id not in self._tides:
            self._tides[zone_id] = TideCurve.of(self.hours(zone_id))
        return self._tides[zone_id]

    def tide_shuts(self, pier: Pier, craft_class: CraftClass) -> list[Shut]:
        """Return when the tide keeps a class from a pier; where nobody knows the tide, it is shut.

        A craft that arrives must be unloaded before the tide leaves the bounds, and one that departs has loaded since
        it came within them: each span is longer by both.
        """
        if not pier.is_tidal:
            return []
        if pier.id not in self._tide_spans:
            low_m = -inf if pier.tide_from_m is None else pier.tide_from_m
            high_m = inf if pier.tide_to_m is None else pier.tide_to_m
            self._tide_spans[pier.id] = self.tide_curve(pier.zone_id).unusable(low_m, high_m)
        load, unload = timedelta(minutes=load_minutes(craft_class)), timedelta(minutes=unload_minutes(craft_class))
        return [
            Shut(
                pier.id,
                pier.name,
                span.from_at - unload if span.from_at else None,
                span.until_at + load if span.until_at else None,
                span.lifts_at + load if span.lifts_at else None,
                breach,
                partial(self._tide_breach, pier, craft_class),
            )
            for span in self._tide_spans[pier.id]
            if (breach := limits.tide_limit(pier, span.extreme_m))
        ]

    def _tide_breach(self, pier: Pier, craft_class: CraftClass, at: datetime) -> Breach:
        """Return the breach at a moment of a span in which the tide shuts a pier."""
        tide_m = self.tide_curve(pier.zone_id).height_m(at)
        if tide_m is None:
            return limits.tide_unknown(pier)
        if breach := limits.tide_limit(pier, tide_m):
            return breach
        bounds = [bound for bound in (pier.tide_from_m, pier.tide_to_m) if bound is not None]
        nearest = min(bounds, key=lambda bound: abs(bound - tide_m))
        return limits.tide_too_short(nearest, max(load_minutes(craft_class), unload_minutes(craft_class)))

    def pier_closures(self, pier: Pier) -> list[Shut]:
        """Return when people have closed a pier or its island."""
        return self.closed_by_people("pier", pier.id, pier.name) + self._island_closed(pier.island_id)

    def pad_shuts(self, pad: Helipad, zone_id: str, craft_class: CraftClass, around: datetime) -> list[Shut]:
        """Return when a class may not use a pad: closures, darkness within days of ``around``, weather there."""
        key = ("pad", pad.id, craft_class.id, around.isoformat())
        if key not in self._kept:
            found = self.pad_closures(pad)
            found += self.dark(craft_class, pad, pad.id, pad.lon_deg, pad.lat_deg, around)
            self._kept[key] = found + self.craft_shuts(craft_class, zone_id)
        return self._kept[key]

    def pad_closures(self, pad: Helipad) -> list[Shut]:
        """Return when people have closed a pad or its island."""
        return self.closed_by_people("helipad", pad.id, pad.name) + self._island_closed(pad.island_id)

    def dark(
        self, craft_class: CraftClass, pad: Helipad | None, place_id: str, lon: float, lat: float, around: datetime
    ) -> list[Shut]:
        """Return the nights within four days in which the class may not land at a pad, or in a field (None)."""
        breach = limits.daylight_limit(craft_class, pad, is_night=True)
        if breach is None:
            return []
        spans = nights(lon, lat, around - DARK_SPAN, around + DARK_SPAN)
        return [Shut(place_id, None, sunset, sunrise, sunrise, breach) for sunset, sunrise in spans]

    def bridge_shuts(self, bridge: Bridge) -> list[Shut]:
        """Return when a bridge is shut: closures and wind on deck."""
        key = ("bridge", bridge.id)
        if key not in self._kept:
            found = self.closed_by_people("bridge", bridge.id, bridge.name)
            found += self._by_weather(
                bridge.zone_id, bridge.id, bridge.name, lambda hour: limits.bridge_wind_limit(bridge, hour)
            )
            self._kept[key] = found
        return self._kept[key]

    def road_shuts(self, island_id: str) -> list[Shut]:
        """Return when people have closed the roads of an island (target ``road`` with the island's id)."""
        island = self.region.islands.get(island_id)
        return self.closed_by_people("road", island_id, island.name if island else None)

    def closed_by_people(self, kind: ClosureTarget, target_id: str, name: Text | None) -> list[Shut]:
        """Return the closures people have set on a target."""
        found = []
        for closure in self.closures:
            if closure.target_kind == kind and closure.target_id == target_id:
                words = Text(f"已封闭:{closure.reason.zh}", f"closed: {closure.reason.en}")
                breach = Breach(limit="closure", value=None, bound=None, unit=None, text=words)
                found.append(Shut(target_id, name, closure.from_at, closure.until_at, closure.until_at, breach))
        return found

    def state(self, shuts: Sequence[Shut], at: datetime, zone_id: str | None = None) -> LinkState:
        """Return the state at a moment: of the rules broken then, the one that lifts last.

        It ends when none is broken any more, also where one follows on another.
        """
        holding = [shut for shut in shuts if shut.holds(at)]
        if holding:
            lasting = next((shut for shut in holding if shut.lifts_at is None), None)
            shut = lasting or max(holding, key=lambda found: found.lifts_at or at)
            breach = shut.breach_at(at) if shut.breach_at else shut.breach
            return limits.closed_state(breach, reopens_at(shuts, at), self.region.timezone, at)
        if zone_id is not None and self.forecast is not None and not self.covers(zone_id, at):
            words = Text("此刻无预报,按最近一时次推定", "no forecast for this time; the nearest hour is assumed")
            return LinkState(status="limited", limit="forecast", text=words)
        return OPEN

    def covers(self, zone_id: str, at: datetime) -> bool:
        """Tell whether the forecast covers a zone at a moment."""
        hours = self.hours(zone_id)
        return bool(hours) and self.forecast is not None and hours[0].valid_from <= at < self.forecast.valid_to

    def _island_closed(self, island_id: str) -> list[Shut]:
        island = self.region.islands.get(island_id)
        return self.closed_by_people("island", island_id, island.name if island else None)

    def _by_weather(
        self, zone_id: str, place_id: str, name: Text | None, rule: Callable[[ZoneHour], Breach | None]
    ) -> list[Shut]:
        """Return a span for each hour that breaks the rule; the first hour reaches back, the last onwards."""
        hours = self.hours(zone_id)
        found: list[Shut] = []
        lifts_at: datetime | None = None
        for number in range(len(hours) - 1, -1, -1):
            from_at = hours[number].valid_from if number else None
            until_at = hours[number + 1].valid_from if number + 1 < len(hours) else None
            breach = rule(hours[number])
            if breach is None:
                lifts_at = from_at
                continue
            found.append(Shut(place_id, name, from_at, until_at, lifts_at, breach))
        return found[::-1]
