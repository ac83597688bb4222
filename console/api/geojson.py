"""The picture as GeoJSON: incidents, units, orders as lines, closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from console.api.shapes import Feature, Geometry, PictureOut
from console.api.touched import Touched
from console.api.views import MUSTER_STREAM, order_rows
from data.geography import Region
from data.journal.picture import Picture
from data.plans import Leg
from data.weather import Closure

Seq = Callable[[str], int]


def picture_document(
    picture: Picture, touched: Touched, seq: int, world_at: datetime, generated_at: datetime
) -> PictureOut:
    """Return the picture as a feature collection; ``seq`` is the last event it holds."""

    def last(stream: str) -> int:
        return touched.seq_of(stream, seq)

    features = (
        *_incidents(picture, last),
        *_units(picture, last),
        *_orders(picture, touched, seq),
        *_closures(picture, touched, seq),
    )
    return PictureOut(
        mode=picture.mode,
        seq=seq,
        world_at=world_at,
        unread_position_hours=picture.unread_hours,
        generated_at=generated_at,
        attribution=picture.region.attribution,
        features=features,
    )


def _properties(kind: str, picture: Picture, seq: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "mode": picture.mode, "seq": seq, **more}


def _point(lon_deg: float, lat_deg: float) -> Geometry:
    return Geometry(type="Point", coordinates=(lon_deg, lat_deg))


def _incidents(picture: Picture, last: Seq) -> Iterator[Feature]:
    for one in list(picture.incidents.values()):
        more = {name: getattr(one, name) for name in one.__struct_fields__ if name not in ("lon_deg", "lat_deg")}
        properties = _properties("incident", picture, last(f"incident:{one.id}"), **more)
        yield Feature(id=f"incident:{one.id}", geometry=_point(one.lon_deg, one.lat_deg), properties=properties)


def _units(picture: Picture, last: Seq) -> Iterator[Feature]:
    for one in list(picture.units.values()):
        properties = _properties(
            "unit",
            picture,
            last(f"unit:{one.unit_id}") or last(MUSTER_STREAM),
            unit_id=one.unit_id,
            unit_kind=one.kind,
            call_sign=one.call_sign,
            class_id=one.class_id,
            strength=one.strength,
            status=one.status,
            status_at=one.status_at,
            fix_at=one.fix_at,
            heading_deg=one.heading_deg,
            speed_mps=one.speed_mps,
            site_id=one.site_id,
            incident_id=one.incident_id,
            plan_id=one.plan_id,
        )
        yield Feature(id=f"unit:{one.unit_id}", geometry=_point(one.lon_deg, one.lat_deg), properties=properties)


def _orders(picture: Picture, touched: Touched, seq: int) -> Iterator[Feature]:
    for order in order_rows(picture, touched, seq):
        if order.state == "withdrawn":
            continue
        plan = picture.accepted.get(order.plan_id)
        legs = {leg.id: leg for leg in plan.legs} if plan else {}
        properties = _properties(
            "order",
            picture,
            order.seq,
            order_id=order.id,
            plan_id=order.plan_id,
            incident_id=order.incident_id,
            unit_id=order.unit_id,
            state=order.state,
            text=order.text,
            issued_at=order.issued_at,
            last_safe_departure_at=order.last_safe_departure_at,
        )
        line = _line([legs[one] for one in order.leg_ids if one in legs])
        yield Feature(id=f"order:{order.id}", geometry=line, properties=properties)


def _line(legs: list[Leg]) -> Geometry | None:
    """The way of an order as one line; none where it has no length to draw."""
    path: list[tuple[float, float]] = []
    for leg in legs:
        path.extend(point for point in leg.path if not path or point != path[-1])
    return Geometry(type="LineString", coordinates=path) if len(path) > 1 else None


def _closures(picture: Picture, touched: Touched, seq: int) -> Iterator[Feature]:
    for one in list(picture.closures.values()):
        more = {name: getattr(one, name) for name in one.__struct_fields__}
        properties = _properties("closure", picture, touched.closure_seq(one.id, seq), **more)
        yield Feature(id=f"closure:{one.id}", geometry=_where_closed(one, picture.region), properties=properties)


def _where_closed(closure: Closure, region: Region) -> Geometry | None:
    """The place or line that is closed; none for what the region holds no geometry of."""
    target = closure.target_id
    if bridge := region.bridges.get(target):
        ends = ((bridge.from_lon_deg, bridge.from_lat_deg), (bridge.to_lon_deg, bridge.to_lat_deg))
        return Geometry(type="LineString", coordinates=ends)
    if zone := region.zones.get(target):
        ring = zone.ring if zone.ring[0] == zone.ring[-1] else (*zone.ring, zone.ring[0])
        return Geometry(type="Polygon", coordinates=(ring,))
    for table in (region.piers, region.helipads, region.islands):
        if place := table.get(target):
            return _point(place.lon_deg, place.lat_deg)
    return None


def encoded(document: PictureOut) -> bytes:
    """Return the document as JSON."""
    return msgspec.json.encode(document)
