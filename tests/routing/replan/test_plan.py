"""A stored plan under way becomes a new checked plan: what has begun stays, what changes is told with its price."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from data.errors import UnknownNameError
from data.geography import Region
from data.plans import Leg, Plan, read_plan
from data.scenario import read_scenario
from data.situation import Situation
from data.text import Text
from data.weather import Closure
from routing.check import check_plan
from routing.deploy.deployment import Planner
from routing.deploy.problem import SolveOptions
from routing.network.network import Network
from routing.replan.events import ReplanFaultError
from routing.replan.known import Reports, find_known, merged_forecast
from routing.replan.plan import replan_plan

REPAIR = SolveOptions(iterations=0)


@pytest.fixture(scope="module")
def situation(zhoushan: Region) -> Situation:
    return read_scenario("june-major-case", zhoushan).situation()


@pytest.fixture(scope="module")
def plan(planner: Planner, situation: Situation) -> Plan:
    return planner.first_plan(situation)


def at(plan: Plan, minute: int) -> datetime:
    return plan.start_at + timedelta(minutes=minute)


def repaired(planner: Planner, plan: Plan, minute: int, reports: Reports, newer: Situation | None = None) -> Plan:
    return replan_plan(planner, plan, at(plan, minute), reports, newer, REPAIR)


def is_sound(plan: Plan, region: Region, network: Network) -> bool:
    assert plan.situation is not None
    return check_plan(plan, plan.situation, region, network) == []


def carries_after(plan: Plan, minute: int) -> list[Leg]:
    """Return the crossings that have not begun to load, last first."""
    begins = [leg for leg in plan.legs if leg.board_at is not None and leg.board_at > at(plan, minute)]
    return sorted(begins, key=lambda leg: leg.depart_at, reverse=True)


def rougher(situation: Situation, more_m: float) -> Situation:
    assert situation.forecast is not None
    hours = tuple(msgspec.structs.replace(hour, hs_m=hour.hs_m + more_m) for hour in situation.forecast.hours)
    return msgspec.structs.replace(
        situation, forecast=msgspec.structs.replace(situation.forecast, id="f2", hours=hours)
    )


def test_where_nothing_happened_nothing_changes(planner: Planner, plan: Plan) -> None:
    found = repaired(planner, plan, 30, Reports())
    assert found.revision is not None
    assert (found.legs, found.revision.changes, found.revision.change_points) == (plan.legs, (), 0)
    assert found.objective == plan.objective
    assert found.revision.parent_id == plan.id


@pytest.mark.parametrize("minute", [5, 30, 55])
def test_a_lost_craft_leaves_what_has_begun_and_is_told(
    planner: Planner, plan: Plan, zhoushan: Region, zhoushan_network: Network, minute: int
) -> None:
    lost = carries_after(plan, minute)[0].craft_id
    assert lost is not None
    found = repaired(planner, plan, minute, Reports(lost=(lost,)))
    assert is_sound(found, zhoushan, zhoushan_network)
    begun = [leg for leg in plan.legs if leg.purpose == "carry" and leg not in carries_after(plan, minute)]
    assert [leg.id for leg in begun if leg.craft_id != lost and leg not in found.legs] == []
    assert not any(leg.craft_id == lost and leg.board_at and leg.board_at > at(plan, minute) for leg in found.legs)
    revision = found.revision
    assert revision is not None
    assert revision.change_points == 100 * revision.groups_changed
    assert any(change.subject_id == lost for change in revision.changes)
    assert read_plan(msgspec.json.encode(found)) == found


def test_people_aboard_a_craft_lost_at_sea_are_told_of_and_used_no_more(planner: Planner, plan: Plan) -> None:
    at_sea = next(leg for leg in plan.legs if leg.purpose == "carry" and leg.depart_at < at(plan, 30) < leg.arrive_at)
    assert at_sea.craft_id is not None
    found = repaired(planner, plan, 30, Reports(lost=(at_sea.craft_id,)))
    aboard = at_sea.group_ids[0]
    assert found.revision is not None
    assert any("rescue" in text.en and "搜救" in text.zh for text in found.revision.happened)
    again = repaired(planner, found, 40, Reports())
    assert not any(aboard in leg.group_ids for leg in (*found.legs, *again.legs))


@pytest.mark.parametrize("more_m", [0.3, -0.3])
def test_another_sea_is_answered_again_and_again(
    planner: Planner, plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network, more_m: float
) -> None:
    found = repaired(planner, plan, 25, Reports(), rougher(situation, more_m))
    assert is_sound(found, zhoushan, zhoushan_network)
    again = repaired(planner, found, 37, Reports())
    assert is_sound(again, zhoushan, zhoushan_network)
    assert again.revision is not None
    assert again.revision.changes == ()
    assert len(again.revision.known_before) == 2


def test_a_new_incident_gets_its_own_people(
    planner: Planner, plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    one = situation.incidents[0]
    asks = msgspec.structs.replace(one.echelons[0], id="first-new", persons=12, due_min=None)
    new = msgspec.structs.replace(one, id="second", number="0618-002", echelons=(asks,))
    newer = msgspec.structs.replace(situation, incidents=(new, one))
    found = repaired(planner, plan, 30, Reports(), newer)
    assert is_sound(found, zhoushan, zhoushan_network)
    assert found.incident_ids == (one.id, "second")
    assert any(leg.incident_id == "second" for leg in found.legs)
    assert any(row.echelon_id == "first-new" and row.complete_min is not None for row in found.echelons)


def test_a_shut_pier_is_used_no_more(planner: Planner, plan: Plan, zhoushan: Region, zhoushan_network: Network) -> None:
    site = carries_after(plan, 30)[0].from_site
    kind = "helipad" if site in zhoushan.helipads else "pier"
    shut = Closure(
        id="c", target_kind=kind, target_id=site, from_at=at(plan, 30), until_at=None, reason=Text("封", "shut"),
        author="test",
    )  # fmt: skip
    found = repaired(planner, plan, 30, Reports(closures=(shut,)))
    assert is_sound(found, zhoushan, zhoushan_network)
    assert not any(leg.board_at and leg.board_at > at(plan, 30) and leg.from_site == site for leg in found.legs)


def test_a_crossing_under_way_is_judged_by_what_was_known_and_no_other_is(
    planner: Planner, plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    found = repaired(planner, plan, 25, Reports(), rougher(situation, 3.0))
    assert is_sound(found, zhoushan, zhoushan_network)
    assert found.revision is not None
    forgot = msgspec.structs.replace(found, revision=msgspec.structs.replace(found.revision, known_before=()))
    assert not is_sound(forgot, zhoushan, zhoushan_network)


def test_a_plan_that_denies_its_revision_is_refused(
    planner: Planner, plan: Plan, zhoushan: Region, zhoushan_network: Network
) -> None:
    lost = carries_after(plan, 30)[0].craft_id
    assert lost is not None
    found = repaired(planner, plan, 30, Reports(lost=(lost,)))
    kept = msgspec.structs.replace(found, legs=(*found.legs, *(leg for leg in plan.legs if leg.craft_id == lost)))
    assert found.situation is not None
    codes = {fault.code for fault in check_plan(kept, found.situation, zhoushan, zhoushan_network)}
    assert "not-allowed" in codes


@pytest.mark.parametrize(
    ("minute", "reports", "said"),
    [
        (9_999, Reports(), "not one of the plan's"),
        (-1, Reports(), "not one of the plan's"),
        (30, Reports(pinned={"swat-1": "heli-02"}, forbidden=("heli-02",)), "SWAT 1 is pinned to Helicopter 02"),
        (30, Reports(lost=("police-gaoting-1",)), "has boarded or arrived"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    planner: Planner, plan: Plan, minute: int, reports: Reports, said: str
) -> None:
    with pytest.raises(ReplanFaultError, match=said) as refused:
        repaired(planner, plan, minute, reports)
    assert refused.value.said("zh") != str(refused.value)


def test_an_unknown_unit_is_refused_with_near_names(planner: Planner, plan: Plan) -> None:
    with pytest.raises(UnknownNameError, match="heli-02"):
        repaired(planner, plan, 30, Reports(lost=("heli-2",)))


def test_a_situation_without_an_incident_of_the_plan_is_refused(plan: Plan, situation: Situation) -> None:
    other = msgspec.structs.replace(situation, incidents=())
    with pytest.raises(ReplanFaultError, match="closed or not in the newer situation"):
        find_known(plan, at(plan, 30), Reports(), other)


def test_a_newer_forecast_keeps_the_hours_that_are_over(situation: Situation) -> None:
    old, new = situation.forecast, rougher(situation, 1.0).forecast
    assert old is not None
    assert new is not None
    moment = situation.at + timedelta(minutes=25)
    merged = merged_forecast(old, new, moment)
    zone = old.hours[0].zone_id
    assert merged.at(zone, situation.at).hs_m == old.at(zone, situation.at).hs_m
    assert merged.at(zone, moment).hs_m == new.at(zone, moment).hs_m
    assert merged.at(zone, moment - timedelta(minutes=1)).hs_m == old.at(zone, moment - timedelta(minutes=1)).hs_m
