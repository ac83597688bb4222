"""Leave out earlier calls that help nobody: whoever boards there would be at the next pickup as soon by road."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.deploy.problem import UNREACHABLE, DeployProblem


def with_useful_calls(problem: DeployProblem) -> DeployProblem:
    """Return the problem with only those calls by which some group is aboard sooner than at the pickup itself.

    No plan is lost by it where ways are shortest and road vehicles not scarce: the group boards at the pickup instead.
    """
    if not problem.has_calls:
        return problem
    at = problem.group_at_pickup_min
    sooner = np.where(at[:, :, None] < problem.horizon_min, at[:, None, :] - at[:, :, None], -1)
    most_min = sooner.max(axis=0, initial=-1)  # [P, P]: by how much a call may bring somebody forward, its way aside
    way_min = problem.shift_min + problem.load_min[:, None, None]
    shift = np.where(way_min < most_min[None], problem.shift_min, UNREACHABLE)
    closed = {key: spans for key, spans in problem.closed_shifts.items() if shift[key] < UNREACHABLE}
    return replace(problem, shift_min=shift, closed_shifts=closed)
