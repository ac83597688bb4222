"""Hold an island: from a situation to a checked plan, and again when people come, drop out, or tasks come up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from data.errors import TongzhouError, worded
from data.forces import Group
from data.geography import Region
from data.holding import HoldEvent, HoldPlan, LocalTeamState
from data.plans import Plan
from data.situation import Situation
from data.text import Text
from routing.hold.assemble import assemble_hold
from routing.hold.changes import hold_changes
from routing.hold.check_plan import check_hold_plan
from routing.hold.people import arrived_state, standing_state
from routing.hold.plan import HoldProgress
from routing.hold.problem import HoldOptions
from routing.hold.relief import NO_RELIEF, Relief, relief_of_plan
from routing.hold.situation import compile_hold
from routing.hold.solve import solve_hold

Heard = Callable[[HoldProgress], None]


class HoldPlanFaultError(ValueError, TongzhouError):
    """A plan that failed its own check: it is not shown, and this names what is wrong with it."""


@dataclass(frozen=True)
class HoldQuestion:
    """Which island is to be held, until whom, and how long to think.

    ``plan`` is the deployment plan that relieves it, ``relief_at`` a time by hand that outranks it.
    """

    region: Region
    island_id: str
    plan: Plan | None = None
    relief_at: datetime | None = None
    options: HoldOptions = field(default_factory=HoldOptions)

    def relief(self, situation: Situation) -> Relief:
        """Return the landings of the plan, if there is one."""
        if self.plan is None:
            return NO_RELIEF
        return relief_of_plan(self.plan, situation, self.region, self.island_id)


def hold_island(
    question: HoldQuestion, situation: Situation, before: HoldPlan | None = None, heard: Heard | None = None
) -> HoldPlan:
    """Return the checked plan that holds an island, differing from ``before`` as little as is worth it.

    Raises UnknownNameError for an unknown island, HoldQuestionError for relief that cannot be meant, and
    HoldPlanFaultError for a plan that fails its check.
    """
    compiled = compile_hold(
        situation,
        question.region,
        question.island_id,
        relief=question.relief(situation),
        relief_at=question.relief_at,
        before=before,
    )
    result = solve_hold(compiled.problem, question.options, heard)
    plan = assemble_hold(compiled, result, before)
    if before is not None:
        changes = hold_changes(before, plan, ZoneInfo(question.region.timezone))
        plan = msgspec.structs.replace(plan, changes=changes)
    if faults := check_hold_plan(plan, situation, question.region, before):
        words = Text("；".join(one.zh for one in faults[:3]), "; ".join(one.en for one in faults[:3]))
        raise worded(
            HoldPlanFaultError(f"the plan failed its check and is not shown: {words.en}"),
            zh=f"方案未通过核查，不予显示：{words.zh}",
        )
    return plan


def after_events(
    situation: Situation, before: HoldPlan, events: Sequence[HoldEvent], region: Region, at: datetime
) -> Situation:
    """Return the situation at ``at``: the teams of the plan in force, changed by what happened on its island since.

    An arrival puts a roster group on the island, a loss takes people off a team (those with the highest numbers), a new
    task is asked for besides the others.
    """
    teams = {state.team.id: state for state in before.teams}
    groups = {state.group.id: state.group for state in situation.groups}
    tasks = list(situation.tasks)
    for event in events:
        if event.island_id != before.island_id or not before.at < event.at <= at:
            continue
        if event.kind == "arrival" and event.unit_id in groups and event.place is not None:
            teams[event.unit_id] = _arrived(groups[event.unit_id], event)
        elif event.kind == "loss" and event.unit_id is not None:
            state = teams.get(event.unit_id)
            if state is None and event.unit_id in region.local_teams:
                state = standing_state(region.local_teams[event.unit_id], region, at)
            if state is not None:
                teams[event.unit_id] = _with_loss(state, event)
        elif event.kind == "new_task" and event.task is not None and event.task.id not in {one.id for one in tasks}:
            tasks.append(event.task)
    others = tuple(state for state in situation.local_teams if state.team.island_id != before.island_id)
    return msgspec.structs.replace(situation, at=at, local_teams=(*others, *teams.values()), tasks=tuple(tasks))


def _arrived(group: Group, event: HoldEvent) -> LocalTeamState:
    assert event.place is not None
    return arrived_state(group, event.place, event.at)


def _with_loss(state: LocalTeamState, event: HoldEvent) -> LocalTeamState:
    lost = min(state.people, event.people)
    left = state.people - lost
    return msgspec.structs.replace(
        state,
        people=left,
        lost=state.lost + lost,
        acknowledged=min(left, state.acknowledged),
        note=event.reason or state.note,
    )
