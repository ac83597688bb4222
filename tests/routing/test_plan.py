"""From shipped scenarios, and from worse ones, to checked plans with their reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import msgspec
import pytest

from data.geography import Region
from data.incidents import Echelon
from data.plans import Alternative, Plan
from data.scenario import read_scenario
from data.situation import Situation
from data.text import Text
from data.weather import Closure, Forecast
from routing.check import check_plan
from routing.deploy.compile import NothingAskedError
from routing.deploy.deployment import Planner, solve_deployment
from routing.deploy.problem import ProblemFaultError, SolveOptions
from routing.network.network import Network

SCENARIOS = ("june-major-case", "may-swell-miaozihu", "quiet-night")


def situation_of(name: str, region: Region) -> Situation:
    return read_scenario(name, region).situation()


def stormy(situation: Situation, wind_mps: float, hs_m: float) -> Situation:
    """The same situation with one wind and sea everywhere, all the time."""
    assert situation.forecast is not None
    hours = tuple(
        msgspec.structs.replace(hour, wind_mps=wind_mps, gust_mps=wind_mps * 1.2, hs_m=hs_m)
        for hour in situation.forecast.hours
    )
    forecast: Forecast = msgspec.structs.replace(situation.forecast, hours=hours)
    return msgspec.structs.replace(situation, forecast=forecast)


def asking(situation: Situation, persons: int, skill: str | None = None, due_min: int | None = None) -> Situation:
    """The first incident only, with one echelon."""
    need = Echelon(id="all", name=Text("全部", "All"), persons=persons, skill=skill, weight=1, due_min=due_min)
    incident = msgspec.structs.replace(situation.incidents[0], echelons=(need,))
    return msgspec.structs.replace(situation, incidents=(incident,))


@pytest.fixture(scope="module")
def june(zhoushan: Region) -> Situation:
    return situation_of("june-major-case", zhoushan)


@pytest.fixture(scope="module")
def june_plan(planner: Planner, june: Situation) -> Plan:
    return planner.first_plan(june)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("alternative", get_args(Alternative))
def test_every_shipped_scenario_gets_a_sound_first_plan(
    planner: Planner, zhoushan: Region, zhoushan_network: Network, name: str, alternative: Alternative
) -> None:
    situation = situation_of(name, zhoushan)
    plan = planner.first_plan(situation, alternative)
    assert check_plan(plan, situation, zhoushan, zhoushan_network) == []
    assert plan.alternative == alternative
    assert plan.baseline is not None
    assert plan.objective.total <= plan.baseline.objective.total
    assert 0 <= plan.bound <= plan.objective.total


def test_the_june_case_goes_by_road_sea_and_air(june_plan: Plan, zhoushan: Region) -> None:
    assert {leg.mode for leg in june_plan.legs} >= {"road", "sea", "air"}
    symbols = {zhoushan.craft_classes[leg.craft_class].symbol for leg in june_plan.legs if leg.craft_class}
    assert symbols >= {"helicopter", "assault_boat"}
    assert any(leg.purpose == "direct" for leg in june_plan.legs), "the island's own forces act first"


def test_the_swell_shuts_the_passenger_pier_and_relief_lands_at_the_north_landing(
    planner: Planner, zhoushan: Region
) -> None:
    plan = planner.first_plan(situation_of("may-swell-miaozihu", zhoushan))
    landed = {leg.to_site for leg in plan.legs if leg.purpose == "carry" and leg.mode == "sea"}
    assert landed == {"beiao"}
    assert any(r.subject_kind == "pier" and r.subject_id == "miaozihu" for r in plan.reasons)


def test_every_craft_is_used_or_has_its_reason(june_plan: Plan, june: Situation) -> None:
    used = {leg.craft_id for leg in june_plan.legs if leg.craft_id}
    explained = {reason.subject_id for reason in june_plan.reasons if reason.subject_kind == "craft"}
    assert used | explained == {state.craft.id for state in june.craft}
    assert not used & explained


def test_the_same_question_gives_the_same_plan(planner: Planner, june: Situation, june_plan: Plan) -> None:
    again = planner.first_plan(june)
    assert again.id == june_plan.id
    assert again.legs == june_plan.legs


def test_bands_hold_the_times(june_plan: Plan) -> None:
    for leg in june_plan.legs:
        assert leg.arrive_early_at is not None
        assert leg.arrive_late_at is not None
        assert leg.arrive_early_at <= leg.arrive_at <= leg.arrive_late_at
    for row in june_plan.echelons:
        if row.complete_min is not None:
            assert row.early_min is not None
            assert row.late_min is not None
            assert row.early_min <= row.complete_min <= row.late_min


def test_a_forbidden_craft_stays_and_says_why(planner: Planner, june: Situation, june_plan: Plan) -> None:
    craft = next(leg.craft_id for leg in june_plan.legs if leg.purpose == "carry" and leg.craft_id)
    without = msgspec.structs.replace(june, forbidden={**june.forbidden, craft: Text("加油", "refuelling")})
    plan = planner.first_plan(without)
    assert craft not in {leg.craft_id for leg in plan.legs}
    reason = next(r for r in plan.reasons if r.subject_id == craft)
    assert reason.code == "forbidden"
    assert "refuelling" in reason.text.en


def test_a_demand_nobody_can_meet_is_an_answer_with_its_reach(planner: Planner, june: Situation) -> None:
    plan = planner.first_plan(asking(june, persons=5000))
    (row,) = plan.echelons
    assert row.complete_min is None
    assert row.arrived > 100
    reason = next(r for r in plan.reasons if r.subject_kind == "echelon")
    assert reason.code == "unmet"
    assert "5000" in reason.text.en
    assert str(row.arrived) in reason.text.en


def test_a_skill_nobody_has_is_infeasible_in_words(planner: Planner, zhoushan: Region, june: Situation) -> None:
    skill = next(iter(zhoushan.skills))
    without = tuple(
        msgspec.structs.replace(one, group=msgspec.structs.replace(one.group, skills=one.group.skills - {skill}))
        for one in june.groups
    )
    plan = planner.first_plan(asking(msgspec.structs.replace(june, groups=without), persons=4, skill=skill))
    assert plan.status == "infeasible"
    assert plan.legs == ()
    assert any(r.subject_kind == "plan" and "infeasible" in r.text.en for r in plan.reasons)


def test_a_skill_the_region_does_not_know_is_refused_by_name(planner: Planner, june: Situation) -> None:
    with pytest.raises(ProblemFaultError, match=r"'diver-of-the-moon' is unknown; known are:.*medical") as refused:
        planner.first_plan(asking(june, persons=4, skill="diver-of-the-moon"))
    assert "没有技能“diver-of-the-moon”" in refused.value.said("zh")


def test_a_storm_leaves_the_islands_own_forces(planner: Planner, june: Situation) -> None:
    plan = planner.first_plan(stormy(june, wind_mps=40.0, hs_m=9.0))
    assert {leg.purpose for leg in plan.legs} == {"direct"}
    held = [r for r in plan.reasons if r.subject_kind == "craft" and r.code == "limit"]
    assert held
    assert all("over its limit" in r.text.en for r in held)


def test_a_storm_and_closed_roads_leave_nobody(planner: Planner, june: Situation) -> None:
    incident = june.incidents[0]
    shut = Closure(
        id="c1", target_kind="road", target_id=incident.island_id, from_at=june.at - timedelta(hours=1),
        until_at=None, reason=Text("塌方", "landslide"), author="test",
    )  # fmt: skip
    plan = planner.first_plan(msgspec.structs.replace(stormy(june, 40.0, 9.0), closures=(shut,)))
    assert plan.status == "infeasible"
    assert plan.legs == ()


def test_a_late_echelon_names_the_last_to_come(planner: Planner, june: Situation) -> None:
    plan = planner.first_plan(asking(june, persons=60, due_min=20))
    reason = next(r for r in plan.reasons if r.subject_kind == "echelon")
    assert reason.code == "late"
    assert "the last to come is" in reason.text.en


def test_a_situation_without_an_incident_asks_nothing(planner: Planner, june: Situation) -> None:
    with pytest.raises(NothingAskedError, match="Report an incident"):
        planner.first_plan(msgspec.structs.replace(june, incidents=()))


def test_no_unit_at_all_is_infeasible(planner: Planner, june: Situation) -> None:
    plan = planner.first_plan(msgspec.structs.replace(june, craft=(), groups=()))
    assert plan.status == "infeasible"


def test_units_on_another_task_are_left_out(planner: Planner, june: Situation, june_plan: Plan) -> None:
    busy = june_plan.legs[0].group_ids[0]
    groups = tuple(
        msgspec.structs.replace(state, status="on_scene") if state.group.id == busy else state for state in june.groups
    )
    plan = planner.first_plan(msgspec.structs.replace(june, groups=groups))
    assert all(busy not in leg.group_ids for leg in plan.legs)


def test_standing_cover_is_shown_for_each_station_that_sends(june_plan: Plan) -> None:
    assert june_plan.cover
    for row in june_plan.cover:
        assert row.groups_left < row.groups_before
        assert row.groups_left >= row.keep


def test_a_group_that_may_not_be_sent_still_stands_cover(planner: Planner, june: Situation, june_plan: Plan) -> None:
    """With its fellow barred by the officer, a group may leave: the barred one stays at home."""
    row = next(row for row in june_plan.cover if row.keep == 1 and row.groups_before == 2)
    sent = {g for leg in june_plan.legs for g in leg.group_ids}
    fellow = next(s.group.id for s in june.groups if s.group.home_site_id == row.station_id and s.group.id not in sent)
    plan = planner.first_plan(msgspec.structs.replace(june, forbidden={fellow: Text("训练", "training")}))
    assert any(other.station_id == row.station_id and other.groups_left == 1 for other in plan.cover)


def test_a_plan_holds_when_others_have_left_the_same_station(
    planner: Planner, zhoushan: Region, zhoushan_network: Network, june: Situation, june_plan: Plan
) -> None:
    """Accepting a plan checks it against the picture of now: what others did must not refuse it without cause."""
    row = next(row for row in june_plan.cover if row.groups_left > row.keep)
    sent = {g for leg in june_plan.legs for g in leg.group_ids}
    gone = next(s.group.id for s in june.groups if s.group.home_site_id == row.station_id and s.group.id not in sent)
    groups = tuple(
        msgspec.structs.replace(s, status="en_route", site_id=None) if s.group.id == gone else s for s in june.groups
    )
    now = msgspec.structs.replace(june, groups=groups)
    plan = msgspec.structs.replace(june_plan, situation_hash=now.content_hash())
    assert check_plan(plan, now, zhoushan, zhoushan_network) == []


def test_iterations_repeat_and_improve_on_the_first_plan(
    zhoushan: Region, zhoushan_network: Network, planner: Planner
) -> None:
    situation = situation_of("may-swell-miaozihu", zhoushan)
    options = SolveOptions(seed=3, iterations=2_000)
    first, again = (planner.best_plan(situation, "balanced", options) for _ in range(2))
    assert first.id == again.id
    assert first.objective.total <= planner.first_plan(situation).objective.total
    alone = solve_deployment(situation, zhoushan, zhoushan_network, SolveOptions(iterations=0))
    assert alone.id == planner.first_plan(situation).id


def test_better_plans_are_told_on_the_way(planner: Planner, june: Situation) -> None:
    heard: list[Plan] = []
    final = planner.best_plan(june, "balanced", SolveOptions(iterations=0), on_plan=heard.append)
    assert heard
    assert [p.objective.total for p in heard] == sorted((p.objective.total for p in heard), reverse=True)
    assert final.objective.total == heard[-1].objective.total
