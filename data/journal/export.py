"""Tables for analysts: incidents, units, orders, closures, the log and positions, in WGS 84, each row with its mode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import from_wkb, points
from shapely.geometry.base import BaseGeometry

from data.errors import TongzhouError
from data.geography import Region
from data.journal.events import (
    ClosureLifted,
    ClosureSet,
    IncidentReported,
    IncidentRevised,
    IncidentStatusChanged,
    OrderIssued,
    PlanAccepted,
    PlanWithdrawn,
    Recorded,
)
from data.journal.fixes import FixTable
from data.journal.interface import Head
from data.journal.picture import Picture
from data.journal.places import place_of

CRS = "EPSG:4326"


@dataclass(frozen=True)
class Span:
    """What to export: the events and positions with ``since <= world_at <= until``; None is no limit."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment lies inside."""
        return (self.since is None or self.since <= moment) and (self.until is None or moment <= self.until)


def tables_of(
    events: Iterable[Recorded], region: Region, span: Span, *, at: datetime, fixes: FixTable | None = None
) -> dict[str, gpd.GeoDataFrame]:
    """Return each table by name; incidents and units are as they stand at the end of the span.

    Every row carries mode, time of export, journal (hash of its first event) and the head it was read at.
    ``fixes`` are those to export, None for none.
    """
    picture, head, journal = Picture(region), Head(seq=0, hash=""), ""
    history: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    closures: dict[str, dict[str, Any]] = {}
    log: list[dict[str, Any]] = []
    plans: dict[str, Any] = {}
    for one in events:
        journal = journal or one.hash
        head = Head(seq=one.seq, hash=one.hash)
        if span.until is not None and one.world_at > span.until:
            continue
        picture.apply(one)
        if isinstance(one.event, PlanAccepted):
            plans[one.event.plan.id] = one.event.plan
        history += _incident_row(one, picture, span)
        orders += _order_row(one, plans, span)
        _heed_closure(one, closures, region)
        if isinstance(one.event, PlanWithdrawn):
            for order in orders:
                order["withdrawn"] = order["withdrawn"] or order["plan_id"] == one.event.plan_id
        line = picture.log[-1]
        if span.holds(one.world_at):
            log.append({**_stamp(one), "kind": _kind(one), "text_zh": line.text.zh, "text_en": line.text.en})
    tables = {
        "incidents": [_incident(one) for one in picture.incidents.values()],
        "incident_history": history,
        "units": [_unit(one) for one in picture.units.values()],
        "orders": orders,
        "closures": [row for row in closures.values() if span.until is None or row["world_at"] <= span.until],
        "log": log,
    }
    common = {
        "mode": picture.mode,
        "exported_at": at,
        "journal": journal,
        "head_seq": head.seq,
        "head_hash": head.hash,
    }
    frames = {name: _frame(rows, common) for name, rows in tables.items()}
    if fixes is not None:
        frames["positions"] = _positions(fixes, common)
    return frames


def _frame(rows: list[dict[str, Any]], common: dict[str, Any]) -> gpd.GeoDataFrame:
    places = [row.pop("geometry", None) for row in rows]
    frame = pd.DataFrame(rows)
    for name, value in common.items():
        frame[name] = [value] * len(rows)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(places, index=frame.index, crs=CRS), crs=CRS)


def _positions(fixes: FixTable, common: dict[str, Any]) -> gpd.GeoDataFrame:
    names = np.array(fixes.unit_ids, dtype=object)
    columns = {
        "unit_id": names[fixes.unit] if len(fixes) else names[:0],
        "world_at": pd.to_datetime(fixes.world_us, unit="us", utc=True),
        "heading_deg": fixes.heading_deg,
        "speed_mps": fixes.speed_mps,
        **{name: [value] * len(fixes) for name, value in common.items()},
    }
    return gpd.GeoDataFrame(columns, geometry=points(fixes.lon_deg, fixes.lat_deg), crs=CRS)


def _stamp(one: Recorded) -> dict[str, Any]:
    return {"seq": one.seq, "world_at": one.world_at, "recorded_at": one.recorded_at, "actor": one.actor}


def _incident(one: Any) -> dict[str, Any]:
    return {
        "incident_id": one.id,
        "number": one.number,
        "case_type": one.case_type,
        "title_zh": one.title.zh,
        "title_en": one.title.en,
        "priority": one.priority,
        "status": one.status,
        "status_at": one.status_at,
        "island_id": one.island_id,
        "reported_at": one.reported_at,
        "note": one.note,
        "geometry": points(one.lon_deg, one.lat_deg),
    }


def _incident_row(one: Recorded, picture: Picture, span: Span) -> list[dict[str, Any]]:
    if not span.holds(one.world_at):
        return []
    match one.event:
        case IncidentReported() | IncidentRevised():
            known = picture.incidents[one.event.incident.id]
        case IncidentStatusChanged():
            known = picture.incidents[one.event.incident_id]
        case _:
            return []
    return [{**_stamp(one), "kind": _kind(one), **_incident(known)}]


def _unit(one: Any) -> dict[str, Any]:
    return {
        "unit_id": one.unit_id,
        "kind": one.kind,
        "call_sign_zh": one.call_sign.zh,
        "call_sign_en": one.call_sign.en,
        "strength": one.strength,
        "status": one.status,
        "status_at": one.status_at,
        "site_id": one.site_id,
        "incident_id": one.incident_id,
        "plan_id": one.plan_id,
        "heading_deg": one.heading_deg,
        "speed_mps": one.speed_mps,
        "fix_at": one.fix_at,
        "geometry": points(one.lon_deg, one.lat_deg),
    }


def _order_row(one: Recorded, plans: dict[str, Any], span: Span) -> list[dict[str, Any]]:
    if not isinstance(one.event, OrderIssued) or not span.holds(one.world_at):
        return []
    order, way = one.event.order, place_of(one.event, plans)
    return [
        {
            **_stamp(one),
            "order_id": order.id,
            "unit_id": order.unit_id,
            "incident_id": order.incident_id,
            "plan_id": order.plan_id,
            "text_zh": order.text.zh,
            "text_en": order.text.en,
            "issued_at": order.issued_at,
            "irreversible": order.irreversible,
            "withdrawn": False,
            "geometry": None if way is None else from_wkb(way),
        }
    ]


def _heed_closure(one: Recorded, closures: dict[str, dict[str, Any]], region: Region) -> None:
    match one.event:
        case ClosureSet():
            closure = one.event.closure
            closures[closure.id] = {
                **_stamp(one),
                "closure_id": closure.id,
                "target_kind": closure.target_kind,
                "target_id": closure.target_id,
                "from_at": closure.from_at,
                "until_at": closure.until_at,
                "reason_zh": closure.reason.zh,
                "reason_en": closure.reason.en,
                "lifted_at": None,
                "geometry": _site(closure.target_id, region),
            }
        case ClosureLifted() if one.event.closure_id in closures:
            closures[one.event.closure_id]["lifted_at"] = one.world_at


def _site(site_id: str, region: Region) -> BaseGeometry | None:
    """A pier or a pad is a point; a bridge, an island, a zone or a road has its place in the region's own tables."""
    try:
        place = region.place(site_id)
    except TongzhouError:
        return None
    found: BaseGeometry = points(place.lon_deg, place.lat_deg)
    return found


def _kind(one: Recorded) -> str:
    return str(getattr(one.event, "kind", None) or type(one.event).__name__)
