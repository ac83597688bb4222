"""Incidents: what was reported, what it asks for, and the states it goes through."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from data.text import Text

IncidentStatus = Literal["reported", "accepted", "dispatched", "en_route", "on_scene", "handled", "fed_back", "closed"]
INCIDENT_TRANSITIONS: dict[str, frozenset[str]] = {
    "reported": frozenset({"accepted", "dispatched", "closed"}),
    "accepted": frozenset({"dispatched", "closed"}),
    "dispatched": frozenset({"en_route", "on_scene", "closed"}),
    "en_route": frozenset({"on_scene", "closed"}),
    "on_scene": frozenset({"handled", "closed"}),
    "handled": frozenset({"fed_back", "closed"}),
    "fed_back": frozenset({"closed"}),
    "closed": frozenset(),
}
OPEN_STATUSES: frozenset[str] = frozenset(INCIDENT_TRANSITIONS) - {"closed"}
Priority = Literal[1, 2, 3, 4]


class Echelon(msgspec.Struct, frozen=True, kw_only=True):
    """A step of reinforcement: so many persons, of one skill or any, weighted, due by a time.

    Echelons of one incident are cumulative: 12, then 40, then 100 persons in all.
    ``skill`` None counts everybody; ``due_min`` is minutes after the plan starts, None for no date.
    """

    id: str
    name: Text
    persons: int
    skill: str | None
    weight: int
    due_min: int | None

    def __post_init__(self) -> None:
        if self.persons < 1:
            raise ValueError(f"echelon {self.id}: persons must be 1 or more, not {self.persons}")
        if self.weight < 1:
            raise ValueError(f"echelon {self.id}: weight must be 1 or more, not {self.weight}")


class CaseType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of incident with the priority and echelons it starts with (its run card).

    ``two_person`` kinds have orders that cannot be taken back: a second person agrees to each plan.
    """

    id: str
    name: Text
    priority: Priority
    echelons: tuple[Echelon, ...]
    source: str
    two_person: bool = False


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident on land. ``number`` is what people say aloud, e.g. ``0614-021``."""

    id: str
    number: str
    case_type: str
    title: Text
    priority: Priority
    island_id: str
    lon_deg: float
    lat_deg: float
    reported_at: datetime
    status: IncidentStatus
    echelons: tuple[Echelon, ...]
    status_at: datetime
    note: str = ""
