"""The bound by columns never exceeds the cheapest plan, however the prices stand, and closes what it can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pybind11_abseil import status  # type: ignore[import-untyped]

from routing.deploy.bound_delivery import isolated_floors
from routing.deploy.columns.dive import dive
from routing.deploy.columns.echelon_rows import PARTS, Box, TripLimit
from routing.deploy.columns.lp import GrowingLp
from routing.deploy.columns.pricing import Duals
from routing.deploy.columns.tree import ColumnBound
from routing.deploy.draft import Candidate
from routing.deploy.evaluate import score
from routing.deploy.faults import find_faults
from routing.deploy.generate import Size, draw_problem
from routing.deploy.greedy import plan_greedily
from routing.deploy.problem import DeployProblem, EchelonNeed
from routing.deploy.reach import Reach
from routing.deploy.search_tables import build_search_tables
from routing.deploy.windows import echelon_windows
from tests.routing.deploy.samples import cheapest_by_trying_all, random_problem
from tests.routing.deploy.tried_with_calls import cheapest_of_all, problem_with_calls

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def bound_for(problem: DeployProblem, plan: Candidate) -> ColumnBound:
    """A bound with the budget of a plan, its windows from the isolated floors."""
    reach = Reach(problem)
    floors = isolated_floors(problem, reach)
    points = [f.points(problem, need.weight) for f, need in zip(floors, problem.echelons, strict=True)]
    windows = echelon_windows(problem, points, plan[0].total)
    tables = build_search_tables(problem, reach)
    return ColumnBound(problem, tables, reach, windows, plan[0].complete_min, plan[0].total, sum(points))


@SLOW
@given(st.integers(0, 10**6))
def test_no_bound_exceeds_the_cheapest_plan(seed: int) -> None:
    problem = random_problem(seed, (3, 2, 2, 1, 1))
    best = cheapest_by_trying_all(problem)
    greedy = plan_greedily(problem)
    column = bound_for(problem, greedy)
    assert column.run() <= best[0].total
    assert column.bound == min(column.bound, greedy[0].total)


def drawn_duals(problem: DeployProblem, column: ColumnBound, rng: np.random.Generator, scale: float) -> Duals:
    """Prices drawn by lot, some of them none."""
    shape = (problem.num_craft, problem.num_incidents)
    return Duals(
        rng.uniform(-0.2, 1, len(column.rows.minute)) * scale,
        rng.uniform(-0.2, 1, problem.num_groups) * scale * rng.integers(0, 2),
        rng.uniform(-0.2, 1, len(problem.keep_groups)) * scale * rng.integers(0, 2),
        rng.uniform(-0.2, 1, shape) * scale,
        rng.uniform(-0.2, 1, shape) * scale,
    )


def with_ladders(problem: DeployProblem, rng: np.random.Generator) -> DeployProblem:
    """Ask for the same persons several times at each incident, more and fewer, at weights in any order."""
    echelons = tuple(
        EchelonNeed(i, int(rng.integers(1, 20)), skill, int(rng.integers(1, 5)))
        for i in range(problem.num_incidents)
        for skill in (None, None, None, "medical", "medical")
    )
    weights = replace(problem.weights, unmet_min=int(rng.integers(1, 300)), missing_min=int(rng.integers(0, 6)))
    return replace(problem, echelons=echelons, weights=weights)


@SLOW
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_echelons_that_ask_for_the_same_persons_are_bounded_together(seed: int, drawn: int) -> None:
    rng = np.random.default_rng(drawn)
    problem = with_ladders(random_problem(seed, (3, 2, 2, 2, 1)), rng)
    best = cheapest_by_trying_all(problem)
    assert bound_for(problem, plan_greedily(problem)).run() <= best[0].total
    column = bound_for(problem, best)
    for scale in (3.0, 100.0, 3_000.0):
        duals = drawn_duals(problem, column, rng, scale)
        box = box_of(problem, column, best, rng)
        parts, _ = column.pricing.bound(box, column.rows.prices(box), duals)
        assert parts <= best[0].total * PARTS


@SLOW
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_any_prices_at_all_give_a_bound(seed: int, drawn: int) -> None:
    """The bound rests on no optimum of the linear programme: prices drawn by lot keep it below the cheapest plan."""
    problem = random_problem(seed, (3, 2, 2, 2, 1))
    best = cheapest_by_trying_all(problem)
    column = bound_for(problem, best)
    rng = np.random.default_rng(drawn)
    duals = drawn_duals(problem, column, rng, 10 ** rng.uniform(0, 4))
    box = box_of(problem, column, best, rng)
    parts, _ = column.pricing.bound(box, column.rows.prices(box), duals)
    assert parts <= best[0].total * PARTS


@SLOW
@given(st.integers(0, 10**6))
@example(44)
@example(50)
@example(82)
@example(146)
def test_no_bound_exceeds_the_cheapest_plan_with_earlier_calls(seed: int) -> None:
    """Earlier calls make cheaper plans possible, in these examples too: a bound that left them out would exceed one."""
    problem = problem_with_calls(seed)
    best = cheapest_of_all(problem)
    assert bound_for(problem, plan_greedily(problem)).run() <= best[0].total
    column = bound_for(problem, best)
    rng = np.random.default_rng(seed)
    for scale in (10.0, 300.0, 3_000.0):
        duals = drawn_duals(problem, column, rng, scale)
        box = box_of(problem, column, best, rng)
        parts, _ = column.pricing.bound(box, column.rows.prices(box), duals)
        assert parts <= best[0].total * PARTS


@SLOW
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_price_on_trips_bounds_those_that_bring_nobody_who_is_worth_anything(seed: int, drawn: int) -> None:
    """Where ways are shortest, pickups without a load are left out: not where trips themselves are asked for."""
    problem = draw_problem(Size(4, 2, 1, 3), seed)
    plan = plan_greedily(problem)
    column = bound_for(problem, plan)
    rng = np.random.default_rng(drawn)
    shape = (problem.num_craft, problem.num_incidents)
    duals = Duals(
        np.zeros(len(column.rows.minute)),
        np.zeros(problem.num_groups),
        np.zeros(len(problem.keep_groups)),
        np.zeros(shape),
        rng.uniform(0, 1, shape) * 1e5,
    )
    box = box_of(problem, column, plan, rng)
    parts, _ = column.pricing.bound(box, column.rows.prices(box), duals)
    assert parts <= plan[0].total * PARTS


def box_of(problem: DeployProblem, column: ColumnBound, plan: Candidate, rng: np.random.Generator) -> Box:
    """A box drawn around a plan: it holds the plan, so that no bound of it may exceed the plan."""
    box = column.rows.whole
    for e, minute in enumerate(plan[0].complete_min):
        if minute is not None and minute <= box.latest[e]:
            box = box.with_earliest(e, int(rng.integers(box.earliest[e], minute + 1)))
            box = box.with_latest(e, int(rng.integers(minute, box.latest[e] + 1)))
    last_min = column.rows.last_min
    for craft in range(problem.num_craft):
        for incident in range(problem.num_incidents):
            made = sum(
                t.craft == craft
                and t.incident == incident
                and t.land_min + int(problem.last_mile_min[t.landing, incident]) <= last_min[incident]
                for t in plan[1]
            )
            if rng.random() < 0.5:
                least, most = int(rng.integers(0, made + 1)), made + int(rng.integers(0, 2))
                box = box.with_trips(TripLimit(craft, incident, least, most))
    return box


@SLOW
@given(st.integers(0, 10**6), st.booleans())
def test_a_dive_gives_a_plan_that_keeps_every_rule(seed: int, has_calls: bool) -> None:
    problem = problem_with_calls(seed) if has_calls else random_problem(seed, (6, 3, 2, 2, 2))
    column = bound_for(problem, plan_greedily(problem))
    column.run()
    found = dive(column)
    if found is None:
        return
    total, trips, directs = found
    assert not find_faults(problem, trips, directs)
    assert score(problem, trips, directs) == total
    assert total.total >= column.bound


@pytest.mark.parametrize("seed", [4, 119, 136, 159])
def test_a_plan_with_an_earlier_call_comes_out_of_a_dive(seed: int) -> None:
    """From a plan without calls: the dive's itineraries hold them, and become trips that really call twice."""
    problem = problem_with_calls(seed)
    greedy = plan_greedily(problem)
    column = bound_for(problem, greedy)
    column.run()
    found = dive(column)
    assert found is not None
    assert any(trip.call is not None for trip in found[1])
    assert not find_faults(problem, found[1], found[2])
    assert found[0].total < greedy[0].total


def test_a_linear_programme_the_solver_gives_up_on_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """GLOP ended with ABNORMAL on the way from an old basis, and took the proving process with it."""
    lp = GrowingLp()
    (row,) = lp.add_rows([2.0])
    lp.add_column(-1.0, [(row, 1.0)])
    answer, given_up = lp._answer, [True]

    def once() -> object:
        if given_up.pop() if given_up else False:
            raise status.StatusNotOk(status.Status(status.StatusCode.INTERNAL, "ABNORMAL"))
        return answer()

    monkeypatch.setattr(lp, "_answer", once)
    found = lp.solve()
    assert found is not None
    assert found.value == -2.0
    given_up += [True, True]
    assert lp.solve() is None
    again = lp.solve()
    assert again is not None
    assert again.value == -2.0
