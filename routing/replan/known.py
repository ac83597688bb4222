"""What is known of a plan under way by now: reports of people, and a newer situation beside the plan's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from data.errors import worded
from data.forces import FREE, CraftState, GroupState
from data.incidents import Incident
from data.plans import Plan
from data.situation import Situation
from data.text import Text
from data.weather import Closure, Forecast
from routing.movement import units_of
from routing.replan.events import ReplanFaultError

LOST = Text("已失效或失联", "lost since the plan began")
NOT_REPORTED = Text("新态势中已无此单位", "not in the newer situation")
BUSY = Text("正在执行其他任务", "on another task")
FORBIDDEN = Text("指挥员不让使用", "forbidden by the officer")


@dataclass(frozen=True)
class Reports:
    """What is reported or ordered at a moment, by the ids of units and sites; ``delayed`` in minutes.

    ``ashore_at`` tells when those aboard a lost craft at sea stand at its pickup again; else they do not arrive.
    """

    lost: tuple[str, ...] = ()
    ashore_at: Mapping[str, datetime] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    delayed: Mapping[str, int] = field(default_factory=dict)
    pinned: Mapping[str, str] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Known:
    """A plan's situation as known before and by now, both at the plan's start and with the same units and incidents.

    ``unusable`` are units nothing more is to be begun with, each with its reason; ``lost`` those of them that are gone.
    """

    before: Situation
    now: Situation
    lost: frozenset[str]
    unusable: Mapping[str, Text]
    is_other_sea: bool
    new_closures: tuple[Closure, ...]
    happened: tuple[Text, ...]


def find_known(plan: Plan, at: datetime, reports: Reports, newer: Situation | None = None) -> Known:
    """Return what is known by ``at``; raises ReplanFaultError where the newer situation is none of this plan."""
    old = situation_of(plan)
    used = set(units_of(plan))
    names = _names(old if newer is None else newer) | _names(old)
    lost = dict.fromkeys(reports.lost, LOST)
    busy: dict[str, Text] = {}
    incidents, craft, groups = old.incidents, old.craft, old.groups
    forecast, closures, happened = old.forecast, old.closures, list[Text]()
    new_closures = list(reports.closures)
    if newer is not None:
        _check_same_world(plan, old, newer)
        incidents, told = _incidents(old, newer)
        lost |= _lost_since(old, newer)
        busy = _busy_since(old, newer, used)
        craft, groups = _with_new(old, newer)
        if newer.forecast is not None and newer.forecast != old.forecast:
            forecast = merged_forecast(old.forecast, newer.forecast, at)
            told.append(Text("预报已更新", "the forecast has changed"))
        closures, more, lifted = _closures(old, newer, at)
        new_closures += more
        happened += told + lifted
    unusable = {**dict.fromkeys(reports.forbidden, FORBIDDEN), **busy, **lost}
    happened += [_said(names, unit, why) for unit, why in unusable.items()]
    happened += [Text(f"{c.reason.zh}", f"{c.reason.en}") for c in new_closures]
    happened += _said_orders(names, reports)
    now = msgspec.structs.replace(
        old,
        incidents=incidents,
        craft=craft,
        groups=groups,
        forecast=forecast,
        closures=(*closures, *new_closures),
        forbidden={**old.forbidden, **unusable},
    )
    before = msgspec.structs.replace(
        now,
        forecast=old.forecast,
        closures=old.closures,
        forbidden={unit: why for unit, why in old.forbidden.items() if unit not in used},
    )
    return Known(
        before=before,
        now=now,
        lost=frozenset(lost),
        unusable={**{unit: why for unit, why in old.forbidden.items() if unit in used}, **unusable},
        is_other_sea=forecast != old.forecast,
        new_closures=tuple(new_closures),
        happened=tuple(happened),
    )


def situation_of(plan: Plan) -> Situation:
    """Return the situation inside a plan; raises ReplanFaultError where there is none."""
    if plan.situation is None:
        raise worded(
            ReplanFaultError(f"plan {plan.id} holds no situation, so nothing can be made of it; export it again"),
            zh=f"方案 {plan.id} 未附态势，无法据以调整；请重新导出。",
        )
    return plan.situation


def merged_forecast(old: Forecast | None, new: Forecast, at: datetime) -> Forecast:
    """Return the newer forecast from a moment on, with what the older one said of the hours before."""
    if old is None:
        return new
    hours = [hour for hour in old.hours if hour.valid_from < at]
    zones = dict.fromkeys(hour.zone_id for hour in new.hours)
    for zone_id in zones:
        of_zone = new.zone_hours(zone_id)
        holding = [hour for hour in of_zone if hour.valid_from <= at]
        hours += [msgspec.structs.replace(hour, valid_from=at) for hour in holding[-1:]]
        hours += [hour for hour in of_zone if hour.valid_from > at]
    ordered = tuple(sorted(hours, key=lambda hour: (hour.zone_id, hour.valid_from)))
    return msgspec.structs.replace(new, hours=ordered)


def _check_same_world(plan: Plan, old: Situation, newer: Situation) -> None:
    if newer.region_id != old.region_id:
        raise worded(
            ReplanFaultError(
                f"the newer situation is of region '{newer.region_id}', plan {plan.id} of '{old.region_id}'; "
                "give one of the same region"
            ),
            zh=f"新态势属于区域“{newer.region_id}”，方案 {plan.id} 属于“{old.region_id}”；请给出同一区域的态势。",
        )
    known = {one.id: one for one in newer.incidents}
    for one in old.incidents:
        if one.id in plan.incident_ids and (one.id not in known or known[one.id].status == "closed"):
            raise worded(
                ReplanFaultError(
                    f"incident {one.number} is closed or not in the newer situation; plan the others anew without it"
                ),
                zh=f"警情 {one.number} 已结或不在新态势中；请对其余警情重新制定方案。",
            )


def _incidents(old: Situation, newer: Situation) -> tuple[tuple[Incident, ...], list[Text]]:
    """Return the incidents with what they ask by now, new ones last, and what is told of them."""
    later = {one.id: one for one in newer.incidents}
    told: list[Text] = []
    kept = []
    for one in old.incidents:
        now = later.get(one.id, one)
        if now.echelons != one.echelons:
            told.append(Text(f"警情 {one.number} 的要求已变", f"incident {one.number} asks for something else"))
            known = {need.id for need in now.echelons}
            if gone := [need for need in one.echelons if need.id not in known]:
                raise worded(
                    ReplanFaultError(
                        f"echelon '{gone[0].name.en}' of incident {one.number} is gone; lower its persons to 1 instead"
                    ),
                    zh=f"警情 {one.number} 的梯次“{gone[0].name.zh}”已删除；请改为将其人数降为 1。",
                )
            _check_kinds(one, now)
        kept.append(msgspec.structs.replace(one, echelons=now.echelons))
    had = {one.id for one in old.incidents}
    new = [one for one in newer.incidents if one.id not in had and one.echelons and one.status != "closed"]
    told += [Text(f"新警情 {one.number}：{one.title.zh}", f"new incident {one.number}: {one.title.en}") for one in new]
    return (*kept, *new), told


def _check_kinds(was: Incident, now: Incident) -> None:
    """Raise ReplanFaultError where an echelon asks for another skill or weighs more: that is another echelon."""
    kinds = {need.id: (need.skill, need.weight) for need in was.echelons}
    for need in now.echelons:
        if need.id in kinds and kinds[need.id] != (need.skill, need.weight):
            raise worded(
                ReplanFaultError(
                    f"echelon '{need.name.en}' of incident {was.number} asks for another skill or weight; "
                    "add it as an echelon of its own"
                ),
                zh=f"警情 {was.number} 的梯次“{need.name.zh}”改变了技能或权重；请另增一个梯次。",
            )


def _states(situation: Situation) -> Iterator[tuple[str, CraftState | GroupState]]:
    for craft in situation.craft:
        yield craft.craft.id, craft
    for group in situation.groups:
        yield group.group.id, group


def _is_out(state: CraftState | GroupState) -> bool:
    return state.status == "out_of_service" or state.excluded is not None


def _lost_since(old: Situation, newer: Situation) -> dict[str, Text]:
    later = dict(_states(newer))
    usable = [unit for unit, state in _states(old) if not _is_out(state) and unit not in old.forbidden]
    gone = {unit: NOT_REPORTED for unit in usable if unit not in later}
    return gone | {unit: later[unit].excluded or LOST for unit in usable if unit in later and _is_out(later[unit])}


def _busy_since(old: Situation, newer: Situation, used: set[str]) -> dict[str, Text]:
    was_free = {unit for unit, state in _states(old) if state.status in FREE}
    return {
        unit: BUSY
        for unit, state in _states(newer)
        if unit in was_free and unit not in used and state.status not in FREE and not _is_out(state)
    }


def _with_new(old: Situation, newer: Situation) -> tuple[tuple[CraftState, ...], tuple[GroupState, ...]]:
    had = {unit for unit, _ in _states(old)}
    return (
        (*old.craft, *(state for state in newer.craft if state.craft.id not in had)),
        (*old.groups, *(state for state in newer.groups if state.group.id not in had)),
    )


def _closures(old: Situation, newer: Situation, at: datetime) -> tuple[tuple[Closure, ...], list[Closure], list[Text]]:
    """Return the closures there were, ended where they are lifted; the new ones; what is told of the lifted."""
    still = {one.id for one in newer.closures}
    had = {one.id for one in old.closures}
    kept, lifted = [], []
    for one in old.closures:
        if one.id in still or (one.until_at is not None and one.until_at <= at):
            kept.append(one)
        else:
            lifted.append(Text(f"已解除：{one.reason.zh}", f"lifted: {one.reason.en}"))
            if one.from_at < at:
                kept.append(msgspec.structs.replace(one, until_at=at))
    return tuple(kept), [one for one in newer.closures if one.id not in had], lifted


def _names(situation: Situation) -> dict[str, Text]:
    names = {state.craft.id: state.craft.call_sign for state in situation.craft}
    return names | {state.group.id: state.group.call_sign for state in situation.groups}


def _said(names: Mapping[str, Text], unit: str, why: Text) -> Text:
    name = names.get(unit, Text(unit, unit))
    return Text(f"{name.zh}：{why.zh}", f"{name.en}: {why.en}")


def _said_orders(names: Mapping[str, Text], reports: Reports) -> Iterator[Text]:
    def name(unit: str) -> Text:
        return names.get(unit, Text(unit, unit))

    for group, minutes in reports.delayed.items():
        yield Text(f"{name(group).zh}：推迟 {minutes} 分钟", f"{name(group).en}: {minutes} min late")
    for group, craft in reports.pinned.items():
        yield Text(f"{name(group).zh}：须乘{name(craft).zh}", f"{name(group).en}: must ride {name(craft).en}")
    for group, craft in reports.apart:
        yield Text(f"{name(group).zh}：不得乘{name(craft).zh}", f"{name(group).en}: may not ride {name(craft).en}")
