"""Check a plan that holds an island against the situation and the region, with no code of the solver.

Every rule is worked out again here from the plan's own rows: who is where when, how long the way is, when they must
rest, whether the crews are whole, and what the sums are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import hypot

import numpy as np

from data.geography import Place, Region
from data.holding import HoldPlan, HoldRow, HoldTask, LocalTeamState
from data.situation import Situation
from data.text import Text
from routing.network.foot import foot_field
from routing.network.projection import projection
from routing.network.road import RoadNetwork

MINUTE = timedelta(minutes=1)
RIDING_KINDS = ("police", "auxiliary", "enforcement", "medical", "township", "reinforcement")
# Minutes on top of a drive: to mount, or to be fetched.
RIDE_MORE_MIN, FETCHED_MORE_MIN = 1, 10
VALUE_SCALE = 10
# What is left of a broken task has the task's number and this many more.
PART = 1000
# What is over in so few minutes need not be told.
LEAST_TOLD_MIN = 5
Person = tuple[str, int]


def check_hold_plan(plan: HoldPlan, situation: Situation, region: Region, before: HoldPlan | None = None) -> list[Text]:
    """Return what is wrong with a plan, in words; nothing if it is sound.

    ``before`` is the plan it was made from: what of that had begun must have stayed.
    """
    faults = list(_teams(plan, situation, region))
    tasks = {task.id: task for task in plan.tasks}
    if before is not None:
        tasks = {task.id: task for task in before.tasks} | tasks
    faults += _tasks_and_places(plan, tasks)
    faults += _crews(plan, tasks)
    faults += _people(plan, region, situation, before)
    faults += _order(plan, tasks)
    faults += _sums(plan, tasks)
    faults += _relief(plan)
    if before is not None:
        faults += _stays(plan, before)
    return faults


def _fault(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def _teams(plan: HoldPlan, situation: Situation, region: Region) -> Iterator[Text]:
    if plan.situation_hash != situation.content_hash() or plan.at != situation.at.replace(second=0, microsecond=0):
        yield _fault("方案不是由此态势得出", "the plan was made from another situation")
    inside: Counter[str] = Counter(group for state in plan.teams for group in state.team.group_ids)
    for group, times in inside.items():
        if times > 1:
            yield _fault(f"警组 {group} 被计入两支队伍", f"group {group} is counted in two teams")
    for state in plan.teams:
        own = region.local_teams.get(state.team.id)
        if own is not None and own != state.team:
            yield _fault(f"{state.team.id} 与区域数据不符", f"{state.team.id} is not as the region has it")
        if own is None and state.team.kind != "reinforcement":
            yield _fault(f"区域没有队伍 {state.team.id}", f"the region has no team {state.team.id}")
        if not 0 <= state.people <= state.team.people - state.lost:
            yield _fault(
                f"{state.team.id} 计 {state.people} 人，编制 {state.team.people} 人，减员 {state.lost} 人",
                f"{state.team.id} counts {state.people} people of {state.team.people}, {state.lost} lost",
            )
        if state.team.island_id != plan.island_id:
            yield _fault(f"{state.team.id} 不在此岛", f"{state.team.id} is not on this island")
    known = {state.team.id: state.people for state in plan.teams}
    for row in plan.rows:
        if not row.begun and not 1 <= row.ordinal <= known.get(row.team_id, 0):
            yield _fault(f"{row.team_id} 没有第 {row.ordinal} 人", f"{row.team_id} has no person number {row.ordinal}")


def _tasks_and_places(plan: HoldPlan, tasks: dict[str, HoldTask]) -> Iterator[Text]:
    for place in [*(state.place for state in plan.teams), *(task.place for task in plan.tasks)]:
        if place.island_id != plan.island_id:
            yield _fault(f"{place.id} 不在此岛", f"{place.id} is not on this island")
    for row in plan.rows:
        task = tasks.get(row.task_id)
        if task is None:
            yield _fault(f"没有任务 {row.task_id}", f"there is no task {row.task_id}")
        elif _apart(row.place, task.place):
            yield _fault(f"{row.task_id} 的人员不在任务地点", f"somebody of {row.task_id} is not where the task is")


def _crews(plan: HoldPlan, tasks: dict[str, HoldTask]) -> Iterator[Text]:
    skills = {
        (state.team.id, ordinal): own
        for state in plan.teams
        for ordinal, own in enumerate((one.skills for one in state.team.members for _ in range(one.people)), start=1)
    }
    crews: dict[tuple[str, int], list[HoldRow]] = defaultdict(list)
    for row in plan.rows:
        crews[row.task_id, row.slot].append(row)
    served = {(one.task_id, one.slot): one for one in plan.services if one.served}
    for key in crews.keys() ^ served.keys():
        yield _fault(f"{key[0]} 第 {key[1]} 班的人员与完成情况不符", f"{key[0]} turn {key[1]}: crew and service differ")
    for key in crews.keys() & served.keys():
        rows, task, service = crews[key], tasks.get(key[0]), served[key]
        if task is None:
            continue
        name = f"{key[0]}/{key[1]}"
        if Counter(row.skill for row in rows) != Counter({need.skill: need.people for need in task.crew}):
            yield _fault(f"{name} 班组不全", f"{name}: the crew is not what the task asks for")
        for row in rows:
            own = skills.get((row.team_id, row.ordinal), frozenset())
            if row.skill is not None and row.skill not in own and not row.begun:
                yield _fault(f"{name} 有人不具备 {row.skill}", f"{name}: somebody lacks {row.skill}")
        if {(row.from_at, row.to_at) for row in rows} != {(service.from_at, service.to_at)}:
            yield _fault(f"{name} 班组未同时开始", f"{name}: the crew does not begin together")
        yield from _window(
            plan, task, key[1], service.from_at, service.to_at, name, begun=any(row.begun for row in rows)
        )
    by_post: dict[str, list[HoldRow]] = defaultdict(list)
    for (task_id, _), rows in crews.items():
        by_post[task_id].append(rows[0])
    for task_id, firsts in by_post.items():
        for one, following in pairwise(sorted(firsts, key=lambda row: row.from_at)):
            if following.from_at < one.to_at:
                yield _fault(f"{task_id} 有重叠的班次", f"{task_id}: two turns overlap")


def _window(
    plan: HoldPlan,
    task: HoldTask,
    slot: int,
    from_at: datetime | None,
    to_at: datetime | None,
    name: str,
    *,
    begun: bool,
) -> Iterator[Text]:
    if from_at is None or to_at is None:
        yield _fault(f"{name} 没有时间", f"{name} has no time")
        return
    relieved = plan.relief_at
    if task.slot_min is not None:
        relieved = next((row.at for row in plan.hand_over if row.task_id == task.id), None)
    if relieved is not None and from_at >= relieved:
        yield _fault(f"{name} 在增援接管后才开始", f"{name} begins after relief has taken over")
    if begun or from_at < plan.at:
        return
    if task.slot_min is not None:
        if from_at < task.earliest_at - MINUTE:
            yield _fault(f"{name} 开始过早", f"{name} begins too early")
        return
    resumed = slot >= PART
    if not resumed and to_at - from_at != timedelta(minutes=task.duration_min or 0):
        yield _fault(f"{name} 时长不符", f"{name} does not last as long as the task")
    if not resumed and not task.earliest_at - MINUTE <= from_at <= task.latest_at + MINUTE:
        yield _fault(f"{name} 超出时间窗", f"{name} begins outside its window")


def _people(plan: HoldPlan, region: Region, situation: Situation, before: HoldPlan | None) -> Iterator[Text]:
    states = {state.team.id: state for state in plan.teams}
    chains: dict[Person, list[HoldRow]] = defaultdict(list)
    for row in plan.rows:
        chains[row.team_id, row.ordinal].append(row)
    ways = _Ways(region, plan.island_id, situation)
    ways.read(plan.rows)
    sent: dict[Person, Place] = {}
    for row in sorted(before.rows, key=lambda row: row.from_at) if before is not None else ():
        person = row.team_id, row.ordinal
        if row.depart_at <= plan.at:
            sent[person] = row.place
        else:
            sent.setdefault(person, row.from_place)
    for (team_id, ordinal), rows in chains.items():
        state = states.get(team_id)
        if state is None:
            continue
        rows.sort(key=lambda row: row.from_at)
        who = f"{team_id} #{ordinal}"
        yield from _chain(rows, state, who, ways, sent.get((team_id, ordinal)))
        yield from _rests(rows, state, who)


def _chain(rows: Sequence[HoldRow], state: LocalTeamState, who: str, ways: _Ways, sent: Place | None) -> Iterator[Text]:
    """Yield what is wrong with one person's way through the plan; ``sent`` is where the plan before had sent them."""
    for n, row in enumerate(rows):
        if row.to_at > state.shift_end_at:
            yield _fault(f"{who} 超出班次", f"{who} works past the end of the shift")
        if row.begun:
            continue
        earlier = rows[n - 1] if n else None
        free_at = earlier.to_at if earlier is not None else state.ready_at
        if row.depart_at < free_at - MINUTE:
            yield _fault(f"{who} 尚未空闲即出发", f"{who} leaves before being free")
        was = earlier.place if earlier is not None else state.place
        if _apart(row.from_place, was) and (sent is None or _apart(row.from_place, sent)):
            yield _fault(f"{who} 出发地不符", f"{who} leaves from where they are not")
        if row.arrive_at > row.from_at or row.arrive_at - row.depart_at != row.travel_min * MINUTE:
            yield _fault(f"{who} 行程时间不符", f"{who}: the way does not fit its times")
        least = ways.least_min(row.from_place, row.place, state)
        if row.travel_min < 0.95 * least - 1:  # two grids of one walk differ by so much
            yield _fault(
                f"{who} 行程 {row.travel_min} 分钟，至少须 {least:.0f} 分钟",
                f"{who} takes {row.travel_min} min for a way of {least:.0f}",
            )


