"""A positioning problem that makes no sense is refused in words, in both languages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from routing.positioning.problem import PositionFaultError, PositionProblem
from routing.positioning.solve import solve_positions

GOOD: dict[str, Any] = {"minutes": [[1.0, 2.0], [3.0, np.inf]], "demand": [1, 2], "units": 1, "reach_min": 5}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minutes": [1.0]}, "minutes: needs shape"),
        ({"minutes": [["a"]]}, "minutes: needs numbers"),
        ({"minutes": np.empty((0, 2))}, "minutes: has an empty axis"),
        ({"minutes": [[1.0, np.nan], [1, 1]]}, r"minutes\[0, 0, 0, 1\]: is not a number"),
        ({"minutes": [[1.0, -2], [1, 1]]}, r"minutes\[0, 0, 0, 1\]: is negative"),
        ({"minutes": [[1.0, 1e9], [1, 1]]}, r"minutes\[0, 0, 0, 1\]: is above"),
        ({"demand": [1]}, r"demand: needs shape \(2,\)"),
        ({"demand": [1, -2]}, r"demand\[1\]"),
        ({"demand": [0.5, 1]}, "demand: must hold whole numbers"),
        ({"demand": [0, 0]}, "demand: is 0 everywhere"),
        ({"demand": [10**9, 10**9], "outlook_weight": [10_000]}, "too large to add up"),
        ({"units": -1}, r"units\[0\]"),
        ({"units": [1, 1]}, "units: needs shape"),
        ({"berths": [1, -1]}, r"berths\[1\]"),
        ({"floor": [2, 0]}, r"floor\[0\]: 2 must stand"),
        ({"floor": [1, 1]}, "floor: 2 units must stay"),
        ({"may_stand": [[1, 0]]}, "may_stand"),
        ({"outlook_weight": [0]}, r"outlook_weight\[0\]"),
        ({"reach_min": 0}, "reach_min"),
        ({"reach_min": 2.5}, "reach_min"),
        ({"unserved_min": 10**9}, "unserved_min"),
        ({"busy_share": 1.0}, "busy_share"),
        ({"busy_share": float("nan")}, "busy_share"),
    ],
)
def test_refused(changes: dict[str, Any], said: str) -> None:
    given = {**GOOD, **changes}
    with pytest.raises(PositionFaultError, match=said) as caught:
        PositionProblem.plain(given.pop("minutes"), given.pop("demand"), given.pop("units"), **given)
    assert caught.value.said("zh") != caught.value.said("en")


@pytest.mark.parametrize("changes", [{"measure": "best"}, {"aim": "some"}, {"seconds": 0}])
def test_questions_that_make_no_sense(changes: dict[str, Any]) -> None:
    given = {**GOOD}
    problem = PositionProblem.plain(given.pop("minutes"), given.pop("demand"), given.pop("units"), **given)
    with pytest.raises(PositionFaultError):
        solve_positions(problem, **{"measure": "mclp", **changes})


def test_minutes_are_rounded_up_and_no_way_stays_no_way() -> None:
    problem = PositionProblem.plain([[1.01, np.inf]], [1, 1], 1, reach_min=2)
    assert problem.minutes.tolist() == [[[[2, 1_000_000]]]]
    assert problem.under(0).minutes.tolist() == problem.minutes.tolist()
