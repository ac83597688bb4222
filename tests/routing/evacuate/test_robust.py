"""A plan for several outlooks holds in all of them or says where not; acting now is never worth less than waiting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from routing.evacuate.check import check_evacuation
from routing.evacuate.problem import EvacuationProblem, ProblemFaultError, SolveOptions
from routing.evacuate.robust import lists_of, solve_robust, strict, value_of_acting
from routing.evacuate.solve import solve_evacuation
from tests.routing.evacuate.samples import crowd

OPTIONS = SolveOptions(iterations=2_000)


def shut_from(minute: int, late_min: int = 0) -> EvacuationProblem:
    """Return the crowd with every dock shut from a minute on and crossings slower."""
    calm = crowd(closed_docks={}, closed_hauls={}, closed_returns={})
    shut = {(v, p): ((minute, 900),) for v in range(3) for p in range(2)} if minute < 900 else {}
    return replace(calm, closed_docks=shut, haul_min=calm.haul_min + late_min)


def test_one_plan_holds_in_every_outlook_where_one_can() -> None:
    outlooks = [shut_from(900), shut_from(500), shut_from(450, 5)]
    robust = solve_robust(outlooks, OPTIONS)
    assert [one.holds for one in robust.fares] == [True, True, True]
    for problem in outlooks:
        assert check_evacuation(problem, robust.solution.trips, robust.solution.timing) == ()
    best = solve_evacuation(outlooks[2], OPTIONS)
    assert best.bound_min <= robust.bound_min <= robust.solution.timing.complete_min


def test_where_none_can_it_says_in_which_and_how_many_remain() -> None:
    outlooks = [shut_from(900), shut_from(500), shut_from(70)]
    own = [solve_evacuation(one, OPTIONS) for one in outlooks]
    robust = solve_robust(outlooks, OPTIONS, own)
    worst = robust.fares[2]
    assert not worst.holds
    assert worst.remaining >= own[2].least_remaining > 0
    assert robust.bound_min == 0
    assert robust.fares[0].remaining == 0


def test_a_plan_of_fair_weather_is_told_to_break_in_foul() -> None:
    fair, foul = shut_from(900), shut_from(100)
    plan = solve_evacuation(fair, OPTIONS)
    robust = solve_robust([fair, foul], OPTIONS, [plan])
    assert any("closed" in text.en for text in check_evacuation(foul, plan.trips, plan.timing))
    assert robust.fares[1].remaining > 0


def test_acting_now_is_worth_the_people_who_could_not_wait() -> None:
    outlooks = [shut_from(900), shut_from(200)]
    own = [solve_evacuation(one, OPTIONS) for one in outlooks]
    robust = solve_robust(outlooks, OPTIONS, own)
    tonight = value_of_acting(outlooks, (0.5, 0.5), 150, OPTIONS, own, robust)
    assert tonight.bound.remaining <= tonight.perfect.remaining <= tonight.act_tonight.remaining
    assert tonight.act_tonight.remaining < tonight.wait_and_see.remaining
    assert any(tonight.first)


def test_first_trips_are_those_begun_before_it_is_known() -> None:
    plan = solve_evacuation(shut_from(900), OPTIONS)
    first = lists_of(plan, 3, 2, before_min=60)
    assert sum(map(len, first)) == sum(trip.leave_min < 60 for trip in plan.trips)
    held = solve_evacuation(shut_from(500), OPTIONS, held=first)
    again = lists_of(held, 3, 2)
    assert all(after[: len(before)] == before for before, after in zip(first, again, strict=True))


def test_outlooks_of_other_people_are_refused() -> None:
    other = crowd(persons=np.array([6, 20, 25, 30, 91]))
    with pytest.raises(ProblemFaultError, match="change nothing but the weather"):
        strict([crowd(), other])
