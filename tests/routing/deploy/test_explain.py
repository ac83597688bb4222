"""Every craft left unused says which constraint binds it, with the two numbers that say so."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import msgspec
import numpy as np
import pytest

from data.geography import Region
from data.plans import Plan, Reason
from data.scenario import read_scenario
from data.situation import Situation
from data.text import Text
from data.weather import Closure
from routing.deploy.compile import Compiled
from routing.deploy.deployment import Planner
from routing.deploy.explain import explain
from routing.deploy.problem import SolveOptions
from routing.deploy.solve import solve
from routing.network.network import Network
from tests.routing.test_plan import asking, situation_of, stormy


@pytest.fixture(scope="module")
def june(zhoushan: Region) -> Situation:
    return situation_of("june-major-case", zhoushan)


def reasons_of(compiled: Compiled, code: str) -> list[Reason]:
    solution = solve(compiled.problem, SolveOptions(iterations=0))
    return [one for one in explain(compiled, solution) if one.subject_kind == "craft" and one.code == code]


def other_classes(zhoushan: Region, network: Network, **changes: object) -> Planner:
    """A planner whose boats have other limits."""
    classes = {
        name: msgspec.structs.replace(one, **(changes if one.mode == "sea" else {}))
        for name, one in zhoushan.craft_classes.items()
    }
    region = replace(zhoushan, craft_classes=classes)
    return Planner(region, Network(region, network.lanes))


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"(?<![\d:])\d+(?![\d:])", text)]


def test_a_range_too_short_is_told_in_miles(zhoushan: Region, zhoushan_network: Network, june: Situation) -> None:
    planner = other_classes(zhoushan, zhoushan_network, range_nm=3.0)
    found = reasons_of(planner.compiled(asking(june, persons=100)), "range")
    assert found
    for reason in found:
        needs, has = numbers(reason.text.en)
        assert needs > has == 2
        assert numbers(reason.text.zh) == [needs, has]


def test_seats_too_few_are_told_beside_the_smallest_group(
    zhoushan: Region, zhoushan_network: Network, june: Situation
) -> None:
    compiled = other_classes(zhoushan, zhoushan_network, seats=1).compiled(asking(june, persons=100))
    found = reasons_of(compiled, "no-fit")
    assert found
    for reason in found:
        assert numbers(reason.text.en) == [1, int(compiled.problem.strength.min())]


def test_deck_slots_too_few_are_told_beside_what_groups_need(planner: Planner, june: Situation) -> None:
    compiled = planner.compiled(asking(june, persons=100))
    loaded = replace(compiled, problem=replace(compiled.problem, group_slots=np.full(compiled.problem.num_groups, 9)))
    found = reasons_of(loaded, "no-fit")
    assert found
    assert all(numbers(reason.text.en)[1] == 9 > numbers(reason.text.en)[0] for reason in found)


def test_a_limit_names_the_value_and_the_limit(planner: Planner, june: Situation) -> None:
    found = reasons_of(planner.compiled(stormy(asking(june, persons=40), 40.0, 9.0)), "limit")
    assert found
    for reason in found:
        assert re.search(r"\d.*over its limit.*\d", reason.text.en), reason.text.en


def test_a_craft_too_late_names_its_arrival_and_the_end(planner: Planner, june: Situation) -> None:
    compiled = planner.compiled(asking(june, persons=5))
    for reason in reasons_of(compiled, "too-late"):
        arrival, end = re.findall(r"\d\d:\d\d", reason.text.en)
        assert arrival > end


def test_a_craft_not_needed_names_the_echelon_complete_without_it(planner: Planner, june: Situation) -> None:
    compiled = planner.compiled(june)
    found = reasons_of(compiled, "not-needed")
    assert found
    for reason in found:
        clocks = re.findall(r"\d\d:\d\d", reason.text.en)
        assert clocks
        if "without it" in reason.text.en:
            assert clocks[0] < clocks[1]
            assert "the search found no" in reason.text.en, "an unproven plan claims no proof"


def test_a_berthing_names_the_place_and_what_the_craft_needs(
    zhoushan: Region, zhoushan_network: Network, june: Situation
) -> None:
    planner = other_classes(zhoushan, zhoushan_network, berthing=frozenset({"field"}))
    found = reasons_of(planner.compiled(asking(june, persons=40)), "berthing")
    assert all("it cannot berth at" in reason.text.en and "a field" in reason.text.en for reason in found)
    assert found


def test_where_every_pier_is_shut_the_closure_is_the_reason_and_not_the_berthing(
    planner: Planner, zhoushan: Region, june: Situation
) -> None:
    island_id = june.incidents[0].island_id
    closures = tuple(
        Closure(
            id=pier.id, target_kind="pier", target_id=pier.id, from_at=june.at - timedelta(hours=1), until_at=None,
            reason=Text("栈桥受损", "jetty damaged"), author="test",
        )
        for pier in zhoushan.piers.values()
        if pier.island_id == island_id
    )  # fmt: skip
    shut = msgspec.structs.replace(june, incidents=june.incidents[:1], closures=closures)
    boats = {state.craft.id for state in shut.craft if zhoushan.craft_classes[state.craft.class_id].mode == "sea"}
    found = [one for one in planner.first_plan(shut).reasons if one.subject_id in boats]
    closed = [one for one in found if one.code == "limit" and "jetty damaged" in one.text.en]
    assert closed
    assert all("栈桥受损" in one.text.zh for one in closed)
    assert not [one for one in found if one.code == "berthing"], "a boat that could berth there is told it cannot"


def test_a_floor_names_what_was_sent_and_what_must_stay(planner: Planner, june: Situation) -> None:
    plan: Plan = planner.first_plan(june)
    found = [one for one in plan.reasons if one.subject_kind == "group" and one.code == "cover"]
    assert found
    for reason in found:
        sent, floor = numbers(reason.text.en)[-2:]
        assert (sent, floor) >= (0, 1)


def test_a_shut_pier_names_what_shuts_it(planner: Planner, zhoushan: Region) -> None:
    plan = planner.first_plan(read_scenario("may-swell-miaozihu", zhoushan).situation())
    (reason,) = (one for one in plan.reasons if one.code == "pier-closed")
    assert "is shut: " in reason.text.en
