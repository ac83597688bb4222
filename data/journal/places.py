"""Where an event happened, as a geometry (WGS 84) that a map or a spatial query can use."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

from data.journal.events import (
    Event,
    IncidentReported,
    IncidentRevised,
    OrderIssued,
    PlanAccepted,
    UnitStatusChanged,
)
from data.plans import Order, Plan

_POINT, _LINE = 1, 2
_LonLat = tuple[float, float]


def plans_in(events: Iterable[Event]) -> dict[str, Plan]:
    """Return the plans accepted by these events: the orders beside them name their legs only."""
    return {event.plan.id: event.plan for event in events if isinstance(event, PlanAccepted)}


def place_of(event: Event, plans: Mapping[str, Plan]) -> bytes | None:
    """Return the place of an event as WKB in longitude and latitude, None where it has none.

    A point for an incident and for a unit's report; for an order the line of its legs' paths, in their order.
    """
    match event:
        case IncidentReported() | IncidentRevised():
            return _point((event.incident.lon_deg, event.incident.lat_deg))
        case UnitStatusChanged():
            return _point((event.lon_deg, event.lat_deg))
        case OrderIssued():
            return _way(event.order, plans.get(event.order.plan_id))
    return None


def _way(order: Order, plan: Plan | None) -> bytes | None:
    if plan is None:
        return None
    paths = {leg.id: leg.path for leg in plan.legs}
    points: list[_LonLat] = []
    for leg_id in order.leg_ids:
        for point in paths.get(leg_id, ()):
            if not points or points[-1] != point:
                points.append(point)
    if not points:
        return None
    return _line(points) if len(points) > 1 else _point(points[0])


def _point(point: _LonLat) -> bytes:
    return struct.pack("<BIdd", 1, _POINT, *point)


def _line(points: Sequence[_LonLat]) -> bytes:
    return struct.pack("<BII", 1, _LINE, len(points)) + b"".join(struct.pack("<dd", *point) for point in points)
