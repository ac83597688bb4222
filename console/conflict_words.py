"""What the seat that came second is told: who was first, what they did, and what now holds."""

from __future__ import annotations

from console.i18n import both
from data.journal.events import Event, UnknownEvent
from data.journal.interface import ConflictError
from data.journal.picture import Picture
from data.journal.wording import INCIDENT_STATUS_WORDS, UNIT_STATUS_WORDS, Named, say_event
from data.text import Text

NOTHING = Text("", "")


def told_loser(conflict: ConflictError, picture: Picture) -> Text:
    """Return the refusal of a command that lost to another; ``picture`` already holds what won."""
    winner = conflict.winner
    if winner is None:
        who, what = "?", Text(conflict.stream, conflict.stream)
    else:
        who, what = winner.actor, said_of(winner.event, picture)
    return both("health.conflict", who=who, what=what, now=now_holds(conflict.stream, picture))


def said_of(event: Event | UnknownEvent, picture: Picture) -> Text:
    """Return an event in the words of the log."""
    return say_event(event, Named(picture.units, picture.incidents, picture.alarms, picture.moves))[0]


def now_holds(stream: str, picture: Picture) -> Text:
    """Return one sentence on what stands now of a stream's subject; nothing where the winner's words say it all."""
    kind, _, name = stream.partition(":")
    match kind:
        case "unit" if name in picture.units:
            return _unit(name, picture)
        case "incident" if name in picture.incidents:
            incident = picture.incidents[name]
            status = INCIDENT_STATUS_WORDS[incident.status]
            return both("health.incident_now", number=incident.number, status=status)
        case "plan":
            if name in picture.accepted_by and name in picture.accepted:
                return both("health.plan_accepted", who=picture.accepted_by[name])
            return both("health.plan_gone")
        case "alarm" if name in picture.alarms:
            return _alarm(name, picture)
    return NOTHING


def _unit(unit_id: str, picture: Picture) -> Text:
    unit = picture.units[unit_id]
    status = UNIT_STATUS_WORDS[unit.status]
    incident = picture.incidents.get(unit.incident_id or "")
    who = picture.accepted_by.get(unit.plan_id or "")
    if incident is None or who is None:
        return both("health.unit_now", unit=unit.call_sign, status=status)
    return both("health.unit_under_orders", unit=unit.call_sign, number=incident.number, who=who, status=status)


def _alarm(alarm_id: str, picture: Picture) -> Text:
    alarm = picture.alarms[alarm_id]
    if alarm.cleared:
        return both("health.alarm_cleared")
    if alarm.acked_by is not None:
        return both("health.alarm_acked", who=alarm.acked_by)
    return both("health.alarm_stands")
