"""The deployment problem refuses what contradicts itself, in words."""

import numpy as np
import pytest

from routing.deploy.problem import (
    ALTERNATIVES,
    UNREACHABLE,
    EchelonNeed,
    ProblemFaultError,
    SolveOptions,
    Weights,
    next_open,
)
from tests.routing.deploy.samples import tiny_problem


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strength": np.array([6, 5, 0])}, r"strength\[2\]: must be 1 or more, is 0"),
        ({"seats": np.array([12, 6, 3])}, r"craft_slots: needs shape \(3,\), has \(2,\)"),
        ({"haul_min": np.array([[[1.5], [2]], [[3], [4]]])}, "haul_min: must hold whole numbers"),
        ({"access_min": np.array([[5, -1], [5, 20], [30, 3]])}, r"access_min\[0, 1\]: must be 0 or more, is -1"),
        ({"station": np.array([0, 0, 7])}, "station 7 has no entry in keep_groups"),
        ({"echelons": ()}, "echelons: there is none"),
        ({"echelons": (EchelonNeed(3, 1, None, 1),)}, "incident 3 does not exist"),
        ({"horizon_min": 0}, "horizon_min: must lie in"),
        ({"closed_hauls": {(0, 0, 9): ((0, 5),)}}, "no such link"),
        ({"closed_positions": {(0, 0): ((5, 5),)}}, "ends before it starts"),
        ({"skills": (frozenset(),)}, "skills: 1 entries for 3 groups"),
    ],
)
def test_a_contradiction_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ProblemFaultError, match=words):
        tiny_problem(**changes)


def test_options_are_checked() -> None:
    with pytest.raises(ProblemFaultError, match="seconds must be above 0"):
        SolveOptions(seconds=0)
    with pytest.raises(ProblemFaultError, match="cover may not be negative"):
        Weights(cover=-1)


def test_arrays_are_frozen_and_the_callers_are_not() -> None:
    strength = np.array([6, 5, 4])
    problem = tiny_problem(strength=strength)
    with pytest.raises(ValueError, match="read-only"):
        problem.strength[0] = 1
    strength[0] = 9
    assert problem.strength[0] == 6


def test_spare_groups_leave_the_floor_at_home() -> None:
    assert tiny_problem(keep_groups=np.array([1, 5])).spare_groups.tolist() == [1, 0]


def test_keeping_cover_costs_more_in_each_alternative() -> None:
    prices = [ALTERNATIVES[name].cover for name in ("fastest", "balanced", "keep_cover")]
    assert prices == sorted(prices)
    assert prices[0] == 0 < prices[1] < prices[2]


def test_next_open_passes_spans_that_touch() -> None:
    assert next_open(4, ((5, 8),)) == 4
    assert next_open(5, ((8, 12), (5, 8))) == 12
    assert next_open(UNREACHABLE, ((5, 8),)) == UNREACHABLE
