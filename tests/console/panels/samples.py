"""Builds a night at the console without a journal: incidents, units, a plan, alarms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from data.forces import UnitStatus
from data.geography import Region
from data.incidents import Incident, Priority
from data.journal.picture import Picture
from data.journal.views import Alarm, LogLine, UnitView
from data.plans import Alternative, Baseline, Cover, EchelonTime, Leg, Objective, Plan, Reason
from data.text import Text
from data.weather import Forecast, ZoneHour

NOW = datetime(2026, 6, 13, 19, 14, 8, tzinfo=UTC)
PAYLOAD = "<script>alert('x')</script>\"'&"
STATUSES: tuple[UnitStatus, ...] = ("available", "accepted", "en_route", "on_scene", "returning", "out_of_service")


def after(minutes: float) -> datetime:
    """Return a moment so many minutes from the night's now."""
    return NOW + timedelta(minutes=minutes)


@dataclass
class Job:
    """A planning job as the card sees it."""

    alternatives: dict[Alternative, Plan] = field(default_factory=dict)
    status: str = "done"
    elapsed_s: float = 1.2
    error: Text | None = None


@dataclass
class Night:
    """The picture with what the panels are asked about."""

    region: Region
    picture: Picture
    incident: Incident
    plan: Plan
    job: Job


def incident(region: Region, number: int, priority: Priority, minutes_ago: float, **changes: Any) -> Incident:
    """Return an incident on Miaozihu, reported so long ago."""
    case = region.case_types["armed-affray"]
    facts: dict[str, Any] = {
        "id": f"incident-{number}",
        "number": f"0614-{number:03}",
        "case_type": case.id,
        "title": case.name,
        "priority": priority,
        "island_id": "miaozihu",
        "lon_deg": 122.682,
        "lat_deg": 30.196,
        "reported_at": after(-minutes_ago),
        "status": "reported",
        "echelons": case.echelons,
        "status_at": after(-minutes_ago),
    }
    return Incident(**(facts | changes))


def unit(unit_id: str, **changes: Any) -> UnitView:
    """Return a unit standing at Duntou."""
    facts: dict[str, Any] = {
        "unit_id": unit_id,
        "kind": "craft",
        "call_sign": Text(f"艇 {unit_id}", f"BOAT {unit_id}"),
        "symbol": "assault_boat",
        "class_id": "rhib-8m",
        "home_site_id": "duntou",
        "strength": 8,
        "skills": frozenset(),
        "status": "available",
        "status_at": after(-30),
        "site_id": "duntou",
        "lon_deg": 122.288,
        "lat_deg": 29.942,
        "heading_deg": None,
        "speed_mps": 0.0,
        "fix_at": after(-0.2),
    }
    return UnitView(**(facts | changes))


def leg(
    leg_id: str, craft_id: str | None, groups: tuple[str, ...], depart: float, arrive: float, **changes: Any
) -> Leg:
    """Return a leg to Miaozihu between two minutes of the night, carrying eight persons a group."""
    facts: dict[str, Any] = {
        "id": leg_id,
        "purpose": "carry",
        "mode": "sea",
        "craft_id": craft_id,
        "craft_class": "rhib-8m" if craft_id else None,
        "group_ids": groups,
        "persons": 8 * len(groups),
        "incident_id": "incident-1",
        "from_site": "duntou",
        "to_site": "miaozihu",
        "from_name": Text("墩头", "Duntou"),
        "to_name": Text("庙子湖", "Miaozihu"),
        "depart_at": after(depart),
        "arrive_at": after(arrive),
        "length_m": 40_000.0,
        "path": ((122.288, 29.942), (122.682, 30.196)),
        "estimate": False,
    }
    return Leg(**(facts | changes))


def echelon_times(case: Incident, minutes: tuple[int | None, ...]) -> tuple[EchelonTime, ...]:
    """Return when each echelon of an incident is complete; None for one that never is."""
    return tuple(
        EchelonTime(
            incident_id=case.id,
            echelon_id=echelon.id,
            name=echelon.name,
            persons=echelon.persons,
            skill=echelon.skill,
            weight=echelon.weight,
            due_min=echelon.due_min,
            complete_min=at,
            complete_at=after(at) if at is not None else None,
            arrived=echelon.persons if at is not None else 2,
            early_min=at - 2 if at is not None else None,
            late_min=at + 3 if at is not None else None,
        )
        for echelon, at in zip(case.echelons, minutes, strict=True)
    )


