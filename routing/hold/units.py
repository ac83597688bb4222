"""The tasks of an island as units of the self-defence problem: work in one go, and the turns of standing posts.

A standing post becomes turns: short ones from its earliest to its latest begin, each of which may be manned or not,
then its own until the hand-over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor

from data.geography import Place
from data.holding import HoldTask
from data.text import Text
from routing.hold.begun import Begun
from routing.hold.problem import UNREACHABLE, Member, Need, Precedence, Task
from routing.hold.turns import turns
from routing.hold.ways import Ways

# Ten points of the solver are one of a template, so that a short turn has its share.
VALUE_SCALE = 10
LEAST_TURN_MIN = 5
# Work that lost some of its crew must go on within so many minutes, with whoever can be there.
RESUME_MIN = 60

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
    task: HoldTask,
    end_at: datetime | None,
    begun: Begun,
    at: datetime,
    first_min: int | None,
    notes: list[Text],
) -> Iterator[Unit]:
    """Yield what is asked of a task: itself, or its turns that are not over; none twice that is over and done."""
    if end_at is None:
        served = begun.kept.get((task.id, 0))
        if served is not None:
            yield Unit(task, 0, served.from_at, served.to_at, under_way=True)
        elif (broken := begun.broken.get((task.id, 0))) is not None:
            yield Unit(task, 0, at, broken.to_at, under_way=True)
        elif (task.id, 0) not in begun.gone:
            yield Unit(task, 0, task.earliest_at, task.latest_at)
        return
    first_at = at + timedelta(minutes=first_min or 0)
    begins: datetime | None = None
    for turn in turns(task, end_at):
        served = begun.kept.get((task.id, turn.slot))
        if served is not None:
            yield Unit(task, turn.slot, served.from_at, served.to_at)
            continue
        from_at = max(turn.from_at, at)
        if turn.from_at < at or turn.ramp:  # part of it is gone, or may be: it begins when a crew can be there
            from_at = max(from_at, first_at)
        if turn.to_at - from_at < timedelta(minutes=LEAST_TURN_MIN) and (turn.ramp or turn.to_at <= at):
            continue
        if begins is None and first_min is not None and from_at > max(at, task.earliest_at):
            begins = from_at
        yield Unit(task, turn.slot, min(from_at, turn.to_at - timedelta(minutes=LEAST_TURN_MIN)), turn.to_at)
    if begins is not None:
        late = round((begins - max(at, task.earliest_at)).total_seconds() / 60)
        notes.append(
            Text(
                zh=f"“{task.name.zh}”（{task.place.name.zh}）最早 {late} 分钟后才有人到位",
                en=f'"{task.name.en}" ({task.place.name.en}): nobody can be there for the first {late} min',
            )
        )


def solver_task(unit: Unit, at: datetime, index: PlaceIndex, relieved: datetime | None) -> Task:
    task = unit.task
    crew = tuple(Need(need.skill, need.people) for need in task.crew)
    place = index[key_of(task.place)]
    if task.slot_min is None:
        if not unit.under_way:
            earliest, latest = minute_up(task.earliest_at, at), minute_down(task.latest_at, at)
            if relieved is not None:  # none in one go is begun once relief is there
                latest = min(latest, minute_up(relieved, at) - 1)
            minutes = task.duration_min or LEAST_TURN_MIN
            return Task(place, earliest, max(earliest, latest), minutes, crew, task.value * VALUE_SCALE)
        start = round((unit.from_at - at).total_seconds() / 60)
        minutes = max(1, minute_up(unit.to_at, at) - start)
        latest = start if start < 0 else start + RESUME_MIN
        return Task(place, start, latest, minutes, crew, task.value * VALUE_SCALE)
    start = minute_up(unit.from_at, at)
    minutes = max(1, minute_up(unit.to_at, at) - start)
    share = round(VALUE_SCALE * task.value * minutes / task.slot_min)
    return Task(place, start, start, minutes, crew, max(1, share))


def precedences(units: Sequence[Unit]) -> Iterator[Precedence]:
    by_id: dict[str, list[int]] = {}
    for number, unit in enumerate(units):
        by_id.setdefault(unit.task.id, []).append(number)
    for number, unit in enumerate(units):
        for first in sorted(unit.task.after):
            for before in by_id.get(first, ()):
                yield Precedence(before, number)
