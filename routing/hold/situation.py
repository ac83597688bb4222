"""Turn a situation and an island into a self-defence problem: people, ways, tasks, relief, and what has begun.

Minutes count from the whole minute of the situation's moment, and every time of the plan is a whole minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

import numpy as np

from data.errors import TongzhouError, UnknownNameError, worded
from data.geography import Place, Region
from data.holding import HoldPlan, HoldTask, LocalTeamState
from data.situation import Situation
from data.text import Text
from routing.hold.begun import NOTHING_BEGUN, Begun, Heading, what_has_begun
from routing.hold.instances import island_tasks
from routing.hold.people import Person, gone_persons, island_people
from routing.hold.problem import UNREACHABLE, Fixed, HoldProblem, Member
from routing.hold.relief import NO_RELIEF, Relief, TakeOver, take_over
from routing.hold.units import (
    PART,
    Unit,
    first_min,
    in_whole_minutes,
    island_units,
    key_of,
    minute_down,
    minute_up,
    precedences,
    solver_task,
    whole_minute,
)
from routing.hold.ways import FETCH_MIN, RIDERS, RIDING, WALKERS, Ways, island_ways
from routing.network.conditions import Conditions

# Assumed where nobody knows when relief comes: hold for so long.
UNRELIEVED_MIN = 240
LONGEST_HOLD_MIN = 1440
# A post is held on past the first landing until those who relieve have reached it and seen it: this long if unknown.
OVERLAP_MIN = 20
# What moving a person to another task costs in a plan made again: a tenth of the least task's worth.
CHANGE_POINTS = 10_000


class HoldQuestionError(ValueError, TongzhouError):
    """A question about holding an island that cannot be answered, with the remedy."""


@dataclass(frozen=True)
class CompiledHold:
    """A self-defence problem with everything its numbers stand for."""

    situation: Situation
    at: datetime
    region: Region
    island_id: str
    problem: HoldProblem
    teams: tuple[LocalTeamState, ...]
    persons: tuple[Person, ...]
    tasks: tuple[HoldTask, ...]
    units: tuple[Unit, ...]
    places: tuple[Place, ...]
    ways: Ways
    relief: Relief
    relief_at: datetime | None
    until_at: datetime
    post_end: Mapping[str, datetime]
    minutes_to: Mapping[str, Mapping[str, int]]
    takers: Mapping[str, TakeOver]
    relief_left: Mapping[str, int]
    begun: Begun
    assumptions: tuple[Text, ...]

    def place_index(self, place: Place) -> int:
        """Return the number of a place in the problem."""
        return next(n for n, one in enumerate(self.places) if key_of(one) == key_of(place))

    def moment(self, minute: int) -> datetime:
        """Return the time of a minute of the problem."""
        return self.at + timedelta(minutes=minute)


def compile_hold(
    situation: Situation,
    region: Region,
    island_id: str,
    *,
    relief: Relief = NO_RELIEF,
    relief_at: datetime | None = None,
    before: HoldPlan | None = None,
) -> CompiledHold:
    """Return the self-defence problem of an island at the whole minute of the situation's moment.

    ``relief`` are the landings of a deployment plan, ``relief_at`` a time by hand that outranks them. ``before`` is the
    plan in force: what has begun stays. Raises UnknownNameError for an unknown island and HoldQuestionError for relief
    that is not ahead, or more than a day away.
    """
    if island_id not in region.islands:
        raise UnknownNameError("island", island_id, get_close_matches(island_id, list(region.islands), n=3))
    at = whole_minute(situation.at)
    people = island_people(situation, region, island_id)
    here = frozenset((people.teams[one.team].team.id, one.ordinal) for one in people.persons)
    begun = what_has_begun(before, at, here) if before is not None else NOTHING_BEGUN
    asked = island_tasks(situation, region, island_id, frozenset(task_id for task_id, _ in begun.kept))
    asked = replace(asked, tasks=tuple(in_whole_minutes(task) for task in asked.tasks))
    notes = [*people.assumptions, *asked.assumptions, *_plan_notes(relief, before, region)]
    relieved = _relieved_at(situation, island_id, relief, relief_at, asked.tasks, notes)
    until = relieved or _unrelieved_until(at, before)
    if relieved is None:
        hours = round((until - at).total_seconds() / 3600, 1)
        notes.append(
            Text(
                zh=f"增援时间未知；按坚守 {hours:g} 小时安排",
                en=f"when relief comes is not known; planned for {hours:g} hours",
            )
        )
    # Those who dropped out are of the problem for what they have done, and can do nothing more.
    persons = (*people.persons, *gone_persons(people.teams, begun.gone))
    keys = [(people.teams[one.team].team.id, one.ordinal) for one in persons]
    places = distinct(
        [
            *(state.place for state in people.teams),
            *(task.place for task in asked.tasks),
            *(landing.place for landing in relief.landings),
            *(one.place for one in (*begun.heading.values(), *begun.standing.values())),
        ]
    )
    ways = island_ways(region, places, _shut_roads(situation, region, island_id))
    index = {key_of(place): number for number, place in enumerate(places)}
    members = [
        _member(person, people.teams, index, at, begun.heading.get(key))
        for person, key in zip(persons, keys, strict=True)
    ]
    members[len(people.persons) :] = [replace(one, until_min=0) for one in members[len(people.persons) :]]
    minutes_to = {task.id: _landing_minutes(task, relief, ways, index) for task in asked.tasks}
    relief_left = dict(relief.unit_people)
    posts = [task for task in asked.tasks if task.slot_min is not None]
    lasting = [task for task in posts if task.duration_min is None]
    takers = take_over(lasting, minutes_to, relief, until, relief_left) if relieved is not None else {}
    post_end = {task.id: until if relieved is None else _post_end(takers.get(task.id), until) for task in posts}
    able = [
        _member(person, people.teams, index, at, begun.standing.get(key) or begun.heading.get(key))
        for person, key in zip(people.persons, keys, strict=False)
    ]
    soonest = {task.id: first_min(task, able, ways, index) for task in asked.tasks}
    units = [
        unit
        for task in asked.tasks
        if task.earliest_at < until  # what can only begin later is the relief's
        for unit in island_units(task, post_end.get(task.id), begun, at, soonest[task.id], notes)
    ]
    person_of = {key: number for number, key in enumerate(keys)}
    tasks = tuple(solver_task(unit, at, index, until if relieved is not None else None) for unit in units)
    horizon_min = max([1, minute_up(until, at) + OVERLAP_MIN, *(minute_up(end, at) for end in post_end.values())])
    problem = HoldProblem(
        people=tuple(members),
        travel_min=ways.minutes if places else np.zeros((2, 1, 1), np.int64),
        tasks=tasks,
        horizon_min=horizon_min,
        precedences=tuple(precedences(units)),
        relief_min=None if relieved is None else horizon_min,
        fixed=tuple(
            Fixed(
                number,
                tasks[number].earliest_min,
                tuple(person_of[key] for key in begun.kept[unit.task.id, unit.slot].crew),
            )
            for number, unit in enumerate(units)
            if (unit.task.id, unit.slot) in begun.kept
        ),
        before=_crews_before(units, begun, person_of) if before is not None else None,
        change_points=CHANGE_POINTS if before is not None else 0,
    )
    notes += _way_notes(people.teams)
    return CompiledHold(
        situation, at, region, island_id, problem, people.teams, persons, asked.tasks, tuple(units), tuple(places),
        ways, relief, relieved, until, post_end, minutes_to, takers, relief_left, begun, tuple(notes),
    )  # fmt: skip


def distinct(places: Sequence[Place]) -> list[Place]:
    """Return the places without those that lie on another of them."""
    return list({key_of(place): place for place in reversed(places)}.values())[::-1]


def _plan_notes(relief: Relief, before: HoldPlan | None, region: Region) -> list[Text]:
    """Return what is taken for granted about the plan that relieves, and about the plan in force."""
    notes = []
    if relief is not NO_RELIEF and not relief.landings:
        notes.append(
            Text(zh="所给增援方案此后无人在本岛上岛", en="the deployment plan given brings nobody more to this island")
        )
    if before is not None:
        made_at = f"{before.at.astimezone(ZoneInfo(region.timezone)):%H:%M}"
        notes.append(
            Text(
                zh=f"假定 {made_at} 的方案至今照行",
                en=f"the plan of {made_at} is taken to have been followed until now",
            )
        )
    return notes


def _unrelieved_until(at: datetime, before: HoldPlan | None) -> datetime:
    """Return until when to plan where nobody knows of relief: as long as the plan in force, while that is ahead."""
    if before is not None and before.until_at >= at + timedelta(minutes=UNRELIEVED_MIN // 4):
        return before.until_at
    return at + timedelta(minutes=UNRELIEVED_MIN)


def _relieved_at(
    situation: Situation,
    island_id: str,
    relief: Relief,
    by_hand: datetime | None,
    tasks: Sequence[HoldTask],
    notes: list[Text],
) -> datetime | None:
    """Return when relief takes over: by hand, else by the plan's landings, else as the situation expects it."""
    posts = sum(task.people for task in tasks if task.slot_min is not None and task.duration_min is None)
    relieved = by_hand or relief.strong_at(max(1, posts)) or situation.relief_at.get(island_id)
    if relieved is None:
        return None
    relieved = whole_minute(relieved + timedelta(seconds=59))
    ahead_min = (relieved - situation.at).total_seconds() / 60
    if ahead_min < 1:
        raise worded(
            HoldQuestionError("relief lies before the plan's start: give a later time, or leave it out"),
            zh="增援时间早于方案起点：请给出更晚的时间，或不填",
        )
    if ahead_min > LONGEST_HOLD_MIN:
        raise worded(
            HoldQuestionError(
                f"relief is {ahead_min / 60:.0f} hours away; a hold is planned for {LONGEST_HOLD_MIN // 60} at most: "
                "give an earlier time, and plan again later"
            ),
            zh=f"距增援 {ahead_min / 60:.0f} 小时；坚守方案至多 {LONGEST_HOLD_MIN // 60} 小时："
            "请给出更早的时间，届时再重排",
        )
    if by_hand is None and relief.landings and posts > relief.landings[-1].ashore:
        ashore = relief.landings[-1].ashore
        notes.append(
            Text(
                zh=f"增援共 {ashore} 人上岛，岗位须 {posts} 人；按最后一批上岛时刻交接",
                en=f"relief lands {ashore} people in all, the posts take {posts}; handed over from the last landing on",
            )
        )
    return relieved


