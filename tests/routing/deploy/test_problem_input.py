"""Any malformed problem is refused by the constructor in words of both languages, or solves to a sound plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.deploy.faults import find_faults
from routing.deploy.generate import Size, draw_problem
from routing.deploy.problem import UNREACHABLE, DeployProblem, EchelonNeed, ProblemFaultError, SolveOptions, Weights
from routing.deploy.problem_input import MOST_COUNTED, ODDITIES
from routing.deploy.reach import Reach
from routing.deploy.search import LocalSearch
from routing.deploy.solve import solve
from tests.routing.deploy.samples import random_problem, tiny_problem

FIELDS = tuple(DeployProblem.__dataclass_fields__)
ARRAYS = tuple(name for name in FIELDS if isinstance(getattr(tiny_problem(), name), np.ndarray))


def grown(name: str, at: tuple[int, ...], value: Any) -> dict[str, Any]:
    array = getattr(tiny_problem(), name).astype(object)
    array[at] = value
    return {name: np.array(array.tolist())}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (grown("seats", (0,), -4), r"seats\[0\]: must be 1 or more, is -4"),
        (grown("craft_slots", (1,), -1), r"craft_slots\[1\]: must be 0 or more"),
        (grown("keep_groups", (1,), -1), r"keep_groups\[1\]: must be 0 or more"),
        (grown("strength", (0,), 2**31), r"strength\[0\]: must be 1000000 or less, is 2147483648"),
        (grown("strength", (0,), 999_999), "strength: all groups together make 1000008"),
        (grown("strength", (0,), 2**70), "strength: must hold whole numbers, holds object"),
        ({"seats": np.array([12, 2**64 - 1], dtype=np.uint64)}, r"seats\[1\]: must be 1000000 or less"),
        (grown("haul_min", (0, 0, 0), 2**40), r"haul_min\[0, 0, 0\].*UNREACHABLE stands for no link"),
        (grown("haul_min", (0, 0, 0), float("nan")), "haul_min: must hold whole numbers, holds float64"),
        (grown("direct_min", (0, 0), float("inf")), "direct_min: must hold whole numbers"),
        ({"access_min": [[5, 20], [5], [30, 3]]}, "access_min: its rows differ in length"),
        ({"last_mile_min": np.array([4])}, "last_mile_min: needs shape"),
        ({"haul_min": np.zeros((2, 1, 2), dtype=int)}, r"haul_min: needs shape \(2, 2, 1\), has \(2, 1, 2\)"),
        ({"horizon_min": 60.5}, "horizon_min: must be a whole number"),
        ({"horizon_min": 10**9}, "horizon_min: must lie in"),
        ({"echelons": (EchelonNeed(0, 4, "diver", 1),)}, "'diver' is unknown; known are: medical, police"),
        ({"echelons": (EchelonNeed(0, 0, None, 1),)}, r"echelons\[0\] persons: must lie in 1"),
        ({"echelons": (EchelonNeed(0, 4, None, -2),)}, r"echelons\[0\] weight: must lie in 1"),
        ({"echelons": (EchelonNeed(0, float("nan"), None, 1),)}, "persons: must be a whole number"),  # type: ignore[arg-type]
        ({"echelons": (EchelonNeed(0, 4, None, 1), EchelonNeed(0, 4, None, 2))}, "the same as echelons"),
        ({"echelons": (EchelonNeed(0, 10**9, None, 1),)}, "persons: must lie in"),
        ({"echelons": (EchelonNeed(0, 4, None, 10**6),), "weights": Weights(minute=10**6)}, "its minute costs"),
        ({"weights": Weights(missing_min=10**6), "echelons": (EchelonNeed(0, 10**6, None, 1),)}, "worst plan would"),
        ({"closed_hauls": {(0, 0, 0): ((9, 4),)}}, "ends before it starts"),
        ({"closed_hauls": {(0, 0, 0): ((0, 2**40),)}}, "closed_hauls.*must lie in"),
        ({"closed_returns": {(0, 0): ((0, 5),)}}, "no such link"),
        ({"last_mile_min": np.array([[UNREACHABLE]])}, "landing 0 is of no use"),
        ({"access_min": np.array([[5, UNREACHABLE]] * 3)}, "pickup 1 is of no use, no group reaches it"),
        ({"counts_for_cover": np.array([1, 0, 1])}, "counts_for_cover: needs 3 booleans"),
        ({"skills": ("police", "police", "medical")}, r"skills\[0\]: must be a set of skill names"),
        ({"weights": None}, "weights: must be Weights"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemFaultError, match=words) as refused:
        tiny_problem(**changes)
    assert refused.value.said("zh") != refused.value.said("en")


@pytest.mark.parametrize("name", ["craft_minute", "unmet_min", "missing_min", "cover", "minute"])
@pytest.mark.parametrize("value", [-1, 2.5, float("nan"), 10**12])
def test_prices_are_whole_not_negative_and_not_huge(name: str, value: Any) -> None:
    with pytest.raises(ProblemFaultError, match=f"weights: {name}"):
        Weights(**{name: value})


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "2"])
def test_a_solve_lasts_a_finite_time(seconds: Any) -> None:
    with pytest.raises(ProblemFaultError, match="seconds must be above 0"):
        SolveOptions(seconds=seconds)


def test_a_situation_may_cut_sites_off_and_repeat_an_echelon() -> None:
    needs = (EchelonNeed(0, 4, None, 1), EchelonNeed(0, 4, None, 2))
    shut = tiny_problem(
        last_mile_min=np.array([[UNREACHABLE]]), echelons=needs, tolerates=ODDITIES, known_skills=frozenset({"medical"})
    )
    assert solve(shut, SolveOptions(iterations=0)).status == "infeasible"


def test_the_largest_numbers_taken_are_counted_right_by_search_and_reference() -> None:
    """Just below the limits nothing wraps around: the compiled points equal the reference's."""
    problem = tiny_problem(
        strength=np.array([MOST_COUNTED - 2, 1, 1]),
        seats=np.array([MOST_COUNTED, MOST_COUNTED]),
        echelons=(EchelonNeed(0, MOST_COUNTED, None, 1),),
        weights=Weights(minute=200_000, missing_min=5),
    )
    solution = solve(problem, SolveOptions(iterations=50))
    assert find_faults(problem, solution.trips, solution.directs) == []
    candidate = (solution.objective, solution.trips, solution.directs)
    assert LocalSearch(problem, Reach(problem), candidate, 1).best_points == solution.objective.total


