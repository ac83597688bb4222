"""Small evacuations drawn for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from routing.evacuate.problem import NO_LIMIT, EvacuationProblem


def tiny(seed: int, *, closed: bool = False, boarding_s: int = 0) -> EvacuationProblem:
    """Return two vessels, two locations with a berth each, two drops without limit, six or seven people."""
    draw = np.random.default_rng(seed)
    haul = draw.integers(5, 25, (2, 2, 2))
    people = draw.integers(2, 4, 2)
    problem = EvacuationProblem(
        persons=people,
        location=np.arange(2),
        priority=np.full(2, 3),
        ready_min=np.zeros(2, np.int64),
        together=np.zeros(2, bool),
        queue_capacity=np.full(2, NO_LIMIT),
        dock_location=np.arange(2),
        dock_berths=np.ones(2, np.int64),
        drop_berths=np.full(2, NO_LIMIT),
        drop_capacity=np.full(2, NO_LIMIT),
        seats=draw.integers(1, 4, 2),
        start_min=draw.integers(0, 10, 2),
        first_min=draw.integers(1, 15, (2, 2)),
        haul_min=haul,
        return_min=haul.transpose(0, 2, 1),
        load_min=draw.integers(1, 8, 2),
        load_s=np.full(2, boarding_s),
        unload_min=draw.integers(0, 4, 2),
        unload_s=np.full(2, boarding_s // 2),
        horizon_min=1_000,
    )
    if not closed:
        return problem
    spans = {(v, p): ((int(a), int(a + b)),) for v, p, a, b in draw.integers((0, 0, 5, 5), (2, 2, 60, 40), (3, 4))}
    hauls = {(v, p, q): ((int(a), int(a) + 15),) for v, p, q, a in draw.integers((0, 0, 0, 5), (2, 2, 2, 60), (3, 4))}
    return replace(problem, closed_docks=spans, closed_hauls=hauls, patience_min=2_880)


def crowd(**changes: Any) -> EvacuationProblem:
    """Return groups of every class at one pick-up with two docks, one queue, and a drop of limited room."""
    fields: dict[str, Any] = {
        "persons": np.array([6, 20, 25, 30, 90]),
        "location": np.zeros(5, np.int64),
        "priority": np.array([0, 1, 2, 3, 3]),
        "ready_min": np.array([15, 20, 20, 30, 25]),
        "together": np.array([True, False, False, True, False]),
        "queue_capacity": np.array([60]),
        "dock_location": np.zeros(2, np.int64),
        "dock_berths": np.ones(2, np.int64),
        "drop_berths": np.array([1, 2]),
        "drop_capacity": np.array([80, NO_LIMIT]),
        "seats": np.array([12, 40, 60]),
        "start_min": np.array([0, 5, 10]),
        "first_min": np.array([[20, 20], [25, 25], [40, 40]]),
        "haul_min": np.array([[[30, 35]] * 2, [[35, 40]] * 2, [[55, 60]] * 2]),
        "return_min": np.array([[[30] * 2, [35] * 2], [[35] * 2, [40] * 2], [[55] * 2, [60] * 2]]),
        "load_min": np.array([3, 5, 8]),
        "load_s": np.full(3, 6),
        "unload_min": np.array([2, 4, 6]),
        "unload_s": np.full(3, 3),
        "horizon_min": 900,
        "closed_docks": {(2, 0): ((0, 120),), (1, 1): ((60, 90),)},
        "closed_hauls": {(0, 0, 0): ((40, 60),)},
        "closed_returns": {(0, 1, 0): ((0, 400),)},
    }
    return EvacuationProblem(**{**fields, **changes})
