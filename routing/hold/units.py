"""The tasks of an island as units of the self-defence problem: work in one go, and the turns of standing posts.

A standing post becomes turns: short ones from its earliest to its latest begin, each of which may be manned or not,
then its own until the hand-over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor

import msgspec

from data.geography import Place
from data.holding import HoldTask
from data.text import Text
from routing.hold.begun import Begun, Served
from routing.hold.problem import UNREACHABLE, Member, Need, Precedence, Task
from routing.hold.turns import turns
from routing.hold.ways import Ways

# Ten points of the solver are one of a template, so that a short turn has its share.
VALUE_SCALE = 10
LEAST_TURN_MIN = 5
# Work that lost some of its crew must go on within so many minutes, with whoever can be there.
RESUME_MIN = 60
# What is left of a task or turn that lost some of its crew has the same number and this many more.
PART = 1000

PlaceIndex = Mapping[tuple[float, float], int]


@dataclass(frozen=True)
class Unit:
    """One task of the problem: which task it is, which turn of it, and when it is asked for.

    The span is that of the turn, or of work that has begun; of other work it is from its earliest to its latest begin.
    """

    task: HoldTask
    slot: int
    from_at: datetime
    to_at: datetime
    under_way: bool = False


def key_of(place: Place) -> tuple[float, float]:
    """Return what tells places apart: where they are, to the metre."""
    return round(place.lon_deg, 5), round(place.lat_deg, 5)


def whole_minute(moment: datetime) -> datetime:
    """Return the whole minute a moment lies in."""
    return moment.replace(second=0, microsecond=0)


def in_whole_minutes(task: HoldTask) -> HoldTask:
    """Return a task whose window begins and ends at whole minutes within its own."""
    earliest = whole_minute(task.earliest_at + timedelta(seconds=59))
    return msgspec.structs.replace(task, earliest_at=earliest, latest_at=max(earliest, whole_minute(task.latest_at)))


def minute_up(moment: datetime, at: datetime) -> int:
    """Return the first whole minute at or after a moment."""
    return ceil((moment - at).total_seconds() / 60 - 1e-9)


def minute_down(moment: datetime, at: datetime) -> int:
    """Return the last whole minute at or before a moment."""
    return floor((moment - at).total_seconds() / 60 + 1e-9)


def first_min(task: HoldTask, members: Sequence[Member], ways: Ways, index: PlaceIndex) -> int | None:
    """Return the first minute at which a crew could be at a task, were nothing else to do; None if never."""
    here = index[key_of(task.place)]
    arrivals = [(one.ready_min + int(ways.minutes[one.mode, one.place, here]), one.skills) for one in members]
    first = 0
    for skill, count in [(None, task.people), *((need.skill, need.people) for need in task.crew)]:
        able = sorted(minute for minute, skills in arrivals if skill is None or skill in skills)
        if len(able) < count or able[count - 1] >= UNREACHABLE:
            return None
        first = max(first, able[count - 1])
    return first


def island_units(
    task: HoldTask, end_at: datetime | None, begun: Begun, at: datetime, first_min: int | None, notes: list[Text]
) -> Iterator[Unit]:
    """Yield what is asked of a task: itself or its turns, parts that have begun, and what is left of broken ones."""
    if end_at is None:
        yield from _in_one_go(task, begun, at)
        return
    first_at = at + timedelta(minutes=first_min or 0)
    begins: datetime | None = None
    held_until = task.earliest_at  # a turn that has begun may be longer than it is asked for now
    for turn in turns(task, end_at):
        slot, from_at = turn.slot, max(turn.from_at, held_until)
        for slot, served in _parts(task, turn.slot, begun):
            if served is not None:
                yield Unit(task, slot, served.from_at, served.to_at, under_way=True)
                from_at = held_until = served.to_at
        if from_at <= at or turn.ramp:  # part of it is gone, or may be: it begins when a crew can be there
            from_at = max(from_at, first_at)
        if turn.to_at - from_at < timedelta(minutes=LEAST_TURN_MIN) and (from_at > turn.from_at):
            continue
        if begins is None and first_min is not None and not begun.crews and from_at > max(at, task.earliest_at):
            begins = from_at
        yield Unit(task, slot, from_at, turn.to_at)
    if begins is not None:
        late = round((begins - max(at, task.earliest_at)).total_seconds() / 60)
        notes.append(
            Text(
                zh=f"“{task.name.zh}”（{task.place.name.zh}）最早 {late} 分钟后才有人到位",
                en=f'"{task.name.en}" ({task.place.name.en}): nobody can be there for the first {late} min',
            )
        )


def _parts(task: HoldTask, slot: int, begun: Begun) -> Iterator[tuple[int, Served | None]]:
    """Yield the parts of a task or turn that have begun, and last the number of what is left of it."""
    while (served := begun.kept.get((task.id, slot))) is not None:
        yield slot, served
        slot += PART
    yield slot, None


def _in_one_go(task: HoldTask, begun: Begun, at: datetime) -> Iterator[Unit]:
    left = timedelta(minutes=task.duration_min or LEAST_TURN_MIN)
    slot, started = 0, False
    for slot, served in _parts(task, 0, begun):
        if served is not None:
            yield Unit(task, slot, served.from_at, served.to_at, under_way=True)
            left -= served.to_at - served.from_at
            started = True
    if not started:
        yield Unit(task, 0, task.earliest_at, task.latest_at)
    elif left >= timedelta(minutes=LEAST_TURN_MIN):
        yield Unit(task, slot, at, at + left, under_way=True)


def solver_task(unit: Unit, at: datetime, index: PlaceIndex, relieved: datetime | None) -> Task:
    """Return a unit as the solver sees it; parts of work have their share of its value."""
    task = unit.task
    crew = tuple(Need(need.skill, need.people) for need in task.crew)
    place = index[key_of(task.place)]
    if task.slot_min is None and not unit.under_way:
        earliest, latest = minute_up(task.earliest_at, at), minute_down(task.latest_at, at)
        if relieved is not None:  # none in one go is begun once relief is there
            latest = min(latest, minute_up(relieved, at) - 1)
        minutes = task.duration_min or LEAST_TURN_MIN
        return Task(place, earliest, max(earliest, latest), minutes, crew, task.value * VALUE_SCALE)
    start = round((unit.from_at - at).total_seconds() / 60)
    minutes = max(1, round((unit.to_at - at).total_seconds() / 60) - start)
    share = max(1, round(VALUE_SCALE * task.value * minutes / (task.slot_min or task.duration_min or minutes)))
    resumed = task.slot_min is None and unit.slot >= PART and unit.from_at == at
    return Task(place, start, start + RESUME_MIN if resumed else start, minutes, crew, share)


def precedences(units: Sequence[Unit]) -> Iterator[Precedence]:
    """Yield which unit must be done before which: all of a task before all of another."""
    by_id: dict[str, list[int]] = {}
    for number, unit in enumerate(units):
        by_id.setdefault(unit.task.id, []).append(number)
    for number, unit in enumerate(units):
        for first in sorted(unit.task.after):
            for before in by_id.get(first, ()):
                yield Precedence(before, number)
