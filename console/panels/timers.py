"""Timers that the browser keeps: grey, amber in the last minute, red once past, always with words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from console.alarm_rules import ACCEPT_WITHIN, MOVE_WITHIN, PLAN_WITHIN
from console.i18n import say
from console.panels.figures import epoch_ms, span
from console.panels.markup import Html, tag
from data.forces import UnitStatus
from data.incidents import Incident
from data.plans import Order, Plan
from data.text import Language

WARN_S = 60
# Practice S5: a diverted call is accepted in 1 min, contacted in 3, on site in 10.
DIVERTED_LIMITS: dict[str, tuple[str, int]] = {
    "reported": ("timer.accept", 60),
    "accepted": ("timer.contact", 180),
    "dispatched": ("timer.on_site", 600),
    "en_route": ("timer.on_site", 600),
}
# An order's third timer, after accepted and en route; assumed, to be set by the command room.
REPORT_WITHIN = timedelta(minutes=3)

TimerState = Literal["ok", "soon", "late"]


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What is due next and by when; ``words`` is a key of the interface's words."""

    words: str
    at: datetime


def timer_state(due_at: datetime, now: datetime) -> TimerState:
    """Grey until one minute before the limit, then amber, red once it has passed."""
    left_s = (due_at - now).total_seconds()
    return "late" if left_s < 0 else "soon" if left_s <= WARN_S else "ok"


def countdown(due_at: datetime, now: datetime, language: Language, *, prefix: str = "") -> Html:
    """Return a timer that counts down to a limit and then says how far it is overdue."""
    left_s = (due_at - now).total_seconds()
    words = "timer.over" if left_s < 0 else "timer.left"
    before = f"{prefix} " if prefix else ""
    return tag(
        "pt-timer",
        before + say(words, language, t=span(abs(left_s))),
        data_kind="down",
        data_at=epoch_ms(due_at),
        data_limit=epoch_ms(due_at),
        data_left=before + say("timer.left", language, t="{t}"),
        data_over=before + say("timer.over", language, t="{t}"),
        data_state=timer_state(due_at, now),
    )


def elapsed(since: datetime, now: datetime | None, *, cls: str | None = None) -> Html:
    """Return a timer that counts up from a moment; ``now`` None leaves the writing to the browser alone."""
    written = span((now - since).total_seconds()) if now else None
    return tag("pt-timer", written, cls=cls, data_kind="up", data_at=epoch_ms(since))


def diverted_due(incident: Incident) -> Due | None:
    """A diverted call is accepted in 1 min, contacted in 3, on site in 10, counted from the report."""
    limit = DIVERTED_LIMITS.get(incident.status)
    if incident.priority != 4 or limit is None:
        return None
    return Due(words=limit[0], at=incident.reported_at + timedelta(seconds=limit[1]))


def unassigned_due(incident: Incident) -> Due | None:
    """An incident gets its first order within the time its priority allows."""
    limit = PLAN_WITHIN.get(incident.priority)
    waits = incident.status in ("reported", "accepted") and incident.echelons
    return Due(words="timer.assign", at=incident.reported_at + limit) if limit and waits else None


def order_due(order: Order, plan: Plan | None, status: UnitStatus, status_at: datetime) -> Due | None:
    """An order is accepted, its unit moves, arrives, and reports back; the limits are those the alarms go by."""
    legs = [leg for leg in plan.legs if leg.id in order.leg_ids] if plan else []
    departs_at = min((leg.board_at or leg.depart_at for leg in legs), default=order.issued_at)
    arrives_at = max((leg.arrive_at for leg in legs), default=None)
    if status == "available":
        return Due(words="timer.accept", at=order.issued_at + ACCEPT_WITHIN)
    if status == "accepted":
        return Due(words="timer.depart", at=departs_at + MOVE_WITHIN)
    if status == "en_route" and arrives_at:
        return Due(words="timer.arrive", at=arrives_at)
    if status == "on_scene":
        return Due(words="timer.report", at=status_at + REPORT_WITHIN)
    return None
