"""Joint dispatch is the best there is, by trying every answer; its proof and its prices hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ortools.graph.python import min_cost_flow
from scipy.optimize import linear_sum_assignment

from routing.dispatch import joint, losses
from routing.dispatch.check import check_dispatch
from routing.dispatch.joint import JointDispatch, assign_units, build_table, column_prices
from routing.dispatch.losses import find_losses
from routing.dispatch.nearest import nearest_units
from routing.dispatch.problem import DispatchProblem
from routing.dispatch.words import Wording
from tests.routing.dispatch.drawn import best_by_trying, drawn

SEEDS = range(150)


def _points(problem: DispatchProblem, unmet: int, minutes: float) -> int:
    return unmet * problem.unmet_s + round(60 * minutes)


def test_no_answer_is_better_and_each_is_sound_and_proven() -> None:
    shorts = 0
    for seed in SEEDS:
        problem = drawn(seed)
        found = assign_units(problem)
        assert check_dispatch(found) == [], seed
        assert found.objective == _points(problem, *best_by_trying(problem)), seed
        assert found.bound == found.objective
        assert found.status == ("optimal" if any(found.units) else "infeasible")
        shorts += any(found.unmet)
    assert 20 < shorts < len(SEEDS) - 20


def test_every_loss_is_priced_exactly() -> None:
    losses = 0
    for seed in SEEDS:
        problem = drawn(seed)
        found = assign_units(problem)
        for loss in find_losses(found):
            assert loss.price is not None
            assert loss.price >= 0
            if loss.is_loss:
                losses += 1
                given = best_by_trying(problem, {loss.incident: loss.alone})
                assert found.objective + loss.price == _points(problem, *given), (seed, loss)
            else:
                assert loss.price == 0
                assert loss.shifts == ()
    assert losses > 50


def test_prices_are_what_one_more_such_unit_is_worth_at_most() -> None:
    for seed in range(30):
        problem = drawn(seed)
        found = assign_units(problem)
        for unit in range(problem.num_units):
            if problem.station[unit] >= 0:  # one more unit at a station would also stand in for its cover
                continue
            wide = replace(
                problem,
                travel_min=np.column_stack([problem.travel_min, problem.travel_min[:, unit]]),
                suitable=np.column_stack([problem.suitable, problem.suitable[:, unit]]),
                skills=(*problem.skills, problem.skills[unit]),
                busy=np.append(problem.busy, problem.busy[unit]),
                station=np.append(problem.station, -1),
            )
            if wide.unmet_s == problem.unmet_s:
                assert found.objective - assign_units(wide).objective <= found.prices[unit]


def test_the_answer_is_that_of_a_min_cost_flow() -> None:
    draw = np.random.default_rng(5)
    problem = DispatchProblem.plain(
        draw.uniform(1, 60, (12, 80)),
        needed=draw.integers(1, 4, 12),
        weight=draw.integers(1, 9, 12),
        station=draw.integers(0, 10, 80),
        keep_units=np.full(10, 4),
    )
    flow = min_cost_flow.SimpleMinCostFlow()
    incidents, units, stations = problem.num_incidents, problem.num_units, len(problem.keep_units)
    sink = incidents + units + stations
    for n in range(incidents):
        flow.set_node_supply(n, int(problem.needed[n]))
        for u in range(units):
            cost = int(problem.weight[n] * problem.travel_s[n, u])
            flow.add_arc_with_capacity_and_unit_cost(n, incidents + u, 1, cost)
    for u in range(units):
        station = incidents + units + int(problem.station[u])
        flow.add_arc_with_capacity_and_unit_cost(incidents + u, station, 1, 0)
    for s in range(stations):
        flow.add_arc_with_capacity_and_unit_cost(incidents + units + s, sink, int(problem.spare_units[s]), 0)
    flow.set_node_supply(sink, -int(problem.needed.sum()))
    assert flow.solve() == flow.OPTIMAL
    assert assign_units(problem).objective == flow.optimal_cost()


def test_the_bound_holds_for_a_worse_answer_too() -> None:
    for seed in range(40):
        problem = drawn(seed)
        table = build_table(problem)
        rows = len(table.cost)
        worse = np.random.default_rng(seed).permutation(table.cost.shape[1])[:rows]
        price = column_prices(table.cost, worse)
        assert price.min() >= 0
        bound = int((table.cost + price[None]).min(axis=1).sum() - price.sum())
        assert bound <= assign_units(problem).objective


def test_a_solver_that_errs_is_not_called_optimal(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = DispatchProblem.plain([[1.0, 2.0, 9.0], [1.0, 8.0, 9.0]])
    assert assign_units(problem).units == ((1,), (0,))
    monkeypatch.setattr(joint, "linear_sum_assignment", lambda cost: (np.arange(2), np.array([0, 1])))
    found = assign_units(problem)
    assert found.units == ((0,), (1,))
    assert found.status == "feasible"
    assert found.bound <= 180 < found.objective
    assert found.gap > 0
    assert check_dispatch(found) == []


def test_the_check_sees_each_planted_fault() -> None:
    problem = DispatchProblem.plain(
        [[1.0, 2.0, 3.0, np.inf], [2.0, 2.0, 9.0, 4.0]],
        busy=[False, False, True, False],
        station=[0, 0, -1, -1],
        keep_units=[1],
        skills=[frozenset(), frozenset({"medic"}), frozenset(), frozenset()],
        skills_needed=[frozenset(), frozenset()],
    )
    good = assign_units(problem)
    assert check_dispatch(good) == []
    assert good.units == ((0,), (3,))

    def faults(**changes: object) -> str:
        return " | ".join(fault.en for fault in check_dispatch(replace(good, **changes)))  # type: ignore[arg-type]

    assert "sent 2 times" in faults(units=((0,), (0,)))
    assert "is busy" in faults(units=((2,), (3,)))
    assert "no way" in faults(units=((3,), (0,)))
    assert "station 0 keeps 0 of 1" in faults(units=((0,), (1,)))
    assert "objective is" in faults(objective=good.objective - 1)
    assert "bound" in faults(bound=good.objective + 1)
    assert "called optimal" in faults(bound=good.objective - 1)
    assert "1 sent and 1 unmet of 1" in faults(unmet=(1, 0))
    assert "another number" in faults(units=((0,),))


def test_more_urgent_first_and_unmet_before_minutes() -> None:
    problem = DispatchProblem.plain([[5.0], [1.0]], weight=[3, 2])
    found = assign_units(problem)
    assert found.units == ((0,), ())
    assert found.unmet == (0, 1)
    assert assign_units(replace(problem, weight=[2, 3])).units == ((), (0,))


def test_nobody_can_go() -> None:
    found = assign_units(DispatchProblem.plain([[np.inf, 4.0]], busy=[False, True]))
    assert found.status == "infeasible"
    assert found.unmet == (1,)
    assert check_dispatch(found) == []
    assert assign_units(DispatchProblem.plain(np.empty((2, 0)))).status == "infeasible"


def test_a_loss_is_told_in_minutes_with_who_would_pay() -> None:
    problem = DispatchProblem.plain([[1.0, 2.0, 9.0], [1.0, 8.0, 9.0]])
    found = assign_units(problem)
    losses = find_losses(found)
    words = Wording(problem)
    assert words.loss(found, losses[0]).en == (
        "incident 0: 1 min more travel than its own nearest; given those, incident 1 +7 min"
    )
    assert words.loss(found, losses[1]).en == "incident 1: has its own nearest"
    assert losses[0].price == 60 * (1 + 8 - 2 - 1)
    unpriced = find_losses(found, priced=())
    assert words.loss(found, unpriced[0]).en == "incident 0: 1 min more travel than its own nearest"
    assert find_losses(found, priced={0}) == losses
    assert "若改给它" in words.loss(found, losses[0]).zh


def test_twice_the_same() -> None:
    def answer(found: JointDispatch) -> tuple[object, ...]:
        return found.units, found.objective, found.bound, found.prices.tolist()

    assert answer(assign_units(drawn(7, 6, 30))) == answer(assign_units(drawn(7, 6, 30)))


def test_prices_do_not_depend_on_what_is_left_out_of_the_second_look() -> None:
    """Against the whole table solved anew, with many stations that hold units back."""
    losses = 0
    for seed in range(12):
        draw = np.random.default_rng(seed)
        problem = DispatchProblem.plain(
            draw.integers(2, 40, (20, 90)) * 0.5,
            needed=draw.integers(1, 5, 20),
            weight=draw.integers(1, 10, 20),
            busy=draw.random(90) < 0.2,
            station=draw.integers(-1, 15, 90),
            keep_units=draw.integers(0, 4, 15),
        )
        found = assign_units(problem)
        for loss in find_losses(found):
            if not loss.is_loss:
                continue
            losses += 1
            assert loss.price is not None
            table = build_table(problem)
            rows, columns = table.row_incident != loss.incident, ~np.isin(table.column_unit, loss.alone)
            cost = table.cost[np.ix_(rows, columns)]
            others = cost[linear_sum_assignment(cost)].sum()
            own = problem.weight[loss.incident] * (
                problem.travel_s[loss.incident, list(loss.alone)].sum()
                + problem.unmet_s * (problem.needed[loss.incident] - len(loss.alone))
            )
            assert others + own == found.objective + loss.price
    assert losses > 60


def test_what_each_would_have_alone_is_what_is_nearest_alone() -> None:
    for seed in range(60):
        problem = drawn(seed, incidents=6, units=40)
        alone = losses.nearest_alone(problem, list(range(6)))
        for incident, units in alone.items():
            found = nearest_units(problem, incident, int(problem.needed[incident]))
            assert units == tuple(found.units.tolist())


def test_where_near_stations_keep_theirs_it_is_looked_for_farther() -> None:
    problem = DispatchProblem.plain(
        np.arange(1.0, 41.0)[None], station=np.repeat([0, -1], [30, 10]), keep_units=np.array([30])
    )
    assert losses.nearest_alone(problem, [0]) == {0: (30,)}
