"""The command line: what a typed line asks for, done by the same acts and commands as the buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.actions.deciding import plan, report_incident
from console.actions.looking import goto
from console.actions.registry import REPLAY_CANNOT_ACT, Message, act, execute
from console.command_line import (
    Dispatch,
    GoTo,
    NewIncident,
    PlanFor,
    SetStatus,
    WriteLog,
    complete_command,
    read_command,
)
from console.command_words import Vocabulary, build_vocabulary
from console.commands import LogNote, ReportIncident, SetUnitStatus
from console.seat import Seat
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

LONGEST_LINE = 300


def _vocabulary(seat: Seat, world: World) -> Vocabulary:
    """What may be named now; built again when the picture has changed."""
    key = (world.generation, world.picture.seq)
    if seat.vocabulary is None or seat.vocabulary[0] != key:
        seat.vocabulary = (key, build_vocabulary(world.picture, world.region))
    return seat.vocabulary[1]


@act("command-complete")
def complete(seat: Seat, world: World, message: Message) -> None:
    """Show how the line would go on."""
    line = str(message.get("value", ""))[:LONGEST_LINE]
    seat.completion = complete_command(line, _vocabulary(seat, world), seat.language) if line else ""


@act("command")
def run_line(seat: Seat, world: World, message: Message) -> None:
    """Do what the line says; a line that is refused stays to be mended."""
    typed = read_command(str(message["value"])[:LONGEST_LINE], _vocabulary(seat, world))
    if not seat.can_act and not isinstance(typed, GoTo):
        seat.say(REPLAY_CANNOT_ACT, kind="refused")
        return
    if _run(seat, world, typed):
        seat.completion = ""
        seat.send({"type": "command", "value": ""})


def _run(seat: Seat, world: World, typed: object) -> bool:
    match typed:
        case NewIncident():
            command = ReportIncident(
                case_type=typed.case_type, place=typed.place_id, priority=typed.priority, note=typed.note
            )
            return report_incident(seat, world, command)
        case Dispatch():
            seat.param.update(selected_incident_id=typed.incident_id, selected_unit_id=None)
            seat.desk.request((typed.incident_id,), seat.actor, only=typed.unit_ids)
            seat.say(Text(zh="正在为点名单位出方案。", en="Planning with the units named."))
            return True
        case SetStatus():
            return bool(execute(seat, world, SetUnitStatus(unit_id=typed.unit_id, status=typed.status)).ok)
        case WriteLog():
            if not execute(seat, world, LogNote(text=typed.text, incident_id=seat.selected_incident_id)).ok:
                return False
            seat.say(Text(zh="已记入日志。", en="Written into the log."), kind="done")
            return True
        case GoTo():
            goto(seat, world, {"value": typed.place_id})
            return True
        case PlanFor():
            plan(seat, world, {"id": typed.incident_id})
            return True
    return False