def _shut_roads(situation: Situation, region: Region, island_id: str) -> frozenset[str]:
    shuts = Conditions(region, None, situation.closures).road_shuts(island_id)
    return frozenset({island_id}) if any(shut.holds(situation.at) for shut in shuts) else frozenset()


def _member(
    person: Person,
    teams: Sequence[LocalTeamState],
    index: Mapping[tuple[float, float], int],
    at: datetime,
    heading: Heading | None,
) -> Member:
    """Return a person as the solver sees one; whoever is on the way is where they go, from their arrival on."""
    state = teams[person.team]
    heading = heading or Heading(state.place, state.ready_at)
    return Member(
        skills=person.skills,
        place=index[key_of(heading.place)],
        ready_min=max(0, minute_up(heading.ready_at, at)),
        until_min=max(0, minute_down(state.shift_end_at, at)),
        longest_work_min=state.team.stretch_min,
        rest_min=state.team.rest_min,
        mode=RIDERS if state.team.kind in RIDING else WALKERS,
        worked_min=state.worked_min,
    )


def _landing_minutes(
    task: HoldTask, relief: Relief, ways: Ways, index: Mapping[tuple[float, float], int]
) -> dict[str, int]:
    """Return the minutes to a task from each place where relief lands, those with a way only."""
    here = index[key_of(task.place)]
    minutes = {one.place.id: int(ways.minutes[RIDERS, index[key_of(one.place)], here]) for one in relief.landings}
    return {place_id: found for place_id, found in minutes.items() if found < UNREACHABLE}


