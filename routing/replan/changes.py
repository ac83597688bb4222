"""Count what a re-planning changes: the groups whose orders are other than in the plan in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.deploy.problem import Direct, Trip


@dataclass(frozen=True, slots=True)
class Task:
    """What a group is told to do: ride a craft from a pickup to an incident, or drive there (no craft, no pickup)."""

    craft: int | None
    pickup: int | None
    incident: int


def tasks_of(trips: Sequence[Trip], directs: Sequence[Direct]) -> dict[int, Task]:
    """Return the task of every group that a plan sends."""
    rides = {g: Task(t.craft, t.pickup, t.incident) for t in trips for g in t.groups}
    return rides | {d.group: Task(None, None, d.incident) for d in directs}


def changed_groups(before: dict[int, Task], after: dict[int, Task]) -> frozenset[int]:
    """Return the groups that are sent anew, sent elsewhere, or not sent any more."""
    return frozenset(g for g in before.keys() | after.keys() if before.get(g) != after.get(g))
