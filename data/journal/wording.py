"""Say each event in one line of both languages, for the log and the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from data.forces import UnitStatus
from data.holding import CALL_WORDS, LocalTeamState
from data.incidents import Incident, IncidentStatus
from data.journal.events import (
    AccessNoted,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    ApprovalAsked,
    ApprovalGiven,
    ApprovalRefused,
    ClockChanged,
    ClosureLifted,
    ClosureSet,
    Event,
    ForcesMustered,
    ForecastIssued,
    IncidentReported,
    IncidentRevised,
    IncidentStatusChanged,
    IslandsReported,
    MoveOrdered,
    MoveWithdrawn,
    NoteLogged,
    OrderIssued,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PlanWithdrawn,
    PositionsArchived,
    UnitStatusChanged,
    UnknownEvent,
    WorldOpened,
    ZoneWeatherLifted,
    ZoneWeatherSet,
)
from data.journal.views import Alarm, OrderedMove, UnitView
from data.plans import Alternative, Plan
from data.text import Text

UNIT_STATUS_WORDS: dict[UnitStatus, Text] = {
    "available": Text("待命", "available"),
    "accepted": Text("接令", "accepted"),
    "en_route": Text("途中", "en route"),
    "on_scene": Text("到场", "on scene"),
    "returning": Text("返回", "returning"),
    "out_of_service": Text("停用", "out of service"),
}
INCIDENT_STATUS_WORDS: dict[IncidentStatus, Text] = {
    "reported": Text("已报", "reported"),
    "accepted": Text("已接", "accepted"),
    "dispatched": Text("已派", "dispatched"),
    "en_route": Text("途中", "en route"),
    "on_scene": Text("到场", "on scene"),
    "handled": Text("已处置", "handled"),
    "fed_back": Text("已反馈", "fed back"),
    "closed": Text("已结", "closed"),
}
ALTERNATIVE_WORDS: dict[Alternative, Text] = {
    "fastest": Text("最快", "fastest"),
    "balanced": Text("均衡", "balanced"),
    "keep_cover": Text("保留备勤", "keep cover"),
    "fewest_craft": Text("最少载具", "fewest craft"),
}


class Named:
    """What the wording may look names up in: the picture just before the event."""

    def __init__(
        self,
        units: Mapping[str, UnitView],
        incidents: Mapping[str, Incident],
        alarms: Mapping[str, Alarm],
        moves: Mapping[str, OrderedMove],
    ) -> None:
        self._units, self._incidents, self._alarms, self._moves = units, incidents, alarms, moves

    def unit(self, unit_id: str) -> Text:
        """Return a unit's call sign, or its id where it is unknown."""
        view = self._units.get(unit_id)
        return view.call_sign if view else Text(unit_id, unit_id)

    def incident(self, incident_id: str) -> str:
        """Return an incident's spoken number, or its id where it is unknown."""
        incident = self._incidents.get(incident_id)
        return incident.number if incident else incident_id

    def incidents(self, incident_ids: tuple[str, ...]) -> str:
        """Return the spoken numbers of several incidents."""
        return ", ".join(self.incident(one) for one in incident_ids)

    def alarm(self, alarm_id: str) -> Text:
        """Return the cause of an alarm, or its id where it is unknown."""
        alarm = self._alarms.get(alarm_id)
        return alarm.cause if alarm else Text(alarm_id, alarm_id)

    def move(self, move_id: str) -> Text:
        """Return what an ordered move says, or its id where it is unknown."""
        move = self._moves.get(move_id)
        return move.text if move else Text(move_id, move_id)


Line = tuple[Text, tuple[str, ...]]


def _plan_line(plan: Plan, zh: str, en: str, named: Named) -> Line:
    kind = ALTERNATIVE_WORDS[plan.alternative]
    numbers = named.incidents(plan.incident_ids)
    size = Text(f"{plan.persons}人 {plan.craft_used}艇机", f"{plan.persons} persons, {plan.craft_used} craft")
    gap = f"{plan.gap * 100:.1f} %"
    return (
        Text(
            f"{zh}方案({kind.zh}):警情 {numbers},{size.zh},差距 {gap}",
            f"{en} ({kind.en}) for {numbers}: {size.en}, gap {gap}",
        ),
        (plan.id, *plan.incident_ids),
    )


def _world_opened(event: WorldOpened, _: Named) -> Line:
    return Text(f"开始:{event.title.zh}", f"Opened: {event.title.en}"), ()


def _forces_mustered(event: ForcesMustered, _: Named) -> Line:
    persons = sum(group.strength for group in event.groups)
    return (
        Text(
            f"力量入图:{len(event.craft)}艘艇机,{len(event.groups)}个班组,{persons}人",
            f"Forces mustered: {len(event.craft)} craft, {len(event.groups)} groups, {persons} persons",
        ),
        (),
    )


def _forecast_issued(event: ForecastIssued, _: Named) -> Line:
    author = event.forecast.author
    return Text(f"预报生效:{event.forecast.id}({author})", f"Forecast in force: {event.forecast.id} ({author})"), ()


