"""The nearest suitable units, against sorting everything; the reason of each unit passed over."""

from __future__ import annotations

import numpy as np
import pytest

from routing.dispatch.nearest import NearestUnits, nearest_units
from routing.dispatch.problem import Block, DispatchFaultError, DispatchProblem
from routing.dispatch.words import Wording
from tests.routing.dispatch.drawn import can_go, drawn


def _by_sorting(problem: DispatchProblem, incident: int, count: int) -> tuple[list[int], dict[int, bool]]:
    """Return the units that go, and every nearer unit that could go but for cover (True) or cannot (False)."""
    going: list[int] = []
    passed: dict[int, bool] = {}
    left = {s: int(n) for s, n in enumerate(problem.spare_units)}
    for unit in sorted(range(problem.num_units), key=lambda u: (problem.travel_min[incident, u], u)):
        if len(going) == count:
            break
        station = int(problem.station[unit])
        if not can_go(problem, incident, unit):
            passed[unit] = False
        elif station >= 0 and left[station] == 0:
            passed[unit] = True
        else:
            going.append(unit)
            if station >= 0:
                left[station] -= 1
    return going, passed


@pytest.mark.parametrize("count", [1, 3, 10])
def test_as_by_sorting_everything(count: int) -> None:
    for seed in range(60):
        problem = drawn(seed, 1, 60)
        found = nearest_units(problem, 0, count)
        going, passed = _by_sorting(problem, 0, count)
        assert found.units.tolist() == going
        assert dict(zip(found.passed.tolist(), (found.passed_block == Block.COVER).tolist(), strict=True)) == passed
        assert found.is_short == (len(going) < count)


def test_cover_beyond_the_first_look() -> None:
    """Fifty nearest units of a station that may send one: the others must be looked past."""
    problem = DispatchProblem.plain([[*range(1, 51), 90.0, 80.0]], station=[0] * 50 + [-1, -1], keep_units=[49])
    found = nearest_units(problem, 0, 3)
    assert found.units.tolist() == [0, 51, 50]
    assert (found.passed_block == Block.COVER).sum() == 49


def _case() -> tuple[DispatchProblem, NearestUnits]:
    medic, none = frozenset({"medic"}), frozenset[str]()
    problem = DispatchProblem.plain(
        [[1.0, 2.0, 3.0, 4.0, 5.5, 6.0, 40.0, np.inf, 0.5]],
        skills_needed=[medic],
        skills=[medic, none, medic, medic, medic, medic, medic, medic, medic],
        busy=[True, *[False] * 8],
        suitable=[[*[True] * 8, False]],
        station=[-1, -1, 0, 0, -1, -1, -1, -1, -1],
        keep_units=[1],
        reach_min=30,
    )
    return problem, nearest_units(problem, 0, 2)


def test_each_unit_passed_over_has_its_reason() -> None:
    problem, found = _case()
    assert found.units.tolist() == [2, 4]
    assert found.nearest_passed(9) == [
        (8, 30, Block.UNSUITABLE),
        (0, 60, Block.BUSY),
        (1, 120, Block.NO_SKILL),
        (3, 240, Block.COVER),
    ]
    words = Wording(problem)
    assert [words.why_not(found, unit, block).en for unit, _, block in found.nearest_passed(9)] == [
        "unit 8 (0.5 min): not suitable",
        "unit 0 (1 min): busy",
        "unit 1 (2 min): lacks medic",
        "unit 3 (4 min): kept for cover: its station keeps 1",
    ]
    assert words.why_chosen(found, 0).en == (
        "unit 2: number 1 of those that can go, 3 min; 3 nearer cannot (1 busy, 1 not suitable, 1 skill missing)"
    )
    assert words.why_chosen(found, 1).zh == (
        "力量 4：可派力量中第 2 近，5.5 分钟；更近的 4 个不能去（1 正忙、1 不适用、1 缺技能、1 留守）"
    )


def test_when_short_every_other_unit_is_accounted_for() -> None:
    problem, _ = _case()
    found = nearest_units(problem, 0, 5)
    assert found.is_short
    assert sorted([*found.units.tolist(), *found.passed.tolist()]) == list(range(9))
    words = Wording(problem)
    assert words.why_short(found).en == (
        "5 asked for, 3 can go; of the others: 1 busy, 1 not suitable, 1 skill missing, 1 no way there, "
        "1 out of reach, 1 kept for cover"
    )
    said = {unit: words.why_not(found, unit, block).en for unit, _, block in found.nearest_passed(9)}
    assert said[6] == "unit 6 (40 min): beyond the reach of 30 min"
    assert said[7] == "unit 7: no way leads there"


def test_all_units_free() -> None:
    problem = DispatchProblem.plain([[3.0, 1.0, 1.0]])
    found = nearest_units(problem, 0, 2)
    assert found.units.tolist() == [1, 2]
    assert len(found.passed) == 0
    assert Wording(problem).why_chosen(found, 0).en == "unit 1: number 1 of all units by travel, 1 min"


@pytest.mark.parametrize(("incident", "count"), [(1, 1), (-1, 1), (0, 0)])
def test_questions_that_make_no_sense(incident: int, count: int) -> None:
    with pytest.raises(DispatchFaultError, match=r"incident|count"):
        nearest_units(DispatchProblem.plain([[1.0]]), incident, count)
