"""The check without a solver sees every planted fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from routing.deploy.problem import Direct, Trip
from routing.replan.check import find_replan_faults, recomputed_score
from routing.replan.events import (
    CraftLost,
    Event,
    ForbidCraft,
    ForbidGroup,
    ForbidLink,
    ForbidPair,
    GroupDelayed,
    GroupLost,
    LinkClosed,
    LinkSlower,
    PierClosed,
    PinGroup,
    PinTrip,
)
from routing.replan.request import ReplanRequest
from tests.routing.deploy.samples import tiny_problem
from tests.routing.replan.test_events_by_hand import FIRST, SECOND

Plan = tuple[Trip, ...]


def faults(at_min: int, events: tuple[Event, ...], trips: Plan, directs: tuple[Direct, ...] = ()) -> list[str]:
    request = ReplanRequest(tiny_problem(), (FIRST, SECOND), (), at_min, events)
    return find_replan_faults(request, trips, directs, recomputed_score(request, trips, directs))


def test_the_plan_in_force_has_no_faults() -> None:
    assert faults(6, (), (FIRST, SECOND)) == []


@pytest.mark.parametrize(
    ("at_min", "events", "trips", "said"),
    [
        (6, (), (SECOND,), "has begun and is gone"),
        (6, (), (replace(FIRST, land_min=19), SECOND), "has begun and is changed"),
        (6, (LinkSlower(120, craft=1),), (replace(FIRST, land_min=19), SECOND), "has begun and is changed"),
        (10, (LinkSlower(120),), (replace(FIRST, groups=(0,)), replace(SECOND, land_min=39)), "is changed"),
        (8, (LinkSlower(120),), (FIRST, replace(SECOND, land_min=38)), "sooner than the slower crossing"),
        (8, (), (FIRST, replace(SECOND, board_min=8, depart_min=10)), "loads at 8, not after minute 8"),
        (6, (CraftLost(1),), (FIRST, SECOND), "lost or forbidden and loads"),
        (6, (ForbidCraft(1),), (FIRST, SECOND), "lost or forbidden and loads"),
        (6, (GroupLost(2),), (FIRST, SECOND), "group 2 is lost or forbidden"),
        (6, (ForbidGroup(2),), (FIRST, SECOND), "group 2 is lost or forbidden"),
        (6, (ForbidPair(2, 1),), (FIRST, SECOND), "group 2 may not ride craft 1"),
        (6, (ForbidLink(pickup=1),), (FIRST, SECOND), "which is forbidden"),
        (6, (GroupDelayed(2, 10),), (FIRST, SECOND), "is at pickup 1 at 13"),
        (6, (PierClosed("pickup", 1, 10, 20),), (FIRST, SECOND), "while it is closed"),
        (6, (PierClosed("landing", 0, 33, 40),), (FIRST, SECOND), "while it is closed"),
        (6, (LinkClosed(11, 12, craft=1),), (FIRST, SECOND), "on a closed crossing"),
        (6, (PinGroup(2, 0),), (FIRST, SECOND), "pinned to craft 0"),
        (6, (PinTrip(SECOND),), (FIRST,), "is pinned and not made"),
        (6, (), (FIRST, replace(SECOND, groups=(1,))), "group 1 is used 2 times"),
        (4, (), (replace(FIRST, groups=(0, 1, 2), board_min=30, depart_min=32, land_min=43),), "15 persons on 12"),
    ],
)
def test_a_planted_fault_is_seen(at_min: int, events: tuple[Event, ...], trips: Plan, said: str) -> None:
    assert any(said in fault for fault in faults(at_min, events, trips))


def test_a_wrong_score_is_seen() -> None:
    request = ReplanRequest(tiny_problem(), (FIRST, SECOND), (), 6, ())
    true = recomputed_score(request, (FIRST, SECOND), ())
    wrong = replace(true, craft_minutes=true.craft_minutes - 1)
    assert find_replan_faults(request, (FIRST, SECOND), (), wrong) == [
        f"the answer claims {true.total - 1} points and costs {true.total}"
    ]


def test_notice_counts_from_now_for_whoever_had_no_orders() -> None:
    problem = tiny_problem(craft_ready_min=np.array([0, 5]), ready_min=np.array([0, 0, 4]))
    request = ReplanRequest(problem, (FIRST,), (), 6, ())
    early = (FIRST, Trip(1, 0, 1, 0, (2,), 14, 16, 39))
    said = find_replan_faults(request, early, (), recomputed_score(request, early, ()))
    assert [s for s in said if "craft 1 had no orders" in s]
    by_road = replace(request, problem=tiny_problem(direct_min=np.full((3, 1), 9)))
    drives = (Direct(2, 0, 9),)
    said = find_replan_faults(by_road, (FIRST,), drives, recomputed_score(by_road, (FIRST,), drives))
    assert [s for s in said if "group 2 had no orders and arrives by road at 9" in s]


def test_an_unsound_answer_is_never_given(monkeypatch: pytest.MonkeyPatch) -> None:
    from routing.replan.moment import at_the_moment
    from routing.replan.replan import Replanning, UnsoundReplanError
    from routing.replan.under_way import UnderWay

    def forgets_the_loss(request: ReplanRequest, under_way: UnderWay, world: object) -> object:
        return at_the_moment(request, under_way, request.problem)

    monkeypatch.setattr("routing.replan.ahead.at_the_moment", forgets_the_loss)
    request: Callable[..., ReplanRequest] = ReplanRequest
    with pytest.raises(UnsoundReplanError, match="craft 1 is lost or forbidden") as refused:
        Replanning(request(tiny_problem(), (FIRST, SECOND), (), 6, (CraftLost(1),))).repair()
    assert "未通过自身核查" in refused.value.said("zh")
