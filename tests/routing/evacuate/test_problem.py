"""A problem that cannot be meant is refused by field, in both languages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from routing.evacuate.problem import EvacuationProblem, ProblemFaultError, SolveOptions
from tests.routing.evacuate.samples import crowd


@pytest.mark.parametrize(
    ("changes", "words", "zh"),
    [
        ({"persons": np.array([6, 20, 25, 30, 0])}, r"persons\[4\]: must be 1 or more, is 0", "须不小于"),
        ({"location": np.array([0, 0, 0, 0, 3])}, r"location\[4\]", "须不大于"),
        ({"seats": np.array([12, 40])}, "haul_min|seats|start_min", "形状"),
        ({"seats": np.zeros(0, np.int64)}, "there is no vessel", "没有船"),
        ({"first_min": np.array([[20.5, 20], [25, 25], [40, 40]])}, "whole numbers", "整数"),
        ({"together": np.zeros(4, bool)}, "together: needs 5 entries", "真假值"),
        ({"together": np.array([True, False, False, False, True])}, "the group of 90 stays together", "须同行"),
        ({"closed_docks": {(5, 0): ((1, 2),)}}, "no such link", "无此航路"),
        ({"closed_hauls": {(0, 0, 0): ((9, 9),)}}, "ends before it starts", "开始前结束"),
        ({"horizon_min": 0}, "horizon_min", "须在"),
    ],
)
def test_a_fault_is_named(changes: dict[str, Any], words: str, zh: str) -> None:
    with pytest.raises(ProblemFaultError, match=words) as caught:
        crowd(**changes)
    assert caught.value.text is not None
    assert zh in caught.value.text.zh


def test_vessels_that_cross_in_no_time_are_refused() -> None:
    with pytest.raises(ProblemFaultError, match="crosses, loads and returns in no time"):
        EvacuationProblem.from_matrices(
            demand=[3], seats=[2], first_min=[[0]], haul_min=[[[0]]], return_min=[[[0]]], load_min=[0]
        )


def test_options_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(ProblemFaultError, match="seconds must be above 0"):
        SolveOptions(seconds=0)
    with pytest.raises(ProblemFaultError, match="iterations"):
        SolveOptions(iterations=-1)