def _rests(rows: Sequence[HoldRow], state: LocalTeamState, who: str) -> Iterator[Text]:
    worked = timedelta(minutes=state.worked_min)
    free_at = state.ready_at
    for row in rows:
        if row.depart_at - free_at >= state.team.rest_min * MINUTE:
            worked = timedelta()
        worked += row.to_at - row.from_at
        free_at = row.to_at
        if worked > state.team.stretch_min * MINUTE:
            yield _fault(f"{who} 未按规定休息", f"{who} works longer than {state.team.stretch_min} min without a rest")
            return


def _order(plan: HoldPlan, tasks: dict[str, HoldTask]) -> Iterator[Text]:
    ends: dict[str, datetime] = {}
    for row in plan.rows:
        ends[row.task_id] = max(row.to_at, ends.get(row.task_id, row.to_at))
    asked = {one.task_id for one in plan.services}
    for row in plan.rows:
        task = tasks.get(row.task_id)
        for first in task.after if task is not None else ():
            if first in asked and not row.begun and (first not in ends or ends[first] > row.from_at):
                yield _fault(f"{row.task_id} 早于 {first} 完成", f"{row.task_id} begins before {first} is done")


def _sums(plan: HoldPlan, tasks: dict[str, HoldTask]) -> Iterator[Text]:
    value = sum(one.value for one in plan.services if one.served)
    if value != plan.value or sum(one.value for one in plan.services) != plan.value_asked:
        yield _fault("价值合计不符", "the values do not add up")
    if (
        plan.value > plan.bound + 1e-6
        or abs(plan.gap - ((plan.bound - value) / plan.bound if plan.bound else 0)) > 1e-9
    ):
        yield _fault("界或差距不符", "the bound or the gap is not what the values make it")
    late = sum(one.value * one.late_min for one in plan.services if one.served)
    if abs(plan.late_min - (late / value if value else 0.0)) > 1e-9:
        yield _fault("延误合计不符", "the lateness does not add up")
    for one in plan.services:
        task = tasks.get(one.task_id)
        if task is None or one.people != task.people:
            yield _fault(f"{one.task_id} 与任务不符", f"{one.task_id} is not the task asked for")
        elif one.from_at is not None and one.to_at is not None:
            whole_min = task.slot_min or task.duration_min or 1
            if abs(one.value - VALUE_SCALE * task.value * ((one.to_at - one.from_at) / MINUTE) / whole_min) > 1.5:
                yield _fault(f"{one.task_id} 价值不符", f"{one.task_id} has another value than its time is worth")
    missing = {(one.task_id, one.slot) for one in plan.unmet}
    soon = plan.at + LEAST_TOLD_MIN * MINUTE
    undone = {(one.task_id, one.slot) for one in plan.services if not one.served and one.asked_to > soon}
    if not missing >= {key for key in undone if _may_be_told(plan, key)}:
        yield _fault("有未完成的任务未说明", "a task nobody does is not told")