def _zone_weather_set(event: ZoneWeatherSet, _: Named) -> Line:
    value, words = event.value, event.value.words()
    return (
        Text(
            f"人工值 {value.zone_id}:{words.zh}({value.reason.zh})",
            f"Manual value for {value.zone_id}: {words.en} ({value.reason.en})",
        ),
        (value.id, value.zone_id),
    )


def _zone_weather_lifted(event: ZoneWeatherLifted, _: Named) -> Line:
    return Text(f"人工值撤回:{event.value_id}", f"Manual value taken back: {event.value_id}"), (event.value_id,)


def _closure_set(event: ClosureSet, _: Named) -> Line:
    closure = event.closure
    return (
        Text(f"封闭 {closure.target_id}:{closure.reason.zh}", f"Closed {closure.target_id}: {closure.reason.en}"),
        (closure.id, closure.target_id),
    )


def _closure_lifted(event: ClosureLifted, _: Named) -> Line:
    return Text(f"解除封闭 {event.closure_id}", f"Closure lifted: {event.closure_id}"), (event.closure_id,)


def _incident_reported(event: IncidentReported, _: Named) -> Line:
    incident = event.incident
    return (
        Text(
            f"新警情 {incident.number}({incident.priority}级):{incident.title.zh}",
            f"New incident {incident.number} (priority {incident.priority}): {incident.title.en}",
        ),
        (incident.id,),
    )


def _incident_revised(event: IncidentRevised, _: Named) -> Line:
    incident = event.incident
    return (
        Text(
            f"警情 {incident.number} 更正:{incident.title.zh}",
            f"Incident {incident.number} revised: {incident.title.en}",
        ),
        (incident.id,),
    )


def _incident_status(event: IncidentStatusChanged, named: Named) -> Line:
    word, number = INCIDENT_STATUS_WORDS[event.status], named.incident(event.incident_id)
    tail = Text(f":{event.disposition}", f": {event.disposition}") if event.disposition else Text("", "")
    return (
        Text(f"警情 {number} {word.zh}{tail.zh}", f"Incident {number} {word.en}{tail.en}"),
        (event.incident_id,),
    )


def _plan_proposed(event: PlanProposed, named: Named) -> Line:
    return _plan_line(event.plan, "提出", "Plan proposed", named)


def _plan_accepted(event: PlanAccepted, named: Named) -> Line:
    return _plan_line(event.plan, "采纳", "Plan accepted", named)


def _plan_rejected(event: PlanRejected, named: Named) -> Line:
    numbers = named.incidents(event.incident_ids)
    return (
        Text(f"否决方案(警情 {numbers}):{event.reason}", f"Plan for {numbers} rejected: {event.reason}"),
        (event.plan_id, *event.incident_ids),
    )


def _plan_withdrawn(event: PlanWithdrawn, _: Named) -> Line:
    return Text(f"撤销方案 {event.plan_id}", f"Plan withdrawn: {event.plan_id}"), (event.plan_id,)


def _order_issued(event: OrderIssued, named: Named) -> Line:
    order = event.order
    sign = named.unit(order.unit_id)
    return (
        Text(f"指令 {sign.zh}:{order.text.zh}", f"Order to {sign.en}: {order.text.en}"),
        (order.unit_id, order.incident_id, order.plan_id),
    )


def _unit_status(event: UnitStatusChanged, named: Named) -> Line:
    sign, word = named.unit(event.unit_id), UNIT_STATUS_WORDS[event.status]
    subjects = tuple(one for one in (event.unit_id, event.incident_id, event.plan_id) if one)
    return Text(f"{sign.zh} {word.zh}", f"{sign.en} {word.en}"), subjects


def _alarm_raised(event: AlarmRaised, _: Named) -> Line:
    return Text(f"报警:{event.cause.zh}", f"Alarm: {event.cause.en}"), (event.alarm_id, event.subject_id)


def _alarm_acknowledged(event: AlarmAcknowledged, named: Named) -> Line:
    cause = named.alarm(event.alarm_id)
    return Text(f"确认报警:{cause.zh}", f"Alarm acknowledged: {cause.en}"), (event.alarm_id,)


def _alarm_cleared(event: AlarmCleared, named: Named) -> Line:
    cause = named.alarm(event.alarm_id)
    return Text(f"报警解除:{cause.zh}", f"Alarm cleared: {cause.en}"), (event.alarm_id,)


def _note_logged(event: NoteLogged, _: Named) -> Line:
    return Text(event.text, event.text), (event.incident_id,) if event.incident_id else ()


def _positions_archived(event: PositionsArchived, _: Named) -> Line:
    hour = f"{event.hour:%Y-%m-%d %H:00}Z"
    return Text(f"定位归档:{hour},{event.rows}条", f"Positions archived: {hour}, {event.rows} fixes"), ()


def _clock_changed(event: ClockChanged, _: Named) -> Line:
    if event.speed == 0:
        return Text("时钟暂停", "Clock paused"), ()
    return Text(f"时钟 {event.speed:g} 倍速", f"Clock at {event.speed:g} times"), ()


