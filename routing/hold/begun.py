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
    """A task or turn of the plan in force that has begun, or that its crew is on the way to."""

    from_at: datetime
    to_at: datetime
    crew: tuple[PersonKey, ...]


@dataclass(frozen=True)
class Heading:
    """Where a person will be when the way they are on ends."""

    place: Place
    ready_at: datetime


@dataclass(frozen=True)
class Begun:
    """What has begun by a moment, and who is on the way.

    ``kept`` stays as it is; of a task whose crew lost somebody, the part until now. ``gone`` are people of these crews
    who are not there any more. ``heading`` are people on the way who have done nothing yet, ``standing`` where the
    others are free again, and when.
    """

    kept: Mapping[UnitKey, Served]
    gone: frozenset[PersonKey]
    heading: Mapping[PersonKey, Heading]
    standing: Mapping[PersonKey, Heading]
    crews: Mapping[UnitKey, frozenset[PersonKey]]


NOTHING_BEGUN = Begun({}, frozenset(), {}, {}, {})


def what_has_begun(before: HoldPlan, at: datetime, people: frozenset[PersonKey]) -> Begun:
    """Return what of a plan has begun by ``at``; ``people`` are those who can still be counted on.

    A task somebody has set out for has begun if its crew is whole. One under way that lost somebody ends at ``at``, and
    the rest of it is asked for again.
    """
    crews: dict[UnitKey, list[HoldRow]] = {}
    for row in before.rows:
        crews.setdefault((row.task_id, row.slot), []).append(row)
    kept: dict[UnitKey, Served] = {}
    heading: dict[PersonKey, Heading] = {}
    released: set[PersonKey] = set()
    met: set[PersonKey] = set()
    home = {state.team.id: state.place for state in before.teams}
    for key, rows in sorted(crews.items(), key=lambda item: (item[1][0].from_at, item[0])):
        crew = tuple((row.team_id, row.ordinal) for row in rows)
        whole = people.issuperset(crew)
        from_at, to_at = rows[0].from_at, rows[0].to_at
        if from_at < at:
            kept[key] = Served(from_at, to_at if whole else min(to_at, at), crew)
            continue
        # Whoever was to do something else first, and is free of that now, could not be there as planned.
        if whole and any(row.depart_at <= at for row in rows) and released.isdisjoint(crew):
            kept[key] = Served(from_at, to_at, crew)
        else:
            released.update(crew)
        for row in rows:
            person = row.team_id, row.ordinal
            if person in met:
                continue
            met.add(person)
            if row.depart_at <= at:
                heading[person] = Heading(row.place, row.arrive_at)
            elif row.from_place != home[row.team_id]:  # sent there by a plan before that
                heading[person] = Heading(row.from_place, row.depart_at)
    busy = {person for served in kept.values() for person in served.crew}
    worked = {person for served in kept.values() if served.from_at < at for person in served.crew}
    members = {key: frozenset((row.team_id, row.ordinal) for row in rows) for key, rows in crews.items()}
    return Begun(
        kept,
        frozenset(busy - people),
        {person: one for person, one in heading.items() if person not in worked},
        {
            person: Heading(crews[key][0].place, served.to_at)
            for key, served in sorted(kept.items(), key=lambda item: item[1].from_at)
            for person in served.crew
        },
        members,
    )
