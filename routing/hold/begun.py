"""What of an island's plan in force has begun, and so stays: tasks with their crews, and where people are by now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from data.geography import Place
from data.holding import HoldPlan, HoldRow

PersonKey = tuple[str, int]  # team and number within it
UnitKey = tuple[str, int]  # task and turn


@dataclass(frozen=True)
class Served:
    """A task or turn of the plan in force that has begun: when, and by whom."""

    from_at: datetime
    to_at: datetime
    crew: tuple[PersonKey, ...]


@dataclass(frozen=True)
class Heading:
    """Where a person is, or will be when their way ends, and the minutes of broken work behind them."""

    place: Place
    ready_at: datetime
    worked_min: int = 0


@dataclass(frozen=True)
class Begun:
    """What has begun by a moment: what stays, what lost some of its crew, and who is on the way to where until when."""

    kept: Mapping[UnitKey, Served]
    broken: Mapping[UnitKey, Served]
    gone: frozenset[UnitKey]
    heading: Mapping[PersonKey, Heading]
    crews: Mapping[UnitKey, frozenset[PersonKey]]


NOTHING_BEGUN = Begun({}, {}, frozenset(), {}, {})


def what_has_begun(before: HoldPlan, at: datetime, people: frozenset[PersonKey]) -> Begun:
    """Return what of a plan has begun by ``at``; ``people`` are those who can still be counted on.

    A task under way that lost somebody is broken and asked for again; one that is over with people gone since is gone.
    """
    crews: dict[UnitKey, list[HoldRow]] = {}
    for row in before.rows:
        crews.setdefault((row.task_id, row.slot), []).append(row)
    kept: dict[UnitKey, Served] = {}
    broken: dict[UnitKey, Served] = {}
    gone: set[UnitKey] = set()
    heading: dict[PersonKey, Heading] = {}
    for key, rows in crews.items():
        crew = tuple((row.team_id, row.ordinal) for row in rows)
        if rows[0].from_at <= at:
            served = Served(rows[0].from_at, rows[0].to_at, crew)
            if people.issuperset(crew):
                kept[key] = served
            elif served.to_at > at:
                broken[key] = served
            else:
                gone.add(key)
            continue
        for row in rows:
            if row.depart_at < at:
                heading[row.team_id, row.ordinal] = Heading(row.place, row.arrive_at)
    for (task_id, slot), served in broken.items():
        worked_min = round((at - served.from_at).total_seconds() / 60)
        for person in set(served.crew) & people:
            heading[person] = Heading(crews[task_id, slot][0].place, at, worked_min)
    members = {key: frozenset((row.team_id, row.ordinal) for row in rows) for key, rows in crews.items()}
    return Begun(kept, broken, frozenset(gone), heading, members)