def _post_end(change: TakeOver | None, until: datetime) -> datetime:
    """Return until when a post is held: until somebody of the relief has reached it and seen it."""
    if change is None or change.at is None:
        return until + timedelta(minutes=OVERLAP_MIN)
    return whole_minute(change.at + timedelta(seconds=59))


def _crews_before(
    units: Sequence[Unit], begun: Begun, person_of: Mapping[tuple[str, int], int]
) -> tuple[frozenset[int], ...]:
    return tuple(frozenset(person_of[key] for key in _crew_before(unit, begun) if key in person_of) for unit in units)


def _crew_before(unit: Unit, begun: Begun) -> frozenset[tuple[str, int]]:
    """Return the crew a unit had in the plan in force; what is left of a broken task had that of the task."""
    slot = unit.slot
    while (unit.task.id, slot) not in begun.crews and slot >= PART:
        slot -= PART
    return begun.crews.get((unit.task.id, slot), frozenset())


def _way_notes(teams: Sequence[LocalTeamState]) -> list[Text]:
    if not teams:
        return []
    return [
        Text(
            zh="步行按每小时 5 公里、路程为直线的 1.3 倍估算；车行按海岛道路均速估算，车辆数不计",
            en="walks at an assumed 5 km/h over ways 1.3 times the straight line; drives at the assumed road speed, "
            "vehicles not counted",
        ),
        Text(
            zh=f"民警、辅警、综合执法、干部、医护和增援有车；其余步行，车接更快的加 {FETCH_MIN} 分钟等车",
            en=f"officers, auxiliaries, city management, township staff, medics and reinforcements have a vehicle; "
            f"others walk, or are fetched after {FETCH_MIN} min where that is quicker",
        ),
    ]