def _approval_asked(event: ApprovalAsked, named: Named) -> Line:
    numbers = named.incidents(event.incident_ids)
    return (
        Text(
            f"待第二人同意(警情 {numbers}):{event.reason.zh}",
            f"Waits for a second person ({numbers}): {event.reason.en}",
        ),
        (event.approval_id, *event.incident_ids),
    )


def _approval_given(event: ApprovalGiven, _: Named) -> Line:
    return (
        Text(f"第二人同意,由 {event.asked_by} 提出", f"Approved as the second person; asked by {event.asked_by}"),
        (event.approval_id,),
    )


def _approval_refused(event: ApprovalRefused, _: Named) -> Line:
    tail = Text(f":{event.reason}", f": {event.reason}") if event.reason else Text("", "")
    return (
        Text(
            f"未同意,由 {event.asked_by} 提出{tail.zh}",
            f"Approval refused or withdrawn; asked by {event.asked_by}{tail.en}",
        ),
        (event.approval_id,),
    )


def _team_reported(state: LocalTeamState) -> Text:
    lost = Text(f",减员{state.lost}", f", {state.lost} lost") if state.lost else Text("", "")
    words = CALL_WORDS[state.status]
    return Text(
        f"{state.team.name.zh}:{words.zh},应答{state.acknowledged}/{state.people}{lost.zh}",
        f"{state.team.name.en}: {words.en}, {state.acknowledged} of {state.people} answered{lost.en}",
    )


def _islands_reported(event: IslandsReported, _: Named) -> Line:
    islands = (
        *(one.island_id for one in event.counts),
        *(one.island_id for one in event.stores),
        *(one.island_id for one in event.tasks),
        *(one.team.island_id for one in event.local_teams),
        *event.relief_at,
        *(one.island_id for one in event.evacuations),
    )
    named = tuple(dict.fromkeys(islands))
    if len(event.local_teams) == 1 and event == IslandsReported(local_teams=event.local_teams):
        return _team_reported(event.local_teams[0]), (event.local_teams[0].team.id, *named)
    return (
        Text(
            f"岛上上报:{len(named)}岛,清点{len(event.counts)}项,物资{len(event.stores)}项,"
            f"队伍{len(event.local_teams)}支,任务{len(event.tasks)}项",
            f"Islands report ({len(named)}): {len(event.counts)} counts, {len(event.stores)} stores, "
            f"{len(event.local_teams)} teams, {len(event.tasks)} tasks",
        ),
        named,
    )


def _move_ordered(event: MoveOrdered, _: Named) -> Line:
    return Text(f"先行转移:{event.text.zh}", f"Move ordered: {event.text.en}"), (event.move_id, event.island_id)


def _move_withdrawn(event: MoveWithdrawn, named: Named) -> Line:
    text = named.move(event.move_id)
    return Text(f"撤回转移:{text.zh}", f"Move withdrawn: {text.en}"), (event.move_id,)


def _access_noted(event: AccessNoted, _: Named) -> Line:
    head = Text("访问被拒", "Refused") if event.refused else Text("查阅", "Access")
    about = f" {event.subject}" if event.subject else ""
    times = Text(f"(又 {event.count} 次)", f" ({event.count} times more)") if event.count > 1 else Text("", "")
    return (
        Text(f"{head.zh}:{event.detail.zh}{about}{times.zh}", f"{head.en}: {event.detail.en}{about}{times.en}"),
        (event.what,),
    )


def _unknown(event: UnknownEvent, _: Named) -> Line:
    return Text(f"新版程序的事件({event.kind})", f"an event of a newer program ({event.kind})"), ()


_WORDING: dict[type, Callable[[Any, Named], Line]] = {
    WorldOpened: _world_opened,
    ForcesMustered: _forces_mustered,
    ForecastIssued: _forecast_issued,
    ZoneWeatherSet: _zone_weather_set,
    ZoneWeatherLifted: _zone_weather_lifted,
    ClosureSet: _closure_set,
    ClosureLifted: _closure_lifted,
    IncidentReported: _incident_reported,
    IncidentRevised: _incident_revised,
    IncidentStatusChanged: _incident_status,
    PlanProposed: _plan_proposed,
    PlanAccepted: _plan_accepted,
    PlanRejected: _plan_rejected,
    PlanWithdrawn: _plan_withdrawn,
    OrderIssued: _order_issued,
    UnitStatusChanged: _unit_status,
    AlarmRaised: _alarm_raised,
    AlarmAcknowledged: _alarm_acknowledged,
    AlarmCleared: _alarm_cleared,
    NoteLogged: _note_logged,
    ClockChanged: _clock_changed,
    ApprovalAsked: _approval_asked,
    ApprovalGiven: _approval_given,
    ApprovalRefused: _approval_refused,
    AccessNoted: _access_noted,
    PositionsArchived: _positions_archived,
    IslandsReported: _islands_reported,
    MoveOrdered: _move_ordered,
    MoveWithdrawn: _move_withdrawn,
    UnknownEvent: _unknown,
}


def say_event(event: Event | UnknownEvent, named: Named) -> Line:
    """Return an event in one line of both languages, and the ids it is about."""
    return _WORDING[type(event)](event, named)
