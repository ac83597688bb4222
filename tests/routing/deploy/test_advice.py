"""What would help is said after the final plan: changes, conflicting limits and what can be reached, with numbers."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from data.geography import Region
from data.plans import Plan, Reason
from data.situation import Situation
from data.text import Text
from data.weather import Closure
from routing.deploy.advice import LIMIT_WORDS, advise
from routing.deploy.changes import KINDS, Change
from routing.deploy.conflict import LIMITS, Conflict, find_conflict, limits_in_force
from routing.deploy.deployment import Planner
from routing.deploy.problem import SolveOptions
from routing.deploy.solve import solve
from routing.deploy.what_if import Gain
from tests.routing.test_plan import asking, situation_of, stormy


@pytest.fixture(scope="module")
def june(zhoushan: Region) -> Situation:
    return situation_of("june-major-case", zhoushan)


def roads_shut(situation: Situation) -> Situation:
    incident = situation.incidents[0]
    shut = Closure(
        id="c1", target_kind="road", target_id=incident.island_id, from_at=situation.at - timedelta(hours=1),
        until_at=None, reason=Text("塌方", "landslide"), author="test",
    )  # fmt: skip
    return msgspec.structs.replace(situation, closures=(shut,))


def conflict_of(planner: Planner, situation: Situation, echelon: int = 0) -> Conflict | None:
    compiled = planner.compiled(situation)
    solution = solve(compiled.problem, SolveOptions(iterations=0))
    return find_conflict(compiled, (solution.objective, solution.trips, solution.directs), echelon)


def test_a_storm_and_closed_roads_rule_it_out_together_and_either_gone_is_enough(
    planner: Planner, june: Situation
) -> None:
    conflict = conflict_of(planner, roads_shut(stormy(asking(june, persons=12), 40.0, 9.0)))
    assert conflict is not None
    assert conflict.together == ("weather", "orders")
    assert {limits for limits, _ in conflict.lifts} == {("weather",), ("orders",)}
    assert (conflict.most_persons, conflict.most_by_min) == (0, None)
    assert conflict.all_persons >= 12


def test_a_storm_alone_rules_it_out_alone_with_what_the_island_can_send(planner: Planner, june: Situation) -> None:
    conflict = conflict_of(planner, stormy(asking(june, persons=40), 40.0, 9.0))
    assert conflict is not None
    assert conflict.together == ("weather",)
    assert 0 < conflict.most_persons < 40
    assert conflict.most_by_min is not None


def test_limits_needed_together_are_named_as_one_set(planner: Planner, june: Situation) -> None:
    """Every unit of the island barred and a storm outside: more than the island's own needs the weather alone."""
    barred = {one.group.id: Text("训练", "training") for one in june.groups}
    stormed = stormy(asking(msgspec.structs.replace(june, forbidden=barred), persons=100), 40.0, 9.0)
    conflict = conflict_of(planner, stormed)
    assert conflict is not None
    assert set(conflict.together) <= {"weather", "forbidden"}
    ((limits, minute),) = conflict.lifts
    assert set(limits) == {"weather", "forbidden"}
    assert minute > 0


def test_more_than_there_are_is_no_conflict_of_limits(planner: Planner, june: Situation) -> None:
    conflict = conflict_of(planner, asking(june, persons=5_000))
    assert conflict is not None
    assert conflict.together == ()
    assert conflict.lifts == ()
    assert conflict.most_persons <= conflict.all_persons < 5_000


def test_what_is_complete_has_no_conflict(planner: Planner, june: Situation) -> None:
    assert conflict_of(planner, asking(june, persons=12)) is None


def test_only_limits_that_hold_anything_are_weighed(planner: Planner, june: Situation) -> None:
    free = msgspec.structs.replace(asking(june, persons=5), forecast=None, closures=(), forbidden={})
    assert not {"weather", "orders", "forbidden", "others"} & set(limits_in_force(planner.compiled(free)))
    assert LIMIT_WORDS.keys() == set(LIMITS)