def _may_be_told(plan: HoldPlan, key: tuple[str, int]) -> bool:
    return any(task.id == key[0] for task in plan.tasks)


def _relief(plan: HoldPlan) -> Iterator[Text]:
    ashore = sum(landing.people for landing in plan.relief)
    if sum(row.to_people for row in plan.hand_over) > ashore:
        yield _fault("接替人数多于增援人数", "more people take over than land")
    for row in plan.hand_over:
        if row.short != row.needed - row.to_people or (plan.relief_at is not None and row.at < plan.relief_at):
            yield _fault(f"{row.task_id} 交接不符", f"{row.task_id}: the hand-over does not add up")


def _stays(plan: HoldPlan, before: HoldPlan) -> Iterator[Text]:
    people = {state.team.id: state.people for state in plan.teams}
    now = {(row.task_id, row.slot, row.team_id, row.ordinal, row.from_at, row.to_at) for row in plan.rows}
    crews: dict[tuple[str, int], list[HoldRow]] = defaultdict(list)
    for row in before.rows:
        if row.from_at < plan.at:
            crews[row.task_id, row.slot].append(row)
    for (task_id, slot), rows in crews.items():
        if any(row.ordinal > people.get(row.team_id, 0) for row in rows):
            continue
        for row in rows:
            if (task_id, slot, row.team_id, row.ordinal, row.from_at, row.to_at) not in now:
                yield _fault(f"{task_id} 已开始，却被改动", f"{task_id} had begun and was changed")
                break


