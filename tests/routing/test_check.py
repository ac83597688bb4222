"""The check finds every kind of edit to a sound plan, and names the leg and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from data.geography import Region
from data.plans import Leg, Plan
from data.scenario import read_scenario
from data.situation import Situation
from routing import check_totals
from routing.check import RULES, check_plan
from routing.deploy.compile import HORIZON_MIN
from routing.deploy.deployment import Planner
from routing.deploy.problem import ALTERNATIVES, Weights
from routing.network.network import Network

Edit = Callable[[Plan], Plan]


@pytest.fixture(scope="module")
def situation(zhoushan: Region) -> Situation:
    return read_scenario("june-major-case", zhoushan).situation()


@pytest.fixture(scope="module")
def plan(planner: Planner, situation: Situation) -> Plan:
    return planner.first_plan(situation)


def change(plan: Plan, which: Callable[[Leg], bool], **given: object) -> Plan:
    """The plan with the first leg that fits changed."""
    legs = list(plan.legs)
    n = next(n for n, leg in enumerate(legs) if which(leg))
    changes = {name: value(legs[n]) if callable(value) else value for name, value in given.items()}
    legs[n] = msgspec.structs.replace(legs[n], **changes)
    return msgspec.structs.replace(plan, legs=tuple(legs))


def earlier(name: str, minutes: int) -> Callable[[Leg], object]:
    return lambda leg: getattr(leg, name) - timedelta(minutes=minutes)


def is_carry(leg: Leg) -> bool:
    return leg.purpose == "carry"


def is_boat_carry(leg: Leg) -> bool:
    return leg.purpose == "carry" and leg.mode == "sea"


def is_position(leg: Leg) -> bool:
    return leg.purpose == "position"


def add_group_twice(plan: Plan) -> Plan:
    carries = [leg for leg in plan.legs if is_carry(leg)]
    extra = carries[0].group_ids[0]
    return change(plan, lambda leg: leg.id == carries[-1].id, group_ids=lambda leg: (*leg.group_ids, extra))


def all_on_the_smallest(plan: Plan) -> Plan:
    """Every carried group aboard the first boat."""
    everybody = tuple(dict.fromkeys(g for leg in plan.legs if is_carry(leg) for g in leg.group_ids))
    return change(plan, is_boat_carry, group_ids=everybody)


def objective(**given: int) -> Edit:
    return lambda plan: msgspec.structs.replace(plan, objective=msgspec.structs.replace(plan.objective, **given))


EDITS: dict[str, tuple[Edit, str]] = {
    "a crossing departs 10 min earlier": (
        lambda p: change(p, is_carry, depart_at=earlier("depart_at", 10), arrive_at=earlier("arrive_at", 10)),
        "handling",
    ),
    "a crossing is 10 min quicker": (
        lambda p: change(p, is_carry, arrive_at=earlier("arrive_at", 10)), "too-fast",
    ),
    "boarding starts before the group is there": (
        lambda p: change(p, is_carry, board_at=earlier("board_at", 30)), "chain-time",
    ),
    "unloading is skipped": (lambda p: change(p, is_carry, unloaded_at=lambda leg: leg.arrive_at), "handling"),
    "no boarding time": (lambda p: change(p, is_carry, board_at=None), "handling"),
    "a group twice": (add_group_twice, "group-twice"),
    "a craft overfilled": (all_on_the_smallest, "seats"),
    "persons miscounted": (lambda p: change(p, is_carry, persons=1), "persons"),
    "an unknown craft": (lambda p: change(p, is_carry, craft_id="boat-of-dreams"), "unknown-craft"),
    "an unknown group": (lambda p: change(p, is_carry, group_ids=("nobody",)), "unknown-group"),
    "an unknown pier": (lambda p: change(p, is_carry, to_site="miaozhu"), "unknown-place"),
    "another class": (lambda p: change(p, is_carry, craft_class="bus"), "craft-class"),
    "another incident": (lambda p: change(p, is_carry, incident_id="elsewhere"), "unknown-incident"),
    "no craft": (lambda p: change(p, is_carry, craft_id=None), "craft-missing"),
    "a boat that flies": (lambda p: change(p, is_boat_carry, mode="air"), "mode"),
    "arrival before departure": (
        lambda p: change(p, is_carry, arrive_at=lambda leg: leg.depart_at - timedelta(minutes=1)), "time-order",
    ),
    "a leg left out": (
        lambda p: msgspec.structs.replace(p, legs=tuple(leg for leg in p.legs if not is_position(leg))), "start-place",
    ),
    "a last mile left out": (
        lambda p: msgspec.structs.replace(p, legs=tuple(leg for leg in p.legs if leg.purpose != "last_mile")),
        "never-arrives",
    ),
    "off before it is ready": (
        lambda p: change(p, lambda leg: leg.purpose == "first_mile", depart_at=lambda leg: p.start_at), "not-ready",
    ),
    "another length": (lambda p: change(p, is_carry, length_m=1.0), "length"),
    "a band beside its arrival": (
        lambda p: change(p, is_carry, arrive_early_at=lambda leg: leg.arrive_at + timedelta(minutes=1)), "band",
    ),
    "a better objective": (objective(total=1), "objective"),
    "a term too low": (objective(craft_minutes=0), "objective"),
    "craft priced where they are free": (objective(craft_used=1_500), "objective"),
    "a bound above the objective": (lambda p: msgspec.structs.replace(p, bound=p.objective.total + 1.0), "bound"),
    "a smaller gap": (lambda p: msgspec.structs.replace(p, gap=0.0), "gap"),
    "called optimal": (lambda p: msgspec.structs.replace(p, status="optimal"), "status"),
    "called infeasible": (lambda p: msgspec.structs.replace(p, status="infeasible"), "status"),
    "more persons": (lambda p: msgspec.structs.replace(p, persons=p.persons + 1), "head-count"),
    "an echelon sooner": (
        lambda p: msgspec.structs.replace(
            p, echelons=(msgspec.structs.replace(p.echelons[0], complete_min=1), *p.echelons[1:])
        ),
        "echelon",
    ),
    "an echelon dropped": (lambda p: msgspec.structs.replace(p, echelons=p.echelons[1:]), "echelon"),
    "cover that is not there": (
        lambda p: msgspec.structs.replace(
            p, cover=(msgspec.structs.replace(p.cover[0], groups_left=9), *p.cover[1:])
        ),
        "cover-table",
    ),
    "another format": (lambda p: msgspec.structs.replace(p, format="other/1"), "format"),
    "another region": (lambda p: msgspec.structs.replace(p, region_hash="0"), "region-hash"),
    "another situation": (lambda p: msgspec.structs.replace(p, situation_hash="0"), "situation-hash"),
    "another start": (lambda p: msgspec.structs.replace(p, start_at=p.start_at + timedelta(minutes=5)), "start"),
}  # fmt: skip


def test_the_plan_is_sound(plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network) -> None:
    assert check_plan(plan, situation, zhoushan, zhoushan_network) == []


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_found_and_worded(
    name: str, plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    edit, code = EDITS[name]
    edited = edit(plan)
    assert edited != plan
    faults = check_plan(edited, situation, zhoushan, zhoushan_network)
    found = [fault for fault in faults if fault.code == code]
    assert found, f"{name}: expected '{code}', found {[fault.code for fault in faults]}"
    changed = {leg.id for leg in edited.legs} - {leg.id for leg in edited.legs if leg in plan.legs}
    if changed and found[0].leg_id is not None:
        assert any(fault.leg_id in fault.text.en for fault in found if fault.leg_id)
    for fault in found:
        assert fault.text.zh
        assert fault.text.en.endswith((".", "?"))


def test_more_craft_than_berths_are_found(
    plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    """Every boat unloads at one minute at one pier."""
    boats = [leg for leg in plan.legs if is_boat_carry(leg)]
    latest = max(leg.unloaded_at for leg in boats if leg.unloaded_at)
    pier = boats[0].to_site
    assert sum(leg.to_site == pier for leg in boats) > zhoushan.piers[pier].berths
    legs = tuple(
        msgspec.structs.replace(leg, unloaded_at=latest) if leg in boats and leg.to_site == pier else leg
        for leg in plan.legs
    )
    faults = check_plan(msgspec.structs.replace(plan, legs=legs), situation, zhoushan, zhoushan_network)
    assert any(fault.code == "berths" for fault in faults)


def test_a_forecast_that_turned_is_found(
    plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    assert situation.forecast is not None
    hours = tuple(msgspec.structs.replace(h, wind_mps=30.0, gust_mps=35.0, hs_m=6.0) for h in situation.forecast.hours)
    worse = msgspec.structs.replace(situation, forecast=msgspec.structs.replace(situation.forecast, hours=hours))
    faults = check_plan(plan, worse, zhoushan, zhoushan_network)
    closed = {fault.leg_id for fault in faults if fault.code == "closed"}
    assert closed >= {leg.id for leg in plan.legs if is_carry(leg)}


def test_a_unit_taken_meanwhile_is_found(
    plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    taken = next(leg.craft_id for leg in plan.legs if leg.craft_id)
    craft = tuple(
        msgspec.structs.replace(state, status="en_route") if state.craft.id == taken else state
        for state in situation.craft
    )
    faults = check_plan(plan, msgspec.structs.replace(situation, craft=craft), zhoushan, zhoushan_network)
    assert any(fault.code == "not-free" and fault.subject_id == taken for fault in faults)


def test_a_station_stripped_below_its_floor_is_found(
    plan: Plan, situation: Situation, zhoushan: Region, zhoushan_network: Network
) -> None:
    station = plan.cover[0].station_id
    stripped = tuple(
        state for state in situation.groups
        if state.group.home_site_id != station or any(state.group.id in leg.group_ids for leg in plan.legs)
    )  # fmt: skip
    assert zhoushan.stations[station].keep_groups > 0
    faults = check_plan(plan, msgspec.structs.replace(situation, groups=stripped), zhoushan, zhoushan_network)
    assert any(fault.code == "cover" and fault.subject_id == station for fault in faults)


def test_the_checks_prices_are_those_of_the_model() -> None:
    """They are written twice on purpose; this keeps the two in step."""
    weights = Weights()
    assert weights.minute == check_totals.POINTS_A_MINUTE
    assert weights.unmet_min == check_totals.UNMET_MIN
    assert weights.missing_min == check_totals.MISSING_MIN
    assert weights.craft_minute == check_totals.CRAFT_MINUTE_POINTS
    assert {name: one.cover for name, one in ALTERNATIVES.items()} == check_totals.COVER_POINTS
    assert {name: one.craft for name, one in ALTERNATIVES.items()} == check_totals.CRAFT_POINTS
    assert check_totals.HORIZON_MIN == HORIZON_MIN


def test_the_check_imports_no_solver() -> None:
    import ast
    import sys
    from pathlib import Path

    modules = {rule.__module__ for rule in RULES} | {"routing.check", "routing.check_context", "routing.handling"}
    for name in modules:
        file = sys.modules[name].__file__
        assert file is not None
        for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith("routing.deploy"), f"{name} imports {node.module}"
