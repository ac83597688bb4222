"""Which part of the picture each kind of event changes, so that only what depends on it is drawn again."""

from __future__ import annotations

from collections.abc import Iterable

from data.journal import events
from data.journal.events import Recorded

# Parts: incidents, units, plans, weather, alarms, counts, moves, log, clock; 'picture' stands for all of them.
EVENT_CAUSES: dict[type, frozenset[str]] = {
    events.IncidentReported: frozenset({"incidents"}),
    events.IncidentRevised: frozenset({"incidents"}),
    events.IncidentStatusChanged: frozenset({"incidents"}),
    events.PlanProposed: frozenset({"plans"}),
    events.PlanRejected: frozenset({"plans"}),
    events.PlanAccepted: frozenset({"plans", "units", "incidents"}),
    events.PlanWithdrawn: frozenset({"plans", "units", "incidents"}),
    events.OrderIssued: frozenset({"units"}),
    events.UnitStatusChanged: frozenset({"units"}),
    events.ForecastIssued: frozenset({"weather"}),
    events.ZoneWeatherSet: frozenset({"weather"}),
    events.ZoneWeatherLifted: frozenset({"weather"}),
    events.ClosureSet: frozenset({"weather"}),
    events.ClosureLifted: frozenset({"weather"}),
    events.AlarmRaised: frozenset({"alarms"}),
    events.AlarmAcknowledged: frozenset({"alarms"}),
    events.AlarmCleared: frozenset({"alarms"}),
    events.NoteLogged: frozenset(),
    events.ClockChanged: frozenset({"clock"}),
    events.ApprovalAsked: frozenset({"plans", "alarms"}),
    events.ApprovalGiven: frozenset({"plans", "alarms"}),
    events.ApprovalRefused: frozenset({"plans", "alarms"}),
    events.AccessNoted: frozenset(),
    events.PositionsArchived: frozenset(),
    events.IslandsReported: frozenset({"counts"}),
    events.MoveOrdered: frozenset({"moves"}),
    events.MoveWithdrawn: frozenset({"moves"}),
}
EVERYTHING = frozenset(
    {"picture", "incidents", "units", "plans", "weather", "alarms", "counts", "moves", "clock", "log"}
)


def causes_of(recorded: Iterable[Recorded]) -> frozenset[str]:
    """Return the parts changed by events; every event writes the log, an event not in the table changes all."""
    causes = {"log"}
    for one in recorded:
        causes |= EVENT_CAUSES.get(type(one.event), EVERYTHING)
    return frozenset(causes)
