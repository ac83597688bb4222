"""A small world on the shipped region: a story, a clock moved by hand, plans written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from console.clock import WorldClock
from console.world import World
from data.forces import Craft, CraftState, Group, GroupState
from data.geography import Region
from data.incidents import Echelon, Incident
from data.manual_weather import ManualValue
from data.plans import Alternative, EchelonTime, Leg, Objective, Plan
from data.situation import Situation
from data.text import Text
from data.weather import Closure, Forecast

START = datetime(2026, 6, 13, 19, 0, tzinfo=UTC)  # 03:00 on 14 June in Zhoushan
GROUPS_A_STATION = 2


def at(minute: float) -> datetime:
    """Return a moment so many minutes after the start."""
    return START + timedelta(minutes=minute)


@dataclass
class HandClock:
    """Seconds that pass only when told to."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True)
class SampleStory:
    """One open incident, three boats and six groups on two piers and two stations of the region."""

    region: Region
    id: str = "sample"
    title: Text = field(default_factory=lambda: Text("样例", "Sample"))
    start_at: datetime = START
    clock_speed: float = 1.0
    forecast: Forecast | None = None
    closures: tuple[Closure, ...] = ()
    manual_weather: tuple[ManualValue, ...] = ()

    def situation(self) -> Situation:
        """Return the forces and the incident."""
        return Situation(
            at=START,
            mode="drill",
            region_id=self.region.id,
            craft=tuple(self._craft(number) for number in range(3)),
            groups=tuple(self._group(number) for number in range(6)),
            incidents=(self.incident("i1", "0614-001"), self.incident("i2", "0614-002")),
            forecast=self.forecast,
            closures=self.closures,
        )

    def incident(self, incident_id: str, number: str) -> Incident:
        """Return an incident on the first island for twelve persons."""
        island = next(iter(self.region.islands.values()))
        return Incident(
            id=incident_id,
            number=number,
            case_type=next(iter(self.region.case_types)),
            title=Text("岛上纠纷", "Affray on the island"),
            priority=2,
            island_id=island.id,
            lon_deg=island.lon_deg,
            lat_deg=island.lat_deg,
            reported_at=START,
            status="reported",
            echelons=(Echelon(id="t12", name=Text("首批", "First"), persons=12, skill=None, weight=3, due_min=40),),
            status_at=START,
        )

    def _craft(self, number: int) -> CraftState:
        class_id = next(one.id for one in self.region.craft_classes.values() if one.mode == "sea")
        pier = list(self.region.piers.values())[number % 2]
        craft = Craft(
            id=f"boat-{number}",
            call_sign=Text(f"快艇{number}", f"Boat {number}"),
            class_id=class_id,
            home_site_id=pier.id,
            notice_min=5,
            source="assumed",
        )
        return CraftState(
            craft=craft,
            status="available",
            lon_deg=pier.lon_deg,
            lat_deg=pier.lat_deg,
            site_id=pier.id,
            ready_in_min=5,
        )

    def _group(self, number: int) -> GroupState:
        station = list(self.region.stations.values())[number // 3]
        group = Group(
            id=f"g{number}",
            call_sign=Text(f"{number}组", f"Group {number}"),
            kind="police",
            home_site_id=station.id,
            strength=8,
            skills=frozenset(),
            deck_slots=0,
            notice_min=3,
            source="assumed",
        )
        return GroupState(
            group=group,
            status="available",
            lon_deg=station.lon_deg,
            lat_deg=station.lat_deg,
            site_id=station.id,
            ready_in_min=3,
        )


def open_world(store: Path, region: Region, story: Any = None, **given: Any) -> tuple[World, HandClock]:
    """Open a world whose clock moves only by hand."""
    world = World.open(store, region, network=None, scenario=story or SampleStory(region), **given)
    hand = HandClock()
    if world.mode != "live":
        world.clock = WorldClock(world.clock.now(), world.picture.clock_speed, hand)
        world.clock = WorldClock(world.picture.world_at or START, world.picture.clock_speed, hand)
    return world, hand


def sample_plan(
    world: World,
    plan_id: str = "plan-1",
    craft_id: str = "boat-0",
    group_ids: tuple[str, ...] = ("g0", "g1"),
    incident_id: str = "i1",
    start_at: datetime = START,
    alternative: Alternative = "balanced",
) -> Plan:
    """Two groups drive to a pier, cross on a boat, and walk to the incident."""
    region, incident = world.region, world.picture.incidents[incident_id]
    home, landing = list(region.piers.values())[:2]
    station = region.stations[world.picture.units[group_ids[0]].home_site_id]
    persons = sum(world.picture.units[one].strength for one in group_ids)

    def leg(leg_id: str, start: Any, end: Any, depart: float, arrive: float, **more: Any) -> Leg:
        values: dict[str, Any] = {
            "id": f"{plan_id}:{leg_id}",
            "craft_id": None,
            "craft_class": None,
            "group_ids": group_ids,
            "persons": persons,
            "incident_id": incident_id,
            "from_site": start.id,
            "to_site": end.id,
            "from_name": getattr(start, "name", None) or start.title,
            "to_name": getattr(end, "name", None) or end.title,
            "depart_at": start_at + timedelta(minutes=depart),
            "arrive_at": start_at + timedelta(minutes=arrive),
            "length_m": 1000.0,
            "path": ((start.lon_deg, start.lat_deg), (end.lon_deg, end.lat_deg)),
            "estimate": True,
        }
        return Leg(**(values | more))

    by_boat = {"craft_id": craft_id, "craft_class": world.picture.units[craft_id].class_id}
    legs = (
        leg("a", station, home, 5, 15, purpose="first_mile", mode="road"),
        leg("b", home, landing, 20, 40, purpose="carry", mode="sea", **by_boat),
        leg("c", landing, incident, 45, 50, purpose="last_mile", mode="foot"),
    )
    first = incident.echelons[0]
    return Plan(
        id=plan_id,
        mode="drill",
        alternative=alternative,
        status="feasible",
        start_at=start_at,
        incident_ids=(incident_id,),
        legs=legs,
        echelons=(
            EchelonTime(
                incident_id=incident_id,
                echelon_id=first.id,
                name=first.name,
                persons=first.persons,
                skill=None,
                weight=first.weight,
                due_min=first.due_min,
                complete_min=50,
                complete_at=start_at + timedelta(minutes=50),
                arrived=persons,
            ),
        ),
        objective=Objective(unmet=0, echelon_time=15_000, cover_lost=0, craft_minutes=20, total=15_020),
        bound=15_000.0,
        gap=20 / 15_020,
        bound_assumes=(),
        baseline=None,
        reasons=(),
        cover=(),
        persons=persons,
        craft_used=1,
        seed=1,
        solve_s=0.1,
        version="0",
        region_hash=region.content_hash,
        situation_hash="",
    )


def with_status(plan: Plan, status: str) -> Plan:
    """The same plan with another status."""
    return msgspec.structs.replace(plan, status=status)
