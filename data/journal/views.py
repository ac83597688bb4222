"""Rows of the picture: a unit, an alarm, a line of the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from data.forces import FREE, Craft, Group, Symbol, UnitStatus
from data.plans import Plan
from data.text import Text


class UnitView(msgspec.Struct, frozen=True, kw_only=True):
    """One craft or group as the picture has it now.

    ``strength`` is the persons of a group, the seats of a craft. ``site_id`` is None while under way or in
    the open. ``plan_id`` names the accepted plan the unit works for, also before it has acknowledged.
    ``ready_at`` is when it can next move where that is later than its usual notice; ``reason`` says why it
    is out of service.
    """

    unit_id: str
    kind: Literal["craft", "group"]
    call_sign: Text
    symbol: Symbol
    class_id: str | None
    home_site_id: str
    strength: int
    skills: frozenset[str]
    status: UnitStatus
    status_at: datetime
    site_id: str | None
    lon_deg: float
    lat_deg: float
    heading_deg: float | None
    speed_mps: float
    fix_at: datetime
    incident_id: str | None = None
    plan_id: str | None = None
    leg_id: str | None = None
    craft: Craft | None = None
    group: Group | None = None
    ready_at: datetime | None = None
    reason: Text | None = None

    @property
    def is_free(self) -> bool:
        """Tell whether a new order may be given: a free status and no order open."""
        return self.status in FREE and self.plan_id is None


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """A call for attention: cause, action, deadline; it stands until acknowledged and cleared."""

    alarm_id: str
    priority: Literal[1, 2, 3]
    cause: Text
    action: Text
    raised_at: datetime
    deadline_at: datetime | None
    subject_id: str
    acked_by: str | None = None
    acked_at: datetime | None = None
    cleared: bool = False

    @property
    def stands(self) -> bool:
        """Tell whether somebody still has to look: not yet cleared, or cleared before anyone saw it."""
        return not self.cleared or self.acked_by is None


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Something irreversible that waits, or waited, for a second person; ``command`` and ``given`` say what.

    Nothing comes of it after ``expires_at``, in world time, though nobody answered.
    """

    approval_id: str
    command: str
    given: dict[str, Any]
    incident_ids: tuple[str, ...]
    reason: Text
    plan: Plan | None
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    state: Literal["asked", "given", "refused"] = "asked"
    answered_by: str | None = None
    answered_at: datetime | None = None
    answer: str = ""

    def waits(self, now: datetime) -> bool:
        """Tell whether a second person may still answer it."""
        return self.state == "asked" and now <= self.expires_at


class OrderedMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move off or onto an island that somebody ordered; ``at`` in world time."""

    move_id: str
    island_id: str
    text: Text
    before_at: datetime
    by: str
    at: datetime


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event in words, in both languages."""

    seq: int
    world_at: datetime
    actor: str
    text: Text
    subject_ids: tuple[str, ...]
    stream: str = ""