def plan(case: Incident, alternative: Alternative, minutes: tuple[int | None, ...], **changes: Any) -> Plan:
    """Return a plan of two boats and one group on the island."""
    points = Objective(unmet=0, echelon_time=20_000, cover_lost=0, craft_minutes=0, total=20_000)
    nearest = Objective(unmet=0, echelon_time=30_000, cover_lost=0, craft_minutes=0, total=30_000)
    facts: dict[str, Any] = {
        "id": f"plan-{alternative}",
        "mode": "drill",
        "alternative": alternative,
        "status": "feasible",
        "start_at": NOW,
        "incident_ids": (case.id,),
        "legs": (
            leg("p1", "11", (), 2, 9, purpose="position"),
            leg("c1", "11", ("g1",), 12, 52, board_at=after(9)),
            leg("c2", "12", ("g2", "g3"), 20, 84, board_at=after(14)),
            leg("d1", None, ("g4",), 1, 4, purpose="direct", mode="foot", estimate=True),
        ),
        "echelons": echelon_times(case, minutes),
        "objective": points,
        "bound": 19_280.0,
        "gap": 0.036,
        "bound_assumes": (Text("泊位不排队", "nobody waits for a berth"),),
        "baseline": Baseline(objective=nearest, echelons=echelon_times(case, (52, 84, 168, 70)), persons=118, craft=8),
        "reasons": (
            Reason(subject_kind="craft", subject_id="13", code="wind", text=Text("风大", "wind 17 m/s over its limit")),
            Reason(subject_kind="echelon", subject_id="full", code="late", text=Text("船不够", "too few boats")),
        ),
        "cover": (Cover(station_id="putuo-sub-bureau", groups_before=4, groups_left=3, keep=1),),
        "persons": 32,
        "craft_used": 2,
        "seed": 7,
        "solve_s": 0.41,
        "version": "0",
        "region_hash": "",
        "situation_hash": "",
    }
    return Plan(**(facts | changes))


def forecast(region: Region) -> Forecast:
    """Return six hours of a fresh breeze over every zone."""
    hours = tuple(
        ZoneHour(
            zone_id=zone,
            valid_from=after(-74 + 60 * hour),
            wind_mps=9.6,
            gust_mps=12.8,
            wind_from_deg=45.0,
            hs_m=0.9,
            wave_from_deg=70.0,
            visibility_m=4200.0,
            current_kn=1.2,
        )
        for zone in region.zones
        for hour in range(6)
    )
    return Forecast(
        id="f", issued_at=after(-74), valid_to=after(286), author="met", source="assumed weather", hours=hours
    )


def alarm(alarm_id: str, priority: int, minutes_ago: float, **changes: Any) -> Alarm:
    """Return an alarm nobody has acknowledged."""
    facts: dict[str, Any] = {
        "alarm_id": alarm_id,
        "priority": priority,
        "cause": Text(f"原因 {alarm_id}", f"cause {alarm_id}"),
        "action": Text("呼叫", "call by radio"),
        "raised_at": after(-minutes_ago),
        "deadline_at": after(5),
        "subject_id": "11",
    }
    return Alarm(**(facts | changes))


def build_night(region: Region) -> Night:
    """Return a picture with every status and priority in it, and texts that would be markup if let through."""
    picture = Picture(region)
    picture.start_at, picture.world_at = after(-60), NOW
    main = incident(region, 1, 1, 3, note=PAYLOAD)
    others = [incident(region, 10 + n, n % 4 + 1, 10 * n + 5, title=Text(PAYLOAD, PAYLOAD)) for n in range(8)]
    picture.incidents = {one.id: one for one in [main, *others]}
    picture.units = {f"{n}": unit(f"{n}", status=status) for n, status in enumerate(STATUSES, start=11)}
    for n in range(1, 5):
        picture.units[f"g{n}"] = unit(
            f"g{n}", kind="group", symbol="group", class_id=None, call_sign=Text(PAYLOAD, f"squad {n} {PAYLOAD}")
        )
    picture.units["13"] = unit("13", status="en_route", site_id=None, speed_mps=12.9, fix_at=after(-1))
    picture.forecast = forecast(region)
    picture.alarms = {one.alarm_id: one for one in (alarm("a", 2, 3), alarm("b", 1, 1), alarm("c", 3, 9))}
    picture.log = [LogLine(seq=1, world_at=NOW, actor=PAYLOAD, text=Text(PAYLOAD, PAYLOAD), subject_ids=())]
    plans: dict[Alternative, Plan] = {
        "fastest": plan(main, "fastest", (22, 56, 84, 30)),
        "balanced": plan(main, "balanced", (22, 62, 103, 30)),
        "keep_cover": plan(main, "keep_cover", (22, 62, 141, 45)),
    }
    return Night(region=region, picture=picture, incident=main, plan=plans["balanced"], job=Job(alternatives=plans))
