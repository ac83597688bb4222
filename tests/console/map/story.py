"""A picture to draw: the real region and forces, four incidents, a closure, two units under way, one plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
from shapely.geometry import Point

from data.geography import Place, Region
from data.incidents import Incident
from data.journal.picture import Picture
from data.journal.views import UnitView
from data.plans import EchelonTime, Leg, Objective, Plan
from data.roster import read_forces
from data.text import Text
from data.weather import Closure
from routing.network.limits import LinkState
from routing.network.routes import Route

NOW = datetime(2026, 6, 13, 19, 14, 8, tzinfo=UTC)
FOLDER = Path(__file__).parents[3] / "data" / "zhoushan"


_FORCES: dict[str, Any] = {}


class StraightNetwork:
    """A network of straight lines: enough to draw, nothing to wait for."""

    def __init__(self, region: Region) -> None:
        self.region = region

    def sea_route(self, a: Place, b: Place, craft_class: Any = None, forecast: Any = None, at: Any = None) -> Route:
        return self._route("sea", a, b)

    def road_route(self, a: Place, b: Place, closures: Any = (), forecast: Any = None, at: Any = None) -> Route | None:
        return self._route("road", a, b)

    def air_route(self, a: Place, b: Place, craft_class: Any = None) -> Route:
        return self._route("air", a, b)

    def _route(self, mode: Any, a: Place, b: Place) -> Route:
        length = metres(a, b)
        return Route(
            mode=mode,
            from_site=a.id,
            to_site=b.id,
            length_m=length,
            time_s=length / 12.0,
            path=((a.lon_deg, a.lat_deg), (b.lon_deg, b.lat_deg)),
            estimate=mode == "road",
            zone_ids=(),
            bridge_ids=(),
            island_ids=(),
        )

    def sea_lengths_m(self, places: Any) -> np.ndarray[Any, Any]:
        return np.array([[metres(a, b) for b in places] for a in places])

    def _state(self, kind: str, site: Any, closures: Any, at: datetime) -> LinkState:
        held = next((one for one in closures if one.target_id == site.id and one.holds(at)), None)
        return LinkState(
            status="closed" if held else "open",
            limit=None,
            value=None,
            bound=None,
            unit=None,
            until_at=held.until_at if held else None,
            text=held.reason if held else None,
        )

    def pier_state(self, pier: Any, craft_class: Any, forecast: Any, closures: Any, at: datetime) -> LinkState:
        if pier.id == "beiao":
            said = Text("登陆艇可用至 05:40", "landing craft until 05:40")
            return LinkState(
                status="limited",
                limit="hs",
                value=0.9,
                bound=1.0,
                unit="m",
                until_at=at + timedelta(hours=2),
                text=said,
            )
        return self._state("pier", pier, closures, at)

    def pad_state(self, pad: Any, craft_class: Any, forecast: Any, closures: Any, at: datetime) -> LinkState:
        return self._state("helipad", pad, closures, at)

    def bridge_state(self, bridge: Any, forecast: Any, closures: Any, at: datetime) -> LinkState:
        return self._state("bridge", bridge, closures, at)

    def nearest_water(self, lon_deg: float, lat_deg: float) -> tuple[float, float]:
        return lon_deg, lat_deg

    def isochrones(self, origin: Place, craft_class: Any, minutes: Any, forecast: Any = None, at: Any = None) -> Any:
        return {n: Point(origin.lon_deg, origin.lat_deg).buffer(0.006 * n) for n in minutes}


def metres(a: Place, b: Place) -> float:
    """Straight distance on a flat map; only for the fake network."""
    return float(np.hypot((a.lon_deg - b.lon_deg) * 96300, (a.lat_deg - b.lat_deg) * 110900))


@dataclass
class FakeSeat:
    """The params of a seat that the map reads."""

    picture: Picture
    now: datetime = NOW
    language: Any = "zh"
    theme: Any = "dark"
    selected_incident_id: str | None = "i-21"
    selected_unit_id: str | None = None
    shown_plan: Plan | None = None
    replay_at: datetime | None = None
    view_locked: bool = False
    layers: dict[str, bool] = field(
        default_factory=lambda: dict.fromkeys(("legs", "sites", "links", "reach", "units", "labels"), True)
    )


def incidents(region: Region) -> list[Incident]:
    """Four open incidents of the four priorities, each on its island."""
    rows = [
        ("i-21", "0614-021", "miaozihu", 1, Text("持械聚众 3 人", "Armed disturbance")),
        ("i-18", "0614-018", "daishan", 2, Text("落水 1 人", "Person in water")),
        ("i-11", "0614-011", "zhoushan", 3, Text("酒驾查控", "Drink driving")),
        ("i-30", "0614-030", "zhujiajian", 4, Text("停水求助", "Water cut off")),
    ]
    found = []
    for name, number, island_id, priority, title in rows:
        island = region.islands[island_id]
        found.append(
            Incident(
                id=name,
                number=number,
                case_type="",
                title=title,
                priority=priority,  # type: ignore[arg-type]
                island_id=island_id,
                lon_deg=island.lon_deg,
                lat_deg=island.lat_deg,
                reported_at=NOW - timedelta(minutes=3),
                status="reported",
                echelons=(),
                status_at=NOW,
            )
        )
    return found


def muster(region: Region) -> dict[str, UnitView]:
    """Every craft and group of the shipped roster at home."""
    if region.content_hash not in _FORCES:
        _FORCES[region.content_hash] = read_forces(FOLDER, region)
    craft, groups = _FORCES[region.content_hash]
    units: dict[str, UnitView] = {}
    for one in (*craft, *groups):
        home = region.place(one.home_site_id)
        class_id = getattr(one, "class_id", None)
        is_craft = class_id is not None
        units[one.id] = UnitView(
            unit_id=one.id,
            kind="craft" if is_craft else "group",
            call_sign=one.call_sign,
            symbol=region.craft_classes[class_id].symbol if class_id else "group",
            class_id=class_id,
            home_site_id=one.home_site_id,
            strength=region.craft_classes[class_id].seats if class_id else one.strength,  # type: ignore[union-attr]
            skills=getattr(one, "skills", frozenset()),
            status="available",
            status_at=NOW,
            site_id=home.id,
            lon_deg=home.lon_deg,
            lat_deg=home.lat_deg,
            heading_deg=None,
            speed_mps=0.0,
            fix_at=NOW,
        )
    return units


def plan_for(region: Region, network: Any, units: dict[str, UnitView], incident: Incident) -> Plan:
    """A hand-made plan: one craft of each symbol from its home pier or pad to the incident's island."""
    legs: list[Leg] = []
    seen: set[str] = set()
    target = next(pier for pier in region.places() if pier.kind == "pier" and pier.island_id == incident.island_id)
    pad = next(
        (one for one in region.places() if one.kind == "helipad" and one.island_id == incident.island_id), target
    )
    groups = [unit for unit in units.values() if unit.kind == "group"]
    near = sorted(units.values(), key=lambda unit: abs(unit.lon_deg - 122.33) + abs(unit.lat_deg - 29.97))
    for number, unit in enumerate(unit for unit in near if unit.kind == "craft"):
        if unit.symbol in seen or unit.symbol in ("vehicle", "motorcycle", "drone"):
            continue
        seen.add(unit.symbol)
        home = region.place(unit.home_site_id)
        air = unit.symbol == "helicopter"
        route = (
            network.air_route(home, pad, region.craft_classes[unit.class_id or ""])
            if air
            else network.sea_route(home, target)
        )
        leave = NOW + timedelta(minutes=10 + number)
        arrive = leave + timedelta(minutes=22 + 6 * number)
        legs.append(
            leg(f"L{number}", "carry", "air" if air else "sea", unit, (groups[number].unit_id,), home, target, route)(
                leave, arrive
            )
        )
    station = region.place(groups[0].home_site_id)
    pier = min(
        (place for place in region.places() if place.kind == "pier"), key=lambda place: metres(place, station) or 1e9
    )
    road = network.road_route(station, pier)
    if road is not None:
        legs.append(leg("R1", "first_mile", "road", None, (groups[0].unit_id,), station, pier, road)(NOW, NOW))
    objective = Objective(unmet=0, echelon_time=1, cover_lost=0, craft_minutes=0, total=1)
    when = EchelonTime(
        incident_id=incident.id,
        echelon_id="T12",
        name=Text("T12", "T12"),
        persons=12,
        skill=None,
        weight=1,
        due_min=None,
        complete_min=22,
        complete_at=None,
        arrived=12,
    )
    return Plan(
        id="p-1",
        mode="drill",
        alternative="balanced",
        status="feasible",
        start_at=NOW,
        incident_ids=(incident.id,),
        legs=tuple(legs),
        echelons=(when,),
        objective=objective,
        bound=1,
        gap=0,
        bound_assumes=(),
        baseline=None,
        reasons=(),
        cover=(),
        persons=12,
        craft_used=len(legs),
        seed=1,
        solve_s=0.1,
        version="",
        region_hash="",
        situation_hash="",
    )


