"""Decide notes, alarms and the clock."""

from __future__ import annotations

from console.clock import MAX_SPEED
from console.commands import AcknowledgeAlarm, LogNote, RaiseAlarms, RecordArchive, SetClock
from console.decide.ground import Ground, RefusedError
from console.decide.texts import read_note
from data.journal.events import AlarmAcknowledged, AlarmCleared, ClockChanged, NoteLogged, PositionsArchived
from data.journal.interface import Entry


def log_note(command: LogNote, ground: Ground) -> list[Entry]:
    """A note says something."""
    text = read_note(command.text)
    if not text:
        raise RefusedError("记录内容为空。", "The note is empty. Write something first.")
    incident_id = ground.incident(command.incident_id).id if command.incident_id else None
    return [Entry(stream="log", event=NoteLogged(text=text, incident_id=incident_id))]


def raise_alarms(command: RaiseAlarms, ground: Ground) -> list[Entry]:
    """An alarm is raised once while its cause lasts, and cleared once."""
    standing = {one for one, alarm in ground.picture.alarms.items() if not alarm.cleared}
    raised = [alarm for alarm in command.raised if alarm.alarm_id not in standing]
    return [
        *(ground.entry(f"alarm:{alarm.alarm_id}", alarm) for alarm in raised),
        *(
            ground.entry(f"alarm:{alarm_id}", AlarmCleared(alarm_id=alarm_id))
            for alarm_id in command.cleared_ids
            if alarm_id in standing
        ),
    ]


def acknowledge_alarm(command: AcknowledgeAlarm, ground: Ground) -> list[Entry]:
    """An alarm is acknowledged once; whoever comes second is told who was first."""
    alarm = ground.picture.alarms.get(command.alarm_id)
    if alarm is None:
        raise RefusedError(f"没有报警“{command.alarm_id}”。", f"There is no alarm '{command.alarm_id}'.")
    if alarm.acked_by is not None:
        raise RefusedError(
            f"该报警已由 {alarm.acked_by} 确认。", f"{alarm.acked_by} has already acknowledged this alarm."
        )
    return [ground.entry(f"alarm:{alarm.alarm_id}", AlarmAcknowledged(alarm_id=alarm.alarm_id))]


def set_clock(command: SetClock, ground: Ground) -> list[Entry]:
    """Only a drill's clock changes speed."""
    if ground.picture.mode == "live":
        raise RefusedError("实战时钟不能调整。", "The clock of a live world cannot be changed.")
    if not 0.0 <= command.speed <= MAX_SPEED:
        raise RefusedError(
            f"倍速应在 0 至 {MAX_SPEED:g} 之间。", f"The speed must be between 0 (paused) and {MAX_SPEED:g} times."
        )
    return [Entry(stream="clock", event=ClockChanged(world_at=ground.now, speed=command.speed))]


def record_archive(command: RecordArchive, ground: Ground) -> list[Entry]:
    """An hour archived under a hash is recorded once; another hash of the hour holds instead."""
    if ground.picture.archived_hours.get(command.hour) == command.sha256:
        return []
    archived = PositionsArchived(hour=command.hour, rows=command.rows, sha256=command.sha256)
    return [ground.entry("positions", archived)]
