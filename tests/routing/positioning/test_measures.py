"""Every posture is the best there is, by trying all of them; each measure against cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from ortools.sat.python import cp_model

from routing.positioning.evaluate import check_stand, is_better_when_larger, objective, price_posture
from routing.positioning.problem import MEASURES, Aim, IntArray, Measure, PositionProblem
from routing.positioning.solve import bound_everywhere, check_posture, price_of_one_posture, solve_positions

AIMS: tuple[Aim, ...] = ("expected", "worst")


def drawn(seed: int) -> PositionProblem:
    """Return a small problem in which berths, floors, kinds and outlooks all bind now and then."""
    draw = np.random.default_rng(seed)
    minutes = draw.integers(1, 30, (2, 2, 4, 5)).astype(float)
    minutes[draw.random(minutes.shape) < 0.15] = np.inf
    stand = draw.random((2, 4)) > 0.2
    stand[:, 0] = True
    return PositionProblem.plain(
        minutes,
        draw.integers(0, 9, 5) + (np.arange(5) == 0),
        draw.integers(1, 3, 2),
        reach_min=12,
        berths=draw.integers(1, 3, 4),
        floor=(np.arange(4) == 0) * draw.integers(0, 2),
        may_stand=stand,
        outlook_weight=draw.integers(1, 4, 2),
        unserved_min=int(draw.integers(15, 40)),
        busy_share=float(draw.choice([0.0, 0.3, 0.6])),
    )


def all_postures(problem: PositionProblem) -> list[IntArray]:
    """Return every posture that keeps the rules."""
    kinds, sites = problem.may_stand.shape
    ways = [
        [some for count in range(int(most) + 1) for some in combinations_with_replacement(range(sites), count)]
        for most in problem.units
    ]
    out = []
    for choice in product(*ways):
        stand = np.array([np.bincount(np.array(some, int), minlength=sites) for some in choice], np.int64)
        if not check_stand(problem, stand):
            out.append(stand.reshape(kinds, sites))
    return out


@pytest.mark.parametrize("measure", MEASURES)
def test_no_posture_is_better(measure: Measure) -> None:
    for seed in range(12):
        problem = drawn(seed)
        postures = all_postures(problem)
        for aim in AIMS:
            best = max if is_better_when_larger(measure) else min
            wanted = best(objective(problem, price_posture(problem, stand), measure, aim) for stand in postures)
            found = solve_positions(problem, measure, aim, workers=1)
            assert check_posture(problem, found) == []
            assert found.status == "optimal"
            assert found.objective == found.bound == wanted, (seed, aim)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_bound_read_early_holds(measure: Measure) -> None:
    for seed in range(4):
        problem = drawn(seed)
        wanted = solve_positions(problem, measure, workers=1).objective
        early = solve_positions(problem, measure, deterministic=1e-9)
        assert early.bound is not None
        assert wanted is not None
        assert early.bound >= wanted if is_better_when_larger(measure) else early.bound <= wanted
        assert check_posture(problem, early) == []


LINE = np.abs(np.arange(7)[:, None] - np.arange(7)[None]).astype(float)


@pytest.mark.parametrize("measure", MEASURES)
def test_standing_everywhere_bounds_every_posture(measure: Measure) -> None:
    for seed in range(6):
        problem = drawn(seed)
        for aim in AIMS:
            limit = bound_everywhere(problem, measure, aim)
            for stand in all_postures(problem):
                value = objective(problem, price_posture(problem, stand), measure, aim)
                assert value <= limit if is_better_when_larger(measure) else value >= limit


def test_without_an_answer_of_the_solver_the_greedy_posture_stands_with_an_honest_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = PositionProblem.plain(LINE, np.ones(7, int), 2, reach_min=1)
    monkeypatch.setattr(cp_model.CpSolver, "solve", lambda self, model: cp_model.UNKNOWN)
    found = solve_positions(problem, "mclp")
    assert found.status == "feasible"
    assert (found.objective, found.bound) == (6, 7)
    assert check_posture(problem, found) == []
    floors = replace(problem, may_stand=problem.may_stand & (np.arange(7) > 0), floor=np.eye(7, dtype=int)[0])
    assert solve_positions(floors, "mclp").status == "unknown"


def test_by_hand_on_a_line() -> None:
    """Seven places a minute apart, one person each; two units."""
    problem = PositionProblem.plain(LINE, np.ones(7, int), 2, reach_min=1, busy_share=0.5, berths=np.full(7, 2))
    assert solve_positions(problem, "mclp").objective == 6
    # Places 1 and 5 leave 0, 2, 4, 6 a minute away and 3 two minutes.
    assert solve_positions(problem, "p-median").objective == 6
    # Apart: six places find one unit that is free half the time. Together: three places find two.
    found = solve_positions(problem, "mexclp")
    assert found.objective == 3_000_000
    together = np.zeros((1, 7), np.int64)
    together[0, 3] = 2
    assert price_posture(problem, together)[0].expected == 3 * 750_000


def test_expected_cover_stacks_units_where_demand_is() -> None:
    problem = PositionProblem.plain(LINE, [0, 90, 0, 0, 0, 10, 0], 2, reach_min=1, busy_share=0.5, berths=np.full(7, 2))
    stacked = solve_positions(problem, "mexclp")
    assert stacked.objective == 90 * 750_000
    spread = solve_positions(problem, "mclp")
    assert spread.objective == 100
    assert spread.stand is not None
    assert price_posture(problem, spread.stand)[0].expected < stacked.objective


def test_the_worst_outlook_is_guarded_and_foresight_priced() -> None:
    """In the calm a unit at 0 covers all; in a swell site 0 is cut off and site 1 covers half."""
    calm, swell = [[1, 1], [1, 9]], [[np.inf, np.inf], [1, 9]]
    problem = PositionProblem.plain([[calm], [swell]], [5, 5], 1, reach_min=5, outlook_weight=[9, 1], unserved_min=60)
    mean = solve_positions(problem, "mclp", "expected")
    worst = solve_positions(problem, "mclp", "worst")
    assert [one.covered for one in mean.outlooks] == [10, 0]
    assert [one.covered for one in worst.outlooks] == [5, 5]
    assert [(one.figure, one.best) for one in price_of_one_posture(problem, worst)] == [(5, 10), (5, 5)]
    travel = solve_positions(problem, "p-median", "worst")
    assert [one.travel for one in travel.outlooks] == [50, 50]
    assert [one.unserved for one in mean.outlooks] == [0, 10]


def test_floors_nobody_can_fill_are_infeasible() -> None:
    problem = PositionProblem.plain([[1.0], [1.0]], [1], 1, reach_min=5, floor=[1, 0], may_stand=[[False, True]])
    for measure in MEASURES:
        found = solve_positions(problem, measure)
        assert found.status == "infeasible"
        assert found.stand is None
        assert found.gap == 1


def test_the_same_seed_gives_the_same_posture() -> None:
    found = [solve_positions(drawn(3), "mexclp", deterministic=1.0).stand for _ in range(2)]
    assert found[0] is not None
    assert np.array_equal(*found)


def test_the_check_sees_each_planted_fault() -> None:
    problem = replace(drawn(1), units=np.array([1, 1]), berths=np.array([1, 1, 1, 1]), floor=np.array([1, 0, 0, 0]))
    good = solve_positions(problem, "mclp")
    assert check_posture(problem, good) == []
    assert good.stand is not None
    assert good.objective is not None

    def faults(**changes: object) -> str:
        return " | ".join(one.en for one in check_posture(problem, replace(good, **changes)))  # type: ignore[arg-type]

    def stand(*rows: list[int]) -> IntArray:
        return np.array(rows, np.int64)

    assert "more than the 1 units" in faults(stand=stand([1, 1, 0, 0], [0, 0, 0, 0]))
    assert "more than its 1 berths" in faults(stand=stand([1, 0, 0, 0], [1, 0, 0, 0]))
    assert "fewer than the 1" in faults(stand=np.zeros((2, 4), np.int64))
    assert "wrong shape" in faults(stand=stand([1, 0, 0, 0]))
    assert "the objective is" in faults(objective=good.objective + 1)
    assert "wrong side" in faults(bound=good.objective - 1)
    assert "without proof" in faults(bound=good.objective + 1)
    assert "figures under the outlooks" in faults(outlooks=good.outlooks[:1])
    shut = replace(problem, may_stand=np.zeros((2, 4), np.bool_))
    assert any("may not stand" in one.en for one in check_posture(shut, good))
