"""A deployment plan: legs, echelon times, objective with bound and gap, baseline and reasons.

The JSON form of ``Plan`` is the public plan format; docs/plan.schema.json is generated from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from data.revision import Revision
from data.situation import Situation, WorldMode
from data.text import Text

PLAN_FORMAT = "tongzhou-plan/1"
FIRST_YEAR, LAST_YEAR = 1970, 2200  # a plan's times outside these are slips of the pen
LegMode = Literal["road", "foot", "sea", "air"]
LegPurpose = Literal["first_mile", "position", "call", "carry", "last_mile", "direct"]
PlanStatus = Literal["optimal", "feasible", "infeasible"]
Alternative = Literal["fastest", "balanced", "keep_cover", "fewest_craft"]


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One movement from one place to another, with who rides and on what.

    ``craft_id`` is None for groups moving by their own road vehicle or on foot. ``path`` is lon, lat.
    ``board_at`` is when loading starts and ``unloaded_at`` when the last person is ashore, for carry legs;
    a craft that finds the berth taken waits between ``arrive_at`` and its unloading. A call leg takes the groups that
    boarded at an earlier pickup to the pickup from which its craft carries them on: they stay aboard.
    ``estimate`` marks a length from assumed roads.
    """

    id: str
    purpose: LegPurpose
    mode: LegMode
    craft_id: str | None
    craft_class: str | None
    group_ids: tuple[str, ...]
    persons: int
    incident_id: str | None
    from_site: str
    to_site: str
    from_name: Text
    to_name: Text
    depart_at: datetime
    arrive_at: datetime
    length_m: float
    path: tuple[tuple[float, float], ...]
    estimate: bool
    board_at: datetime | None = None
    unloaded_at: datetime | None = None
    arrive_early_at: datetime | None = None
    arrive_late_at: datetime | None = None


class EchelonTime(msgspec.Struct, frozen=True, kw_only=True):
    """When one echelon is complete; ``complete_min`` None means it never is within the horizon."""

    incident_id: str
    echelon_id: str
    name: Text
    persons: int
    skill: str | None
    weight: int
    due_min: int | None
    complete_min: int | None
    complete_at: datetime | None
    arrived: int
    early_min: int | None = None
    late_min: int | None = None


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of the objective in points: 100 points are one weighted minute; 1 a craft-minute.

    ``craft_used`` is what craft that make a trip are charged for that alone; plans stored before it was priced lack it.
    """

    unmet: int
    echelon_time: int
    cover_lost: int
    craft_minutes: int
    total: int
    craft_used: int = 0


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was not used, or why an echelon is late, from the model's own constraints."""

    subject_kind: Literal["craft", "group", "echelon", "pier", "plan"]
    subject_id: str
    code: str
    text: Text


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """What stays at home at one station after the plan; ``keep`` is its floor in groups."""

    station_id: str
    groups_before: int
    groups_left: int
    keep: int


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What a nearest-first dispatcher would have reached on the same problem."""

    objective: Objective
    echelons: tuple[EchelonTime, ...]
    persons: int
    craft: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A checked deployment plan with its proof.

    ``bound`` is a lower bound of ``objective.total``; ``gap`` = (total - bound) / total, 0..1.
    ``bound_assumes`` states what the bound takes for granted. ``situation`` makes the file
    self-contained: the solver-free check needs only it and the region. ``revision`` tells of the plan this one takes
    the place of; None for a plan made from nothing.
    """

    format: str = PLAN_FORMAT
    id: str
    mode: WorldMode
    alternative: Alternative
    status: PlanStatus
    start_at: datetime
    incident_ids: tuple[str, ...]
    legs: tuple[Leg, ...]
    echelons: tuple[EchelonTime, ...]
    objective: Objective
    bound: float
    gap: float
    bound_assumes: tuple[Text, ...]
    baseline: Baseline | None
    reasons: tuple[Reason, ...]
    cover: tuple[Cover, ...]
    persons: int
    craft_used: int
    seed: int
    solve_s: float
    version: str
    region_hash: str
    situation_hash: str
    situation: Situation | None = None
    revision: Revision | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit is told to do: its legs of an accepted plan, in time order.

    ``irreversible`` orders were agreed to by two persons and have no undo.
    """

    id: str
    plan_id: str
    incident_id: str
    unit_id: str
    leg_ids: tuple[str, ...]
    issued_at: datetime
    text: Text
    last_safe_departure_at: datetime | None = None
    irreversible: bool = False


def read_plan(document: bytes) -> Plan:
    """Decode a plan file; raises msgspec.ValidationError naming the field and what is wrong."""
    plan = msgspec.json.decode(document, type=Plan)
    for path, moment in _times(plan, "$"):
        if moment.tzinfo is None:
            raise msgspec.ValidationError(f"the time has no offset from UTC - at `{path}`")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise msgspec.ValidationError(f"the year {moment.year} is not {FIRST_YEAR} to {LAST_YEAR} - at `{path}`")
    return plan


def _times(value: object, path: str) -> Iterator[tuple[str, datetime]]:
    """Yield every moment below a decoded value with its JSON path."""
    if isinstance(value, datetime):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _times(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _times(item, f"{path}[{number}]")
