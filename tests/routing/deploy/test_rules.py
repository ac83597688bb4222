"""Each rule alone: a plan that breaks it is refused by the model and named by the check; one that keeps it passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from ortools.sat.python import cp_model

from routing.deploy import cpsat_rules, faults
from routing.deploy.cpsat_model import Variables, make_variables
from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct, Trip
from routing.deploy.reach import Reach
from routing.deploy.windows import EchelonWindow, Usefulness
from tests.routing.deploy.samples import tiny_problem

POLICE = Trip(0, 0, 0, 0, (0, 1), 5, 7, 18)
MEDICS = Trip(1, 0, 1, 0, (2,), 9, 11, 34)
MEDICS_AFTER = Trip(0, 0, 1, 0, (2,), 30, 32, 45)

# rule of the check, rule of the model, changes to the problem, the plan that breaks it
BROKEN: list[tuple[str, str, dict[str, Any], list[Trip], list[Direct]]] = [
    ("seats_suffice", "seats_suffice", {}, [Trip(1, 0, 0, 0, (0, 1), 5, 7, 28)], []),
    (
        "deck_suffices",
        "deck_suffices",
        {"group_slots": np.array([1, 1, 0]), "craft_slots": np.array([1, 0])},
        [POLICE],
        [],
    ),
    ("groups_are_there", "groups_are_there", {}, [Trip(0, 0, 0, 0, (0, 1), 4, 6, 17)], []),
    (
        "one_task_a_group",
        "one_task_a_group",
        {"station": np.array([-1, -1, -1])},
        [POLICE, Trip(1, 0, 0, 0, (0,), 5, 7, 28)],
        [],
    ),
    ("crossings_take_their_time", "crossings_take_their_time", {}, [Trip(0, 0, 0, 0, (0, 1), 5, 7, 17)], []),
    ("departures_are_open", "departures_are_open", {"closed_hauls": {(0, 0, 0): ((0, 9),)}}, [POLICE], []),
    ("craft_are_there", "craft_starts_from_its_place", {"position_min": np.array([[6, 9], [3, 9]])}, [POLICE], []),
    ("craft_are_there", "craft_starts_from_its_place", {"closed_positions": {(0, 0): ((0, 3),)}}, [POLICE], []),
    ("craft_are_there", "craft_comes_back", {}, [POLICE, Trip(0, 0, 1, 0, (2,), 29, 31, 44)], []),
    (
        "craft_are_there",
        "craft_comes_back",
        {"closed_returns": {(0, 0, 1): ((18, 19),)}},
        [POLICE, MEDICS_AFTER],
        [],
    ),
    (
        "berths_suffice",
        "berths_suffice",
        {"pickup_berths": np.array([1, 1])},
        [Trip(0, 0, 0, 0, (0,), 5, 7, 18), Trip(1, 0, 0, 0, (1,), 6, 8, 29)],
        [],
    ),
    (
        "berths_suffice",
        "berths_suffice",
        {"landing_berths": np.array([1])},
        [POLICE, Trip(1, 0, 1, 0, (2,), 9, 11, 34), Trip(0, 0, 0, 0, (), 31, 33, 34)],
        [],
    ),
    ("standing_cover_is_kept", "standing_cover_is_kept", {"keep_groups": np.array([1, 0])}, [POLICE], []),
]


def forced_status(
    problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct], without: str | None = None, **at: int
) -> str:
    """Return what the model says of a plan fixed in every choice and time, with one rule left out if asked."""
    useful = Usefulness(problem, Reach(problem), tuple(EchelonWindow(0, problem.horizon_min, True) for _ in "ab"))
    model = cp_model.CpModel()
    v = make_variables(model, problem, useful, [2, 2])
    for rule in cpsat_rules.RULES:
        if rule.__name__ != without:
            rule(model, problem, v)
    _fix(model, problem, v, trips, directs)
    for name, value in at.items():
        kind, e = name.rsplit("_", 1)
        model.add(getattr(v.echelons[int(e)], kind) == value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return solver.status_name(solver.solve(model))


def _fix(
    model: cp_model.CpModel, problem: DeployProblem, v: Variables, trips: Sequence[Trip], directs: Sequence[Direct]
) -> None:
    for slots in v.slots:
        mine = [t for t in trips if t.craft == slots[0].craft]
        for slot, trip in zip(slots, [*mine, None, None], strict=False):
            model.add(slot.is_used == (trip is not None))
            if trip is None:
                continue
            model.add(slot.by_link[trip.pickup, trip.landing, trip.incident] == 1)
            assert set(trip.groups) <= set(slot.riders), "the ride was left out of the model before any rule"
            for g, rides in slot.riders.items():
                model.add(rides == (g in trip.groups))
            model.add(slot.board_min == trip.board_min)
            for (earlier, then), y in slot.calls.items():
                model.add(y == (trip.call is not None and (earlier, then) == (trip.call.pickup, trip.pickup)))
            for g, early in slot.boards_early.items():
                model.add(early == (trip.call is not None and g in trip.call.groups))
            if trip.call is not None:
                model.add(slot.call_min == trip.call.board_min)
            model.add(slot.moored_min == trip.land_min - int(problem.unload_min[trip.craft]))
    for (g, i), literal in v.directs.items():
        model.add(literal == any(d.group == g and d.incident == i for d in directs))


@pytest.mark.parametrize(("check_rule", "model_rule", "changes", "trips", "directs"), BROKEN)
def test_breaking_one_rule(
    check_rule: str, model_rule: str, changes: dict[str, Any], trips: list[Trip], directs: list[Direct]
) -> None:
    problem = tiny_problem(**changes)
    named = [rule.__name__ for rule in faults.RULES if list(rule(problem, trips, directs))]
    if all(t.groups for t in trips):
        assert named == [check_rule]
        assert forced_status(problem, trips, directs, without=model_rule) == "OPTIMAL"
    else:
        assert check_rule in named
    assert forced_status(problem, trips, directs) == "INFEASIBLE"


@pytest.mark.parametrize("trips", [[], [POLICE], [POLICE, MEDICS], [POLICE, MEDICS_AFTER]])
def test_a_good_plan_passes_every_rule(trips: list[Trip]) -> None:
    problem = tiny_problem()
    assert faults.find_faults(problem, trips, []) == []
    assert forced_status(problem, trips, []) == "OPTIMAL"


def test_a_direct_group_takes_its_time() -> None:
    problem = tiny_problem(direct_min=np.array([[9], [UNREACHABLE], [UNREACHABLE]]))
    assert faults.find_faults(problem, [], [Direct(0, 0, 9)]) == []
    assert "sooner than it can" in faults.find_faults(problem, [], [Direct(0, 0, 8)])[0]
    assert "sooner than it can" in faults.find_faults(problem, [], [Direct(1, 0, UNREACHABLE)])[0]


def test_a_trip_counts_only_once_it_has_arrived() -> None:
    problem, plan = tiny_problem(), [POLICE, MEDICS]
    assert forced_status(problem, plan, [], complete_min_0=22, fails_0=0) == "OPTIMAL"
    assert forced_status(problem, plan, [], complete_min_0=21, fails_0=0) == "INFEASIBLE"
    assert forced_status(problem, plan, [], "trips_count_what_they_carry", complete_min_0=21, fails_0=0) == "OPTIMAL"


def test_an_echelon_without_its_persons_fails_and_is_charged_for_each() -> None:
    problem = tiny_problem()
    rule = "echelons_are_complete_or_charged"
    assert forced_status(problem, [], [], fails_0=0) == "INFEASIBLE"
    assert forced_status(problem, [], [], rule, fails_0=0) == "OPTIMAL"
    assert forced_status(problem, [], [], missing_0=9) == "INFEASIBLE"
    assert forced_status(problem, [], [], missing_0=10) == "OPTIMAL"


def test_a_failed_echelon_ends_at_the_horizon() -> None:
    problem = tiny_problem()
    assert forced_status(problem, [], [], fails_0=1, complete_min_0=7) == "INFEASIBLE"
    rule = "failed_echelons_end_at_the_horizon"
    assert forced_status(problem, [], [], rule, fails_0=1, complete_min_0=7) == "OPTIMAL"


def test_a_trip_has_one_link_and_slots_fill_from_the_first() -> None:
    problem = tiny_problem()
    useful = Usefulness(problem, Reach(problem), tuple(EchelonWindow(0, 120, True) for _ in "ab"))

    def status(**forced: int) -> str:
        model = cp_model.CpModel()
        v = make_variables(model, problem, useful, [2, 2])
        cpsat_rules.one_link_a_trip(model, problem, v)
        first, second = v.slots[0]
        variables = {
            "link_a": first.by_link[0, 0, 0],
            "link_b": first.by_link[1, 0, 0],
            "first": first.is_used,
            "second": second.is_used,
        }
        for name, value in forced.items():
            model.add(variables[name] == value)
        solver = cp_model.CpSolver()
        return solver.status_name(solver.solve(model))

    assert status(link_a=1, link_b=0) == "OPTIMAL"
    assert status(link_a=1, link_b=1) == "INFEASIBLE"
    assert status(first=0, link_a=1) == "INFEASIBLE"
    assert status(first=0, second=1) == "INFEASIBLE"