def _apart(one: Place, other: Place) -> bool:
    return hypot(one.lon_deg - other.lon_deg, one.lat_deg - other.lat_deg) > 2e-5


class _Ways:
    """The least minutes between two places, worked out anew: a walk over land, or a drive."""

    def __init__(self, region: Region, island_id: str, situation: Situation) -> None:
        self._region = region
        shut = {
            closure.target_id
            for closure in situation.closures
            if closure.target_kind == "road"
            and closure.from_at <= situation.at
            and (closure.until_at is None or situation.at < closure.until_at)
        }
        self._road = RoadNetwork(region, shut_islands=frozenset(shut))
        self._walks: dict[tuple[float, float, float, float], float] = {}

    def read(self, rows: Sequence[HoldRow]) -> None:
        """Work out every walk of a plan there and back: the shorter counts, as two grids of one walk differ."""
        pairs: dict[tuple[float, float], dict[tuple[float, float], Place]] = defaultdict(dict)
        place_at: dict[tuple[float, float], Place] = {}
        for row in rows:
            for one, other in ((row.from_place, row.place), (row.place, row.from_place)):
                start, end = (one.lon_deg, one.lat_deg), (other.lon_deg, other.lat_deg)
                if start != end:
                    pairs[end][start] = one
                    place_at[end] = other
        metric = projection(self._region.utm_epsg)
        for end, starts in pairs.items():
            xy_m = metric.to_metres(np.array([end, *starts], float))
            far_m = float(np.hypot(*(xy_m - xy_m[0]).T).max())
            walked = foot_field(self._region, place_at[end], 300.0 + 2.5 * far_m).times_s(list(starts.values()))
            for start, seconds in zip(starts, walked, strict=True):
                self._walks[*start, *end] = float(seconds) / 60

    def least_min(self, start: Place, end: Place, state: LocalTeamState) -> float:
        """Return the least minutes of a way for the people of a team."""
        if not _apart(start, end):
            return 0.0
        here, there = (start.lon_deg, start.lat_deg), (end.lon_deg, end.lat_deg)
        walk = min(self._walks.get((*pair[0], *pair[1]), float("inf")) for pair in ((here, there), (there, here)))
        more = RIDE_MORE_MIN if state.team.kind in RIDING_KINDS else FETCHED_MORE_MIN
        return min(walk, float(self._road.times_s([start], [end])[0, 0]) / 60 + more)
