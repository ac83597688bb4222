"""Small plans written by hand for the tests of movement, worker and check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from data.plans import EchelonTime, Leg, Objective, Plan
from data.situation import Situation
from data.text import Text

START = datetime(2026, 6, 13, 19, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def leg(leg_id: str, **given: object) -> Leg:
    values: dict[str, object] = {
        "id": leg_id,
        "purpose": "carry",
        "mode": "sea",
        "craft_id": "boat-1",
        "craft_class": "rhib",
        "group_ids": ("g1",),
        "persons": 8,
        "incident_id": "i1",
        "from_site": "west",
        "to_site": "east",
        "from_name": Text("西码头", "West pier"),
        "to_name": Text("东码头", "East pier"),
        "depart_at": at(10),
        "arrive_at": at(30),
        "length_m": 10_000.0,
        "path": ((122.0, 30.0), (122.1, 30.0), (122.1, 30.1)),
        "estimate": False,
    }
    return Leg(**(values | given))  # type: ignore[arg-type]


def sample_plan(**given: object) -> Plan:
    """A group drives to the west pier, crosses to the east pier on a boat that came from a third, and walks on."""
    legs = (
        leg("l1", purpose="first_mile", mode="road", craft_id=None, craft_class=None, from_site="station",
            to_site="west", depart_at=at(0), arrive_at=at(5), path=((121.99, 30.0), (122.0, 30.0))),
        leg("l2", purpose="position", group_ids=(), persons=0, incident_id=None, from_site="berth", to_site="west",
            depart_at=at(1), arrive_at=at(6), path=((122.0, 29.99), (122.0, 30.0))),
        leg("l3", board_at=at(7), unloaded_at=at(33)),
        leg("l4", purpose="last_mile", mode="road", craft_id=None, craft_class=None, from_site="east", to_site="i1",
            depart_at=at(33), arrive_at=at(40), path=((122.1, 30.1), (122.11, 30.1))),
    )  # fmt: skip
    values: dict[str, object] = {
        "id": "plan-1",
        "mode": "drill",
        "alternative": "balanced",
        "status": "feasible",
        "start_at": START,
        "incident_ids": ("i1",),
        "legs": legs,
        "echelons": (
            EchelonTime(incident_id="i1", echelon_id="e1", name=Text("首批", "First"), persons=8, skill=None, weight=3,
                        due_min=60, complete_min=40, complete_at=at(40), arrived=8),
        ),
        "objective": Objective(unmet=0, echelon_time=12_000, cover_lost=60, craft_minutes=28, total=12_088),
        "bound": 12_000.0,
        "gap": 88 / 12_088,
        "bound_assumes": (),
        "baseline": None,
        "reasons": (),
        "cover": (),
        "persons": 8,
        "craft_used": 1,
        "seed": 1,
        "solve_s": 0.1,
        "version": "0",
        "region_hash": "r",
        "situation_hash": "s",
    }  # fmt: skip
    return Plan(**(values | given))  # type: ignore[arg-type]


def cheaper(plan: Plan, total: int) -> Plan:
    """The same plan with another objective."""
    return msgspec.structs.replace(plan, objective=msgspec.structs.replace(plan.objective, total=total))


def empty_situation() -> Situation:
    return Situation(at=START, mode="drill", region_id="r", craft=(), groups=(), incidents=(), forecast=None)
