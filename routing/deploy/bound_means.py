"""Bound the means: the fewest craft-minutes and groups of standing cover that can bring the persons asked for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.deploy.problem import DeployProblem
from routing.deploy.windows import Usefulness


def means_floor(problem: DeployProblem, useful: Usefulness) -> int:
    """Return the least points for craft-minutes and cover of any plan that completes its echelons in their windows.

    Each term is the highest that one echelon alone enforces; an echelon that may fail enforces nothing.
    """
    minutes = cover = 0
    for e in range(len(problem.echelons)):
        if not useful.windows[e].may_fail:
            minutes = max(minutes, craft_minutes_floor(problem, useful, e))
            cover = max(cover, cover_floor(problem, useful, e))
    return minutes * problem.weights.craft_minute + cover


def _can_count(problem: DeployProblem, useful: Usefulness, echelon: int) -> npt.NDArray[np.bool_]:
    incident, latest = problem.echelons[echelon].incident, useful.windows[echelon].latest_min
    counts = problem.counts_for[:, echelon] > 0
    can: npt.NDArray[np.bool_] = counts & (useful.reach.arrive_min[:, incident] <= latest)
    return can


def cover_floor(problem: DeployProblem, useful: Usefulness, echelon: int) -> int:
    """Return the cover points of the fewest groups that hold an echelon's persons, the free and largest taken first."""
    can = _can_count(problem, useful, echelon)
    points, persons = problem.cover_points, problem.counts_for[:, echelon]
    lacking = problem.echelons[echelon].persons - int(persons[can & (points == 0)].sum())
    charged = sorted(((int(persons[g]), int(points[g])) for g in np.flatnonzero(can & (points > 0))), reverse=True)
    total = 0
    for group_persons, group_points in charged:
        if lacking <= 0:
            break
        lacking -= group_persons
        total += group_points
    return total


def craft_minutes_floor(problem: DeployProblem, useful: Usefulness, echelon: int) -> int:
    """Return the fewest craft-minutes whose seats hold the persons of an echelon that cannot come by road.

    A covering knapsack over craft and numbers of trips: the first trip costs at least its cheapest positioning and
    crossing, each later one its cheapest return and crossing.
    """
    need, latest = problem.echelons[echelon], useful.windows[echelon].latest_min
    by_road = problem.group_direct_min[:, need.incident] <= latest
    asked = need.persons - int(problem.counts_for[by_road, echelon].sum())
    if asked <= 0:
        return 0
    never = 1 << 40
    cheapest = np.full(asked + 1, never, dtype=np.int64)  # by persons brought, more than asked counted as asked
    cheapest[0] = 0
    handling = problem.load_min + problem.unload_min
    for c in range(problem.num_craft):
        links = useful.links[c, :, :, need.incident]
        if not links.any():
            continue
        crossing = np.where(links, problem.haul_min[c], never)
        first = int((problem.position_min[c][:, None] + crossing).min() + handling[c])
        later = int((problem.return_min[c].min(axis=0)[:, None] + crossing).min() + handling[c])
        before = cheapest.copy()
        for trips in range(1, useful.trips_needed(c) + 1):
            cost, brought = first + (trips - 1) * later, trips * int(problem.seats[c])
            reached = np.minimum(np.arange(asked + 1) + brought, asked)
            np.minimum.at(cheapest, reached, before + cost)
            if brought >= asked:
                break
    return int(cheapest[asked]) if cheapest[asked] < never else 0
