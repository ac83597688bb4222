"""A dispatch problem that makes no sense is refused in words, in both languages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from routing.dispatch.problem import DispatchFaultError, DispatchProblem

GOOD: dict[str, Any] = {"travel_min": [[1.0, 2.0], [3.0, np.inf]]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"travel_min": [1.0, 2.0]}, "travel_min: needs shape"),
        ({"travel_min": np.empty((0, 3))}, "travel_min: needs an incident"),
        ({"travel_min": [["a", "b"]]}, "travel_min: must hold numbers"),
        ({"travel_min": [[1j, 2]]}, "travel_min: must hold numbers"),
        ({"travel_min": [[1.0, np.nan], [1, 1]]}, r"travel_min\[0, 1\]: is not a number"),
        ({"travel_min": [[1.0, 1], [-0.5, 1]]}, r"travel_min\[1, 0\]: is negative"),
        ({"travel_min": [[1.0, -np.inf], [1, 1]]}, r"travel_min\[0, 1\]: is negative"),
        ({"travel_min": [[1.0, 1e12], [1, 1]]}, r"travel_min\[0, 1\]: is above 10,000"),
        ({"needed": [1]}, r"needed: needs shape \(2,\)"),
        ({"needed": [1, 0]}, r"needed\[1\]: must lie in 1"),
        ({"needed": [1.5, 1]}, "needed: must hold whole numbers"),
        ({"needed": np.array([2**63, 1], np.uint64)}, "needed: 9223372036854775808 is too large"),
        ({"weight": [1, -1]}, r"weight\[1\]: must lie in 1\.\.1000"),
        ({"weight": [1, 10**9]}, r"weight\[1\]"),
        ({"needed": [1_000_000, 1_000_000], "weight": [1000, 1000]}, "too large to add up"),
        ({"busy": [0, 1]}, "busy: must hold booleans"),
        ({"busy": [True]}, "busy: needs shape"),
        ({"suitable": [True, False]}, "suitable: needs shape"),
        ({"station": [0, 0]}, r"station\[0\]: must lie in -1\.\.-1, is 0"),
        ({"station": [0, 0], "keep_units": [-1]}, r"keep_units\[0\]"),
        ({"skills": [frozenset()]}, "skills: 1 sets for 2"),
        ({"skills_needed": [frozenset({"diver"}), frozenset()]}, "no unit holds 'diver'"),
        ({"reach_min": 0}, "reach_min"),
        ({"reach_min": float("nan")}, "reach_min"),
    ],
)
def test_refused(changes: dict[str, Any], said: str) -> None:
    given = {**GOOD, **changes}
    with pytest.raises(DispatchFaultError, match=said) as caught:
        DispatchProblem.plain(given.pop("travel_min"), **given)
    assert caught.value.said("zh") != caught.value.said("en")


def test_a_skill_nobody_has_today_may_be_asked_for_when_it_is_known() -> None:
    problem = DispatchProblem.plain([[1.0]], skills_needed=[frozenset({"diver"})], known_skills=frozenset({"diver"}))
    assert problem.blocks.tolist() == [[3]]


def test_the_callers_arrays_stay_his_own() -> None:
    mine = np.array([[1.0, 2.0]])
    problem = DispatchProblem.plain(mine)
    mine[0, 0] = 99
    assert problem.travel_min[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        problem.travel_min[0, 0] = 5


def test_seconds_are_rounded_up() -> None:
    assert DispatchProblem.plain([[1.0, 0.1, 1 / 60 + 1e-9, 0.0]]).travel_s.tolist() == [[60, 6, 1, 0]]