def leg(
    name: str, purpose: Any, mode: Any, unit: UnitView | None, group_ids: Any, a: Place, b: Place, route: Route
) -> Any:
    """Return a function of departure and arrival that makes the leg."""

    def at(depart: datetime, arrive: datetime) -> Leg:
        return Leg(
            id=name,
            purpose=purpose,
            mode=mode,
            craft_id=unit.unit_id if unit else None,
            craft_class=unit.class_id if unit else None,
            group_ids=group_ids,
            persons=12,
            incident_id="i-21",
            from_site=a.id,
            to_site=b.id,
            from_name=a.name,
            to_name=b.name,
            depart_at=depart,
            arrive_at=arrive,
            length_m=route.length_m,
            path=route.path,
            estimate=route.estimate,
            arrive_early_at=arrive - timedelta(minutes=2),
            arrive_late_at=arrive + timedelta(minutes=3),
        )

    return at


def tell(region: Region, network: Any) -> tuple[FakeSeat, Any]:
    """Return a seat and a world in the middle of the story."""
    picture = Picture(region)
    picture.units = muster(region)
    picture.incidents = {one.id: one for one in incidents(region)}
    picture.closures = {
        "c1": Closure(
            id="c1",
            target_kind="bridge",
            target_id=next(
                one.id for one in region.bridges.values() if "zhujiajian" in (one.from_island, one.to_island)
            ),
            from_at=NOW - timedelta(hours=1),
            until_at=NOW + timedelta(hours=2),
            reason=Text("多车事故 · 预计 04:30 恢复", "multi-vehicle crash · est. 04:30"),
            author="seat-1",
        ),
        "c2": Closure(
            id="c2",
            target_kind="pier",
            target_id="dongfushan",
            from_at=NOW - timedelta(hours=1),
            until_at=None,
            reason=Text("东北涌 1.1 m 超限值 1.0", "NE swell 1.1 m over its limit 1.0"),
            author="seat-1",
        ),
    }
    craft = [unit for unit in picture.units.values() if unit.kind == "craft"]
    loose = [unit for unit in craft if unit.symbol in ("patrol_boat", "assault_boat")][-3:]
    for k, unit in enumerate(loose):
        picture.units[unit.unit_id] = msgspec.structs.replace(
            unit,
            site_id=None,
            status=("en_route", "on_scene", "returning")[k],
            lon_deg=122.52 - 0.12 * k,
            lat_deg=30.08 - 0.09 * k,
            heading_deg=55.0 + 80 * k,
            speed_mps=12.0 if k != 1 else 0.0,
        )
    plan = plan_for(region, network, picture.units, picture.incidents["i-21"])
    picture.proposals = {plan.id: plan}
    seat = FakeSeat(picture=picture, shown_plan=plan)
    world = SimpleNamespace(region=region, network=network, picture=picture, clock=SimpleNamespace(now=lambda: NOW))
    return seat, world