junk = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-3, 40),
    st.floats(),
    st.none(),
    st.text(max_size=3),
    st.booleans(),
    st.lists(st.integers(-5, 50), max_size=4),
)


def replaced(problem: DeployProblem, name: str, value: Any) -> DeployProblem | ProblemFaultError:
    try:
        return replace(problem, **{name: value})
    except ProblemFaultError as refused:
        return refused


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 40), name=st.sampled_from(FIELDS), value=junk, whole=st.booleans(), data=st.data())
def test_any_one_field_spoilt_is_refused_in_words_or_solves(
    seed: int, name: str, value: Any, whole: bool, data: st.DataObject
) -> None:
    problem = random_problem(seed)
    old = getattr(problem, name)
    new: Any = value
    if not whole and isinstance(old, np.ndarray) and old.size:
        listed = old.astype(object)
        listed.flat[data.draw(st.integers(0, old.size - 1))] = value
        new = listed.tolist()
    elif not whole and name.startswith("closed"):
        key = tuple(data.draw(st.integers(-1, 2)) for _ in range(data.draw(st.integers(1, 4))))
        new = {key: data.draw(st.lists(st.tuples(st.integers(-9, 99), st.integers(-9, 99)), max_size=2).map(tuple))}
    elif not whole and name == "echelons":
        need = problem.echelons[0]
        new = (replace(need, **{data.draw(st.sampled_from(("incident", "persons", "skill", "weight"))): value}),)
    spoilt = replaced(problem, name, new)
    if isinstance(spoilt, ProblemFaultError):
        assert str(spoilt)
        assert spoilt.text is not None
        return
    solution = solve(spoilt, SolveOptions(iterations=20))
    assert find_faults(spoilt, solution.trips, solution.directs) == []
    assert solution.bound <= solution.objective.total


@settings(max_examples=60, deadline=None)
@given(data=st.data(), seed=st.integers(0, 20))
def test_any_shape_is_refused_in_words_or_solves(data: st.DataObject, seed: int) -> None:
    name = data.draw(st.sampled_from(ARRAYS))
    shape = tuple(data.draw(st.lists(st.integers(0, 4), min_size=0, max_size=4)))
    spoilt = replaced(random_problem(seed), name, np.ones(shape, dtype=np.int64))
    if isinstance(spoilt, ProblemFaultError):
        assert str(spoilt).startswith(FIELDS)
        return
    assert solve(spoilt, SolveOptions(iterations=0)).objective.total >= 0


@pytest.mark.parametrize("seed", range(8))
def test_small_draws_without_a_medic_are_problems_all_the_same(seed: int) -> None:
    assert draw_problem(Size(3, 2, 1, 2), seed).num_groups == 3