def echelon_reasons(plan: Plan) -> dict[str, list[Reason]]:
    found: dict[str, list[Reason]] = {}
    for reason in plan.reasons:
        if reason.subject_kind == "echelon":
            found.setdefault(reason.code, []).append(reason)
    return found


def test_a_late_echelon_comes_with_its_least_change_and_a_first_plan_does_not_wait_for_it(
    planner: Planner, june: Situation
) -> None:
    late = asking(june, persons=60, due_min=20)
    assert echelon_reasons(planner.first_plan(late)).keys() == {"late"}
    plan = planner.best_plan(late, "balanced", SolveOptions(seed=2, iterations=300))
    found = echelon_reasons(plan)
    assert found.keys() == {"late", "change"}
    kinds = [reason.subject_kind for reason in plan.reasons]
    assert kinds == sorted(kinds, key=("plan", "echelon", "pier", "craft", "group").index)
    (row,) = plan.echelons
    for reason in found["change"]:
        assert reason.subject_id == row.echelon_id
        assert f"from {row.complete_min} to " in reason.text.en
        assert f"由 {row.complete_min} 分钟提前到 " in reason.text.zh
        assert "found by search" in reason.text.en
        assert "搜索所得" in reason.text.zh


def test_an_infeasible_plan_says_which_limits_and_what_can_be_reached(planner: Planner, june: Situation) -> None:
    shut = roads_shut(stormy(asking(june, persons=12), 40.0, 9.0))
    plan = planner.best_plan(shut, "balanced", SolveOptions(iterations=100))
    assert plan.status == "infeasible"
    (reason,) = echelon_reasons(plan)["conflict"]
    assert (
        "ruled out by the weather limits and the closures ordered together; as it is nobody can come" in reason.text.en
    )
    assert "天气限制、封闭令共同使“全部”无法到齐" in reason.text.zh
    assert "but for the closures ordered it would be complete at" in reason.text.en


def test_too_few_forces_are_told_with_their_number(planner: Planner, june: Situation) -> None:
    compiled = planner.compiled(asking(june, persons=5_000))
    solution = solve(compiled.problem, SolveOptions(iterations=0))
    (reason,) = (one for one in advise(compiled, compiled.problem, solution) if one.code == "too-few")
    (arrived,) = solution.objective.arrived
    assert f"as it is {arrived} can come" in reason.text.en
    assert "力量不足" in reason.text.zh


def test_a_cancelled_solve_is_not_held_up_by_advice(planner: Planner, june: Situation) -> None:
    compiled = planner.compiled(roads_shut(stormy(june, 40.0, 9.0)))
    solution = solve(compiled.problem, SolveOptions(iterations=0))
    assert advise(compiled, compiled.problem, solution, cancelled=lambda: True) == ()


def test_every_kind_of_change_has_words_in_both_languages(planner: Planner, june: Situation) -> None:
    from routing.deploy.advice import _AdviceWords

    compiled = planner.compiled(june)
    solution = solve(compiled.problem, SolveOptions(iterations=0))
    words = _AdviceWords(compiled, solution)
    plan = solution.objective, solution.trips, solution.directs
    for kind in KINDS:
        gain = Gain(0, Change(kind, 0, 7), 54, 41, 80, 90, 3, plan)
        text = words.of_gain(gain).text
        assert "from 54 to 41 min" in text.en
        assert "由 54 分钟提前到 41 分钟" in text.zh
        assert "up to 3 min later" in text.en
        assert ("7 min earlier" in text.en) == kind.endswith("ready")
    short = words.of_gain(Gain(0, Change("craft", 0), None, None, 80, 96, 0, plan)).text
    assert "from 80 to 96 of 12 persons" in short.en
    done = words.of_gain(Gain(0, Change("craft", 0), None, 41, 80, 96, 0, plan)).text
    assert "to completion at" in done.en
