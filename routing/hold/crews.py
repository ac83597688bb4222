"""Fill the needs of a crew with people, each in one role, by augmenting paths (Kuhn 1955)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.hold.problem import HoldProblem


def fill_crew(problem: HoldProblem, task: int, people: Sequence[int]) -> dict[int, int] | None:
    """Return the need each person fills, or None where these people do not fill the crew."""
    crew = problem.tasks[task].crew
    seats = [n for n, need in enumerate(crew) for _ in range(need.persons)]
    holder: list[int | None] = [None] * len(seats)

    def seat(person: int, tried: set[int]) -> bool:
        for s, need in enumerate(seats):
            skill = crew[need].skill
            if s in tried or not (skill is None or skill in problem.people[person].skills):
                continue
            tried.add(s)
            if (other := holder[s]) is None or seat(other, tried):
                holder[s] = person
                return True
        return False

    for person in people:
        if not seat(person, set()):
            return None
    if None in holder:
        return None
    return {person: seats[s] for s, person in enumerate(holder) if person is not None}
