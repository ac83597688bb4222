"""Rows of the picture as the API gives them out."""

from __future__ import annotations

from console.api.shapes import IncidentOut, OrderOut, OrderState, UnitOut
from console.api.touched import Touched
from data.incidents import Incident
from data.journal.picture import Picture
from data.journal.views import UnitView
from data.plans import Order

MUSTER_STREAM = "forces"


def incident_row(incident: Incident, touched: Touched, seq: int) -> IncidentOut:
    """Return an incident with the version and the last event of its stream as of ``seq``."""
    stream = f"incident:{incident.id}"
    facts = {name: getattr(incident, name) for name in Incident.__struct_fields__}
    return IncidentOut(**facts, version=touched.version_of(stream, seq), seq=touched.seq_of(stream, seq))


def unit_row(unit: UnitView, touched: Touched, seq: int) -> UnitOut:
    """Return a unit with the version and the last event of its stream as of ``seq``."""
    stream = f"unit:{unit.unit_id}"
    return UnitOut(
        unit_id=unit.unit_id,
        kind=unit.kind,
        call_sign=unit.call_sign,
        symbol=unit.symbol,
        class_id=unit.class_id,
        home_site_id=unit.home_site_id,
        strength=unit.strength,
        skills=tuple(sorted(unit.skills)),
        status=unit.status,
        status_at=unit.status_at,
        site_id=unit.site_id,
        lon_deg=unit.lon_deg,
        lat_deg=unit.lat_deg,
        heading_deg=unit.heading_deg,
        speed_mps=unit.speed_mps,
        fix_at=unit.fix_at,
        incident_id=unit.incident_id,
        plan_id=unit.plan_id,
        leg_id=unit.leg_id,
        ready_at=unit.ready_at,
        reason=unit.reason,
        version=touched.version_of(stream, seq),
        seq=touched.seq_of(stream, seq) or touched.seq_of(MUSTER_STREAM, seq),
    )


def order_rows(picture: Picture, touched: Touched, seq: int) -> list[OrderOut]:
    """Return every order issued up to ``seq``, withdrawn ones too, in the order they were last written about."""
    return [_order_row(order, last, taken, picture) for order, last, taken in touched.orders(seq)]


def _order_row(order: Order, seq: int, is_withdrawn: bool, picture: Picture) -> OrderOut:
    facts = {name: getattr(order, name) for name in Order.__struct_fields__}
    return OrderOut(**facts, state=_state(order, is_withdrawn, picture.units.get(order.unit_id)), seq=seq)


def _state(order: Order, is_withdrawn: bool, unit: UnitView | None) -> OrderState:
    if is_withdrawn:
        return "withdrawn"
    if unit is None or unit.plan_id != order.plan_id:
        return "ended"
    return "issued" if unit.status in ("available", "returning") else "acknowledged"
