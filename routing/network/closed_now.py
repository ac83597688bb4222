"""What is closed at a moment, until when and why: every pier by class, every pad, bridge, road and island."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec
import numpy as np

from data.forces import CraftClass
from data.geography import Region
from data.text import Text
from data.weather import Closure, Forecast
from routing.network.conditions import Conditions
from routing.network.limits import OPEN, LinkState, exposure_unknown
from routing.network.projection import projection
from routing.network.zones import ZoneMap

PlaceKind = Literal["pier", "helipad", "bridge", "road", "island", "zone"]


class ClassState(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for some classes of craft; no ``class_ids`` means for everybody."""

    class_ids: tuple[str, ...]
    state: LinkState


class PlaceState(msgspec.Struct, frozen=True, kw_only=True):
    """A place at a moment: open, limited (some may, some may not), or closed; ``states`` are those not open."""

    kind: PlaceKind
    id: str
    name: Text
    island_id: str | None
    zone_id: str | None
    status: Literal["open", "limited", "closed"]
    states: tuple[ClassState, ...]
    assumed: Text | None = None


def closed_now(
    region: Region, forecast: Forecast | None, closures: Sequence[Closure], at: datetime
) -> tuple[PlaceState, ...]:
    """Return every place with what is not open there, in the region's order.

    Raises OutsideForecastError where the forecast leaves out a zone that a place lies in.
    """
    now = Conditions(region, forecast, closures)
    boats = [one for one in region.craft_classes.values() if one.mode == "sea"]
    flyers = [one for one in region.craft_classes.values() if one.mode == "air" and one.seats and _lands(one)]
    return (*_piers(now, boats, at), *_pads(now, flyers, at), *_bridges(now, at), *_by_people(now, at))


def _piers(now: Conditions, boats: Iterable[CraftClass], at: datetime) -> Iterable[PlaceState]:
    for pier in now.region.piers.values():
        by_class = [
            (boat.id, now.state(now.pier_shuts(pier, boat), at, pier.zone_id))
            for boat in boats
            if boat.berthing & pier.berthing
        ]
        yield _place("pier", pier.id, pier.name, pier.island_id, pier.zone_id, by_class, exposure_unknown(pier))


def _pads(now: Conditions, flyers: Iterable[CraftClass], at: datetime) -> Iterable[PlaceState]:
    pads = list(now.region.helipads.values())
    if not pads:
        return
    metric = projection(now.region.utm_epsg)
    zones = ZoneMap(list(now.region.zones.values()), metric)
    places = zones.index_of(metric.to_metres(np.array([(pad.lon_deg, pad.lat_deg) for pad in pads])))
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    for pad, number in zip(pads, places, strict=True):
        zone_id = zones.ids[int(number)] if zones.ids else ""
        by_class = [(one.id, now.state(now.pad_shuts(pad, zone_id, one, day), at, zone_id)) for one in flyers]
        yield _place("helipad", pad.id, pad.name, pad.island_id, zone_id, by_class)


def _bridges(now: Conditions, at: datetime) -> Iterable[PlaceState]:
    """A bridge is shut to everybody, or to the vehicles whose own limits the weather on it breaks: coaches first."""
    vehicles = [one for one in now.region.craft_classes.values() if one.mode == "road"]
    unbuilt = LinkState(status="closed", limit="closure", text=Text("未通车", "not open to traffic"))
    for bridge in now.region.bridges.values():
        state = now.state(now.bridge_shuts(bridge), at, bridge.zone_id) if bridge.usable else unbuilt
        by_class = [("", state)]
        if state.status == "open" and vehicles:
            by_class = [(one.id, now.state(now.craft_shuts(one, bridge.zone_id), at)) for one in vehicles]
        yield _place("bridge", bridge.id, bridge.name, None, bridge.zone_id, by_class)


def _by_people(now: Conditions, at: datetime) -> Iterable[PlaceState]:
    """Roads, islands and zones close by people's word alone; only those closed are told."""
    for island in now.region.islands.values():
        road = now.state(now.road_shuts(island.id), at)
        if road.status != "open":
            yield _place("road", island.id, island.name, island.id, None, [("", road)])
        whole = now.state(now.closed_by_people("island", island.id, island.name), at)
        if whole.status != "open":
            yield _place("island", island.id, island.name, island.id, None, [("", whole)])
    for zone in now.region.zones.values():
        shut = now.state(now.closed_by_people("zone", zone.id, zone.name), at)
        if shut.status != "open":
            yield _place("zone", zone.id, zone.name, None, zone.id, [("", shut)])


def _place(
    kind: PlaceKind,
    place_id: str,
    name: Text,
    island_id: str | None,
    zone_id: str | None,
    by_class: Sequence[tuple[str, LinkState]],
    assumed: Text | None = None,
) -> PlaceState:
    """Gather what holds for the classes; those shut alike stand together."""
    together: dict[LinkState, list[str]] = {}
    for class_id, state in by_class:
        together.setdefault(state, []).append(class_id)
    shut = sum(state.status == "closed" for _, state in by_class)
    states = [state for _, state in by_class]
    status: Literal["open", "limited", "closed"] = "open"
    if shut and shut == len(by_class):
        status = "closed"
    elif any(state.status != "open" for state in states):
        status = "limited"
    told = tuple(
        ClassState(class_ids=tuple(one for one in class_ids if one), state=state)
        for state, class_ids in together.items()
        if state != OPEN
    )
    return PlaceState(
        kind=kind,
        id=place_id,
        name=name,
        island_id=island_id,
        zone_id=zone_id,
        status=status,
        states=told,
        assumed=assumed,
    )


def _lands(craft_class: CraftClass) -> bool:
    return "helipad" in craft_class.berthing
