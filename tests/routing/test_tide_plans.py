"""Plans that land at a beach keep to its tide, and the check refuses one that does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest

from data.geography import Region
from data.incidents import Echelon
from data.plans import Leg, Plan
from data.scenario import read_scenario
from data.situation import Situation
from data.text import Text
from data.weather import Closure, Forecast
from routing.check import check_plan
from routing.deploy.deployment import Planner
from routing.handling import load_minutes, unload_minutes
from routing.network.network import Network

BEACH = "tawan-beach"
HIGH_M, LOW_M = 2.4, 0.4
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def only_by_the_beach(zhoushan: Region) -> Situation:
    """An incident above the beach of an island whose piers are shut, and no helicopter flies."""
    situation = read_scenario("june-major-case", zhoushan).situation()
    beach = zhoushan.piers[BEACH]
    need = Echelon(id="all", name=Text("全部", "All"), persons=40, skill="police", weight=1, due_min=None)
    incident = msgspec.structs.replace(
        situation.incidents[0],
        island_id=beach.island_id,
        lon_deg=zhoushan.helipads["tawan-beach-taohua"].lon_deg,
        lat_deg=zhoushan.helipads["tawan-beach-taohua"].lat_deg,
        echelons=(need,),
    )
    shut = tuple(
        Closure(
            id=f"shut-{pier.id}", target_kind="pier", target_id=pier.id, from_at=situation.at, until_at=None,
            reason=Text("演练", "exercise"), author="test",
        )
        for pier in zhoushan.piers.values()
        if pier.island_id == beach.island_id and pier.id != BEACH
    )  # fmt: skip
    grounded = tuple(
        msgspec.structs.replace(state, excluded=Text("停飞", "grounded"))
        if zhoushan.craft_classes[state.craft.class_id].mode == "air"
        else state
        for state in situation.craft
    )
    return msgspec.structs.replace(situation, incidents=(incident,), closures=shut, craft=grounded)


def with_tide(situation: Situation, tide_m: Callable[[datetime], float | None]) -> Situation:
    assert situation.forecast is not None
    hours = tuple(msgspec.structs.replace(one, tide_m=tide_m(one.valid_from)) for one in situation.forecast.hours)
    forecast: Forecast = msgspec.structs.replace(situation.forecast, hours=hours)
    return msgspec.structs.replace(situation, forecast=forecast)


def landings(plan: Plan) -> list[Leg]:
    return [leg for leg in plan.legs if leg.purpose == "carry"]


@pytest.fixture(scope="module")
def at_high_water(only_by_the_beach: Situation, planner: Planner) -> Plan:
    return planner.first_plan(with_tide(only_by_the_beach, lambda _: HIGH_M))


def test_with_water_on_the_beach_they_land_there(
    at_high_water: Plan, only_by_the_beach: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    assert {leg.to_site for leg in landings(at_high_water)} == {BEACH}
    assert check_plan(at_high_water, with_tide(only_by_the_beach, lambda _: HIGH_M), zhoushan, zhoushan_network) == []


def test_the_same_plan_at_low_water_is_refused_with_height_and_bound(
    at_high_water: Plan, only_by_the_beach: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    low = with_tide(only_by_the_beach, lambda _: LOW_M)
    faults = [fault for fault in check_plan(at_high_water, low, zhoushan, zhoushan_network) if fault.code == "closed"]
    assert {fault.leg_id for fault in faults} >= {leg.id for leg in landings(at_high_water)}
    assert all("tide 0.4 m under its limit 1.2 m" in fault.text.en for fault in faults)
    assert all("潮位 0.4 m 低于限值 1.2 m" in fault.text.zh for fault in faults)


def test_a_plan_waits_for_the_tide_to_rise(
    at_high_water: Plan,
    only_by_the_beach: Situation,
    planner: Planner,
    zhoushan: Region,
    zhoushan_network: Network,
) -> None:
    turn = max(leg.arrive_at for leg in landings(at_high_water)).replace(minute=0, second=0) + timedelta(hours=1)
    rising = with_tide(only_by_the_beach, lambda at: LOW_M if at <= turn else HIGH_M)
    plan = planner.first_plan(rising)
    assert check_plan(plan, rising, zhoushan, zhoushan_network) == []
    enough = turn + (1.2 - LOW_M) / (HIGH_M - LOW_M) * timedelta(hours=1)
    assert landings(plan)
    for leg in landings(plan):
        craft_class = zhoushan.craft_classes[leg.craft_class or ""]
        assert leg.to_site == BEACH
        assert leg.arrive_at >= enough + load_minutes(craft_class) * MINUTE
        assert leg.arrive_at < enough + timedelta(hours=2), "it need not wait longer than the tide does"


def test_a_plan_is_ashore_before_the_tide_leaves(
    at_high_water: Plan,
    only_by_the_beach: Situation,
    planner: Planner,
    zhoushan: Region,
    zhoushan_network: Network,
) -> None:
    turn = min(leg.arrive_at for leg in landings(at_high_water)).replace(minute=0, second=0)
    falling = with_tide(only_by_the_beach, lambda at: HIGH_M if at <= turn else LOW_M)
    plan = planner.first_plan(falling)
    assert check_plan(plan, falling, zhoushan, zhoushan_network) == []
    gone = turn + (HIGH_M - 1.2) / (HIGH_M - LOW_M) * timedelta(hours=1)
    for leg in landings(plan):
        craft_class = zhoushan.craft_classes[leg.craft_class or ""]
        assert leg.arrive_at + unload_minutes(craft_class) * MINUTE <= gone
    assert 0 < len(landings(plan)) < len(landings(at_high_water))


def test_a_tide_nobody_knows_keeps_everybody_off_the_beach_and_says_why(
    only_by_the_beach: Situation, planner: Planner, zhoushan: Region, zhoushan_network: Network
) -> None:
    unknown = with_tide(only_by_the_beach, lambda _: None)
    plan = planner.first_plan(unknown)
    assert check_plan(plan, unknown, zhoushan, zhoushan_network) == []
    assert landings(plan) == []
    state = zhoushan_network.pier_state(zhoushan.piers[BEACH], None, unknown.forecast, (), unknown.at)
    assert state.status == "closed"
    assert state.text is not None
    assert state.text.en == "tide not known (usable from 1.2 to 3.4 m)"
    said = {reason.subject_id: reason.text.en for reason in plan.reasons}
    assert said[BEACH] == "Tawan beach is shut: tide not known (usable from 1.2 to 3.4 m)"
