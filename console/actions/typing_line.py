"""The command line: what a typed line asks for, done by the same acts and commands as the buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.deciding import plan, report_incident
from console.actions.looking import goto
from console.actions.registry import LEADS_TO, OWN_VIEW, REPLAY_CANNOT_ACT, Message, act, execute
from console.actions.viewing import open_island
from console.command_line import (
    Dispatch,
    GoTo,
    NewIncident,
    OpenIsland,
    PlanFor,
    SetStatus,
    WriteLog,
    complete_command,
    read_command,
)
from console.command_words import Vocabulary, build_vocabulary
from console.commands import (
    LiftZoneWeather,
    LogNote,
    ReportIncident,
    ReportLocalTeam,
    SetUnitStatus,
    SetZoneWeather,
)
from console.decide.texts import LINE_LIMIT, read_line
from console.seat import Seat
from console.team_line import TeamReport
from console.weather_line import ClearWeather, SetWeather, end_of
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

# What each button that starts a line leads to; typing itself needs nothing.
LEADS_TO.update(
    {
        ("command-complete", "/d "): "ask_plan",
        ("command-complete", "/s "): SetUnitStatus,
        ("command-complete", "/log "): LogNote,
    }
)


def _vocabulary(seat: Seat, world: World) -> Vocabulary:
    """What may be named now; built again when the picture has changed."""
    key = (world.generation, world.picture.seq)
    if seat.vocabulary is None or seat.vocabulary[0] != key:
        seat.vocabulary = (key, build_vocabulary(world.picture, world.region))
    return seat.vocabulary[1]


@act("command-complete", OWN_VIEW)
def complete(seat: Seat, world: World, message: Message) -> None:
    """Show how the line would go on."""
    line = str(message.get("value", ""))[:LINE_LIMIT]
    seat.completion = complete_command(line, _vocabulary(seat, world), seat.language) if line else ""


@act("command", OWN_VIEW)
def run_line(seat: Seat, world: World, message: Message) -> None:
    """Do what the line says; a line that is refused stays to be mended."""
    typed = read_command(read_line(str(message["value"])), _vocabulary(seat, world))
    if not seat.can_act and not isinstance(typed, GoTo | OpenIsland):
        seat.say(REPLAY_CANNOT_ACT, kind="refused")
        return
    if _run(seat, world, typed, message):
        seat.completion = ""
        seat.send({"type": "command", "value": ""})


def _run(seat: Seat, world: World, typed: object, message: Message) -> bool:
    match typed:
        case NewIncident():
            command = ReportIncident(
                case_type=typed.case_type, place=typed.place_id, priority=typed.priority, note=typed.note
            )
            return report_incident(seat, command, message)
        case Dispatch():
            seat.service.request_plan(seat.principal, (typed.incident_id,), only=typed.unit_ids)
            seat.param.update(selected_incident_id=typed.incident_id, selected_unit_id=None)
            seat.say(Text(zh="正在为点名单位出方案。", en="Planning with the units named."))
            return True
        case SetStatus():
            return bool(execute(seat, SetUnitStatus(unit_id=typed.unit_id, status=typed.status), message).ok)
        case WriteLog():
            note = LogNote(text=typed.text, incident_id=seat.selected_incident_id)
            if not execute(seat, note, message).ok:
                return False
            seat.say(Text(zh="已记入日志。", en="Written into the log."), kind="done")
            return True
        case OpenIsland():
            open_island(seat, world, {"id": typed.island_id})
            return True
        case GoTo():
            goto(seat, world, {"value": typed.place_id})
            return True
        case SetWeather():
            until_at = end_of(typed.until, seat.now, world.region.timezone)
            command = SetZoneWeather(
                zone_id=typed.zone_id, until_at=until_at, reason=Text(typed.reason, typed.reason), **typed.given
            )
            return _done(seat, execute(seat, command, message), Text("人工值已生效。", "The manual value holds now."))
        case ClearWeather():
            lifted = execute(seat, LiftZoneWeather(zone_id=typed.zone_id), message)
            return _done(seat, lifted, Text("人工值已撤回,以预报为准。", "Taken back: the forecast holds again."))
        case TeamReport():
            report = ReportLocalTeam(**msgspec.structs.asdict(typed))
            return _done(seat, execute(seat, report, message), Text("已登记。", "Reported."))
        case PlanFor():
            plan(seat, world, {"id": typed.incident_id})  # asks for the permit itself
            return True
    return False


def _done(seat: Seat, outcome: Any, words: Text) -> bool:
    if outcome.ok:
        seat.say(words, kind="done")
    return bool(outcome.ok)
