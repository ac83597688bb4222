"""The check of an island's plan finds every planted fault, and none in a sound plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from data.geography import Region
from data.holding import HoldPlan, HoldRow, HoldService, LocalTeamState
from data.scenario import read_scenario
from data.situation import Situation
from routing.hold.assemble import assemble_hold
from routing.hold.check_plan import check_hold_plan
from routing.hold.situation import compile_hold
from tests.routing.hold.by_hand import solve_by_hand

replace = msgspec.structs.replace
MIN = timedelta(minutes=1)


@pytest.fixture(scope="module")
def swell(zhoushan: Region) -> Situation:
    """The shipped swell at Miaozihu, with its case only."""
    found = read_scenario("may-swell-miaozihu", zhoushan).situation()
    return replace(found, local_teams=(), tasks=(), relief_at={})


@pytest.fixture(scope="module")
def plan(swell: Situation, zhoushan: Region) -> HoldPlan:
    """A sound plan of it, relief after two hours."""
    compiled = compile_hold(swell, zhoushan, "miaozihu", relief_at=swell.at + timedelta(hours=2))
    return assemble_hold(compiled, solve_by_hand(compiled.problem))


def _row(plan: HoldPlan, number: int, **change: object) -> HoldPlan:
    rows = list(plan.rows)
    rows[number] = replace(rows[number], **change)
    return replace(plan, rows=tuple(rows))


def _moved(plan: HoldPlan, number: int, minutes: int) -> HoldPlan:
    row = plan.rows[number]
    times = {name: getattr(row, name) + minutes * MIN for name in ("depart_at", "arrive_at", "from_at", "to_at")}
    return _row(plan, number, **times)


def _walk(plan: HoldPlan) -> int:
    return max(range(len(plan.rows)), key=lambda n: plan.rows[n].travel_min)


def _whole_task(plan: HoldPlan, task_id: str, minutes: int) -> HoldPlan:
    """Move a task with its whole crew."""
    for number in [n for n, row in enumerate(plan.rows) if row.task_id == task_id]:
        plan = _moved(plan, number, minutes)
    services = tuple(
        replace(one, from_at=one.from_at + minutes * MIN, to_at=one.to_at + minutes * MIN)
        if one.task_id == task_id and one.from_at is not None and one.to_at is not None
        else one
        for one in plan.services
    )
    return replace(plan, services=services)


def _teams(plan: HoldPlan, **change: object) -> HoldPlan:
    return replace(plan, teams=(replace(plan.teams[0], **change), *plan.teams[1:]))


def _service(plan: HoldPlan, **change: object) -> HoldPlan:
    return replace(plan, services=(replace(plan.services[0], **change), *plan.services[1:]))


def _skilled(plan: HoldPlan) -> int:
    """Return a row that needs a medic."""
    return next(n for n, row in enumerate(plan.rows) if row.skill == "medical")


def _someone_else(plan: HoldPlan) -> HoldPlan:
    fisher = next(state.team.id for state in plan.teams if state.team.kind == "township")
    return _row(plan, _skilled(plan), team_id=fisher, ordinal=1)


def _tired(plan: HoldPlan) -> HoldPlan:
    return replace(plan, teams=tuple(replace(state, worked_min=state.team.stretch_min) for state in plan.teams))


def _home_early(plan: HoldPlan) -> HoldPlan:
    return replace(plan, teams=tuple(replace(state, shift_end_at=plan.at + 30 * MIN) for state in plan.teams))


PLANTED: dict[str, tuple[Callable[[HoldPlan], HoldPlan], str]] = {
    "another situation": (lambda plan: replace(plan, situation_hash="0"), "another situation"),
    "more people than the team": (lambda plan: _teams(plan, people=99), "99 people of"),
    "a person too many": (lambda plan: _row(plan, 0, ordinal=99), "no person number 99"),
    "a place elsewhere": (lambda plan: _row(plan, 0, place=plan.rows[0].from_place, from_place=plan.rows[0].place),
                          "not where the task is"),
    "a crew one short": (lambda plan: replace(plan, rows=plan.rows[1:]), "not what the task asks for"),
    "no skill": (_someone_else, "lacks medical"),
    "one begins later": (lambda plan: _moved(plan, 0, 3), "does not begin together"),
    "outside its window": (lambda plan: _whole_task(plan, "stranded-miaozihu.guide", 60), "outside its window"),
    "after relief": (lambda plan: replace(plan, relief_at=plan.at + MIN), "after relief has taken over"),
    "a way too quick": (
        lambda plan: _row(plan, _walk(plan), travel_min=0, depart_at=plan.rows[_walk(plan)].from_at), "for a way of"
    ),
    "leaves before the call": (
        lambda plan: _row(
            plan, _walk(plan), travel_min=60, depart_at=plan.rows[_walk(plan)].from_at - 60 * MIN
        ),
        "leaves before being free",
    ),
    "no rest": (_tired, "without a rest"),
    "past the shift": (_home_early, "past the end of the shift"),
    "values": (lambda plan: replace(plan, value=plan.value + 10), "do not add up"),
    "a value invented": (lambda plan: _service(plan, value=plan.services[0].value + 30), "value"),
    "bound below": (lambda plan: replace(plan, bound=plan.value - 1.0), "bound or the gap"),
    "lateness": (lambda plan: replace(plan, late_min=plan.late_min + 1.0), "lateness does not add up"),
    "unmet not told": (lambda plan: replace(_undone(plan), unmet=()), "is not told"),
    "a group twice": (
        lambda plan: replace(plan, teams=(*plan.teams, replace(plan.teams[0], people=1))), "counted in two teams"
    ),
}  # fmt: skip


def _undone(plan: HoldPlan) -> HoldPlan:
    last = plan.services[-1]
    rows = tuple(row for row in plan.rows if (row.task_id, row.slot) != (last.task_id, last.slot))
    undone = replace(last, served=False, from_at=None, to_at=None, late_min=0)
    return replace(plan, rows=rows, services=(*plan.services[:-1], undone), value=plan.value - last.value)


def test_sound_plan_has_no_fault(plan: HoldPlan, swell: Situation, zhoushan: Region) -> None:
    assert [fault.en for fault in check_hold_plan(plan, swell, zhoushan)] == []
    assert plan.value > 0.9 * plan.value_asked
    assert len(plan.rows) > 40


@pytest.mark.parametrize("name", PLANTED)
def test_planted_fault_is_found(plan: HoldPlan, swell: Situation, zhoushan: Region, name: str) -> None:
    plant, told = PLANTED[name]
    faults = [fault.en for fault in check_hold_plan(plant(plan), swell, zhoushan)]
    assert any(told in fault for fault in faults), faults


def test_plan_survives_json(plan: HoldPlan) -> None:
    again = msgspec.json.decode(msgspec.json.encode(plan), type=HoldPlan)
    assert again == plan
    assert isinstance(again.rows[0], HoldRow)
    assert isinstance(again.services[0], HoldService)
    assert isinstance(again.teams[0], LocalTeamState)
