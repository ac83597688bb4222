"""Miaozihu on 31 May: the lee landing is used, queues keep their limit, posts are asked for, nobody is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from data.array_cache import ArrayCache
from data.evacuation import EvacuationPlan
from data.geography import Region
from data.scenario import read_scenario
from data.situation import Situation
from data.text import Text
from data.weather import Closure
from routing.deploy.lane_book import LaneBook
from routing.evacuate.check_plan import check_plan
from routing.evacuate.evacuate import evacuate_island
from routing.evacuate.problem import SolveOptions
from routing.network.network import Network

OPTIONS = SolveOptions(iterations=6_000)


@pytest.fixture(scope="module")
def book(zhoushan_network: Network, network_cache: ArrayCache) -> LaneBook:
    return LaneBook.build(zhoushan_network, network_cache)


@pytest.fixture(scope="module")
def swell(zhoushan: Region) -> Situation:
    return read_scenario("may-swell-miaozihu", zhoushan).situation()


@pytest.fixture(scope="module")
def plan(swell: Situation, zhoushan_network: Network, book: LaneBook) -> EvacuationPlan:
    return evacuate_island(swell, zhoushan_network, book, "miaozihu", OPTIONS)


def test_everybody_leaves_by_the_lee_landing_before_evening(plan: EvacuationPlan) -> None:
    assert (plan.persons, plan.ashore) == (986, 986)
    assert {trip.from_pier for trip in plan.trips} == {"beiao"}
    assert plan.complete_min is not None
    assert 300 <= plan.bound_min <= plan.complete_min <= 500
    piers = {use.pier_id: use for use in plan.piers}
    assert piers["beiao"].open
    assert not piers["miaozihu"].open
    assert piers["miaozihu"].closed_text is not None
    assert {trip.craft_class for trip in plan.trips}.isdisjoint({"fast-ferry", "rhib-8m"})


def test_the_queue_keeps_its_limit_and_the_order_its_classes(plan: EvacuationPlan) -> None:
    beiao = next(use for use in plan.piers if use.pier_id == "beiao")
    assert 0 < beiao.peak <= 200
    assert [group.priority for group in plan.groups][:3] == ["injured", "children", "elderly"]
    assert all(len(group.trip_ids) == 1 for group in plan.groups if group.together)
    assert plan.to_board[0].persons == 986
    assert plan.to_board[-1].persons == 0
    assert plan.ashore_over_time[-1].persons == 986
    assert all(muster.waiting[-1].persons == 0 for muster in plan.musters)


def test_it_beats_the_ways_it_is_set_beside(plan: EvacuationPlan) -> None:
    near, waits = plan.baselines
    assert (near.kind, waits.kind) == ("nearest_first", "wait_for_pier")
    assert near.later_min is not None
    assert near.later_min >= 0
    assert waits.later_min is not None
    assert waits.later_min > 300
    assert waits.persons_today < 986


def test_posts_go_to_those_who_hold_the_island(plan: EvacuationPlan) -> None:
    kinds = {post.kind for post in plan.posts}
    assert kinds == {"crowd_line", "guide"}
    assert all(post.origin_id == plan.id and post.people >= 2 for post in plan.posts)


def test_what_is_assumed_is_said(plan: EvacuationPlan) -> None:
    said = " ".join(text.en for text in plan.assumptions)
    for words in ("asked for are assumed", "fuel is not counted", "helicopters take no part"):
        assert words in said


def test_an_island_nobody_said_anything_of_is_planned_from_its_counts(
    swell: Situation, zhoushan_network: Network, book: LaneBook
) -> None:
    plan = evacuate_island(swell, zhoushan_network, book, "dongfushan", OPTIONS)
    assert plan.persons == 130
    assert any("residents stay" in text.en for text in plan.assumptions)


def test_with_every_pier_shut_everybody_remains_and_it_is_said(
    swell: Situation, zhoushan_network: Network, book: LaneBook
) -> None:
    shut = Closure(
        id="beiao-shut", target_kind="pier", target_id="beiao", reason=Text("封闭", "closed"), from_at=swell.at,
        until_at=None, author="test",
    )  # fmt: skip
    situation = msgspec.structs.replace(swell, closures=(*swell.closures, shut))
    plan = evacuate_island(situation, zhoushan_network, book, "miaozihu", OPTIONS)
    assert (plan.status, plan.ashore, plan.complete_at) == ("none", 0, None)
    assert sum(left.persons for left in plan.unmet) == 986
    assert plan.least_remaining == 986


def test_the_plan_is_told_while_it_gets_better(swell: Situation, zhoushan_network: Network, book: LaneBook) -> None:
    heard: list[EvacuationPlan] = []
    evacuate_island(swell, zhoushan_network, book, "miaozihu", OPTIONS, heard.append)
    ends = [one.complete_min for one in heard]
    assert len(heard) > 1
    assert ends == sorted(ends, reverse=True, key=lambda end: end or 0)


def _lost(plan: EvacuationPlan) -> dict[str, Any]:
    return {"ashore": plan.ashore - 1}


def _long_queue(plan: EvacuationPlan) -> dict[str, Any]:
    piers = [msgspec.structs.replace(use, capacity=5) if use.pier_id == "beiao" else use for use in plan.piers]
    return {"piers": tuple(piers)}


def _late_call(plan: EvacuationPlan) -> dict[str, Any]:
    trip = plan.trips[0]
    calls = tuple(msgspec.structs.replace(one, call_at=trip.load_to) for one in trip.boardings)
    return {"trips": (msgspec.structs.replace(trip, boardings=calls), *plan.trips[1:])}


def _shared_berth(plan: EvacuationPlan) -> dict[str, Any]:
    return {"berths": (*plan.berths, plan.berths[0])}


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (_lost, "ashore and"),
        (_long_queue, "more than it holds"),
        (_late_call, "called too early or too late"),
        (_shared_berth, "is taken twice"),
    ],
)
def test_a_planted_fault_of_the_plan_is_found(
    plan: EvacuationPlan, plant: Callable[[EvacuationPlan], dict[str, Any]], words: str
) -> None:
    assert check_plan(plan) == ()
    broken = msgspec.structs.replace(plan, **plant(plan))
    assert any(words in text.en for text in check_plan(broken))
