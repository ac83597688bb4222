"""One small plan, one event at a time, with the minutes worked out by hand.

Boat 0 loads the police groups 0 and 1 at 5, departs at 7 and has them ashore at 18 (scene 22); boat 1 casts off at 0,
loads the medics, group 2, at 9, departs at 11 and has them ashore at 34 (scene 38).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from routing.deploy.evaluate import score
from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct, EchelonNeed, SolveOptions, Trip
from routing.replan.ahead import Ahead
from routing.replan.events import (
    CraftLost,
    EchelonAdded,
    EchelonChanged,
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
    ReplanFaultError,
)
from routing.replan.replan import Replanned, Replanning
from routing.replan.request import ReplanRequest
from tests.routing.deploy.samples import tiny_problem
from tests.routing.replan.drawn_requests import drawn_request

FIRST = Trip(0, 0, 0, 0, (0, 1), 5, 7, 18)
SECOND = Trip(1, 0, 1, 0, (2,), 9, 11, 34)


def answered(at_min: int, *events: Event, problem: DeployProblem | None = None, change_points: int = 100) -> Replanned:
    request = ReplanRequest(problem or tiny_problem(), (FIRST, SECOND), (), at_min, events, (), change_points)
    return Replanning(request).reoptimise(SolveOptions(iterations=2_000))


def trip_of(answer: Replanned, craft: int, board_min: int) -> Trip:
    return next(t for t in answer.trips if (t.craft, t.board_min) == (craft, board_min))


def test_nothing_happens_and_nothing_changes() -> None:
    for minute in (0, 5, 6, 9, 20, 60):
        answer = answered(minute)
        assert answer.trips == (FIRST, SECOND)
        assert answer.changes == ()
        assert answer.objective == score(tiny_problem(), (FIRST, SECOND), ())


def test_who_has_begun_loading_has_begun() -> None:
    assert answered(4).under_way == ()
    assert answered(5).under_way == (FIRST,)
    assert answered(9).under_way == (FIRST, SECOND)


def test_a_lost_boat_is_replaced_by_one_that_has_landed() -> None:
    answer = answered(6, CraftLost(1))
    # Boat 0 is ashore at 18, back at pickup 1 at 30, departs at 32, 12 across, 1 to unload.
    assert answer.trips == (FIRST, Trip(0, 0, 1, 0, (2,), 30, 32, 45))
    assert answer.objective.complete_min == (22, 49)
    assert [change.text.en for change in answer.changes] == [
        "echelon 1: complete at minute 38 -> complete at minute 49",
        "craft 0, trip 2: added, loads at pickup 1 at minute 30",
        "craft 1: no longer used (1 trip(s) before)",
        "group 2: on craft 1 from pickup 1 to incident 0 -> on craft 0 from pickup 1 to incident 0, "
        "arrives at minute 38 -> 49",
    ]
    assert [change.text.zh for change in answer.changes][:2] == [
        "第1梯次：第 38 分钟到齐 → 第 49 分钟到齐",
        "第0艇第 2 航次：新增，第 30 分钟在1号上船点上船",
    ]


def test_a_boat_lost_while_loading_leaves_its_groups_at_the_pickup() -> None:
    answer = answered(6, CraftLost(0))
    # Boat 1 has been away for 6 minutes: home at 12, at pickup 0 at 15.
    assert answer.under_way == ()
    assert min(t.board_min for t in answer.trips if t.pickup == 0) >= 15
    assert all(t.craft == 1 for t in answer.trips)
    # Six police and four medics are the ten that are asked for.
    assert {g for t in answer.trips for g in t.groups} == {0, 2}


def test_a_boat_lost_at_sea_takes_its_groups_with_it_until_they_are_reported_back() -> None:
    gone = answered(8, CraftLost(0))
    assert gone.objective.arrived == (4, 4)
    assert {type(e) for e in gone.standing} == {CraftLost, GroupLost}
    back = answered(8, CraftLost(0, returned_min=25))
    assert back.objective.arrived == (10, 4)
    assert min(t.board_min for t in back.trips if 0 in t.groups) >= 25


def test_a_boat_that_unloads_has_brought_its_groups() -> None:
    assert answered(17, CraftLost(0)).trips == (FIRST, SECOND)


def test_boats_wait_off_a_landing_that_is_closed() -> None:
    answer = answered(10, PierClosed("landing", 0, 16, 40))
    assert [t.land_min for t in answer.trips] == [41, 41]
    assert answer.changed_groups == frozenset()
    assert [(c.kind, c.how, c.minutes) for c in answer.changes] == [
        ("echelon", "later", 23),
        ("echelon", "later", 7),
        ("craft", "later", 23),
        ("craft", "later", 7),
        ("group", "later", 23),
        ("group", "later", 23),
        ("group", "later", 7),
    ]


def test_a_boat_at_sea_turns_to_another_landing_where_that_is_sooner() -> None:
    two = {
        "haul_min": np.array([[[10, 14], [12, 16]], [[20, 24], [22, 26]]]),
        "return_min": np.array([[[10, 12], [14, 16]], [[20, 22], [24, 26]]]),
        "last_mile_min": np.array([[4], [6]]),
        "landing_berths": np.array([2, 2]),
    }
    answer = answered(10, PierClosed("landing", 0, 16, 90), problem=tiny_problem(**two))
    # Three minutes out at 10: back at 13, 14 to the other landing, 1 to unload.
    assert answer.under_way[0] == Trip(0, 0, 0, 1, (0, 1), 5, 7, 28)
    # Still loading until 11: it departs for the other landing at once.
    assert answer.under_way[1] == Trip(1, 0, 1, 1, (2,), 9, 11, 38)


def test_a_closed_pickup_is_left_to_the_boat_that_comes_later() -> None:
    event = PierClosed("pickup", 1, 6, 30)
    assert answered(6, event).objective.complete_min == (22, 49)
    # Where a change costs more than ten minutes the boat waits: it loads from 30 to 32.
    waits = answered(6, event, change_points=5_000)
    assert waits.trips == (FIRST, Trip(1, 0, 1, 0, (2,), 30, 32, 55))


def test_a_pier_that_shuts_on_a_loading_boat_breaks_the_loading_off() -> None:
    answer = answered(10, PierClosed("pickup", 1, 10, 30))
    assert answer.under_way == (FIRST,)
    assert trip_of(answer, 0, 30) == Trip(0, 0, 1, 0, (2,), 30, 32, 45)


def test_a_closed_crossing_opens_again() -> None:
    answer = answered(6, LinkClosed(6, 26, craft=1), change_points=5_000)
    assert trip_of(answer, 1, 24) == Trip(1, 0, 1, 0, (2,), 24, 26, 49)


def test_what_is_left_of_a_crossing_slows_down() -> None:
    answer = answered(10, LinkSlower(200))
    # Boat 0 has 7 of 10 minutes before it: moored at 24. Boat 1 departs at 11 and needs 44.
    assert [t.land_min for t in answer.trips] == [25, 56]


def test_a_larger_echelon_counts_who_is_under_way() -> None:
    assert answered(6, EchelonChanged(0, 15)).objective.complete_min == (38, 38)
    assert answered(6, EchelonChanged(0, 16)).objective.complete_min == (None, 38)
    first = answered(6, EchelonChanged(0, 15)).changes[0]
    assert first.text.en == "echelon 0: asks for 15 persons instead of 10"


def test_an_added_echelon_is_listed() -> None:
    answer = answered(6, EchelonAdded(EchelonNeed(0, 11, "police", 1)))
    assert answer.objective.complete_min == (22, 38, 22)
    assert [c.text.en for c in answer.changes] == ["echelon 2: new, 11 persons, complete at minute 22"]


def test_a_late_group_is_waited_for_by_whoever_is_quicker_then() -> None:
    answer = answered(2, GroupDelayed(2, 30))
    # At pickup 1 at 33; boat 0 is back there at 30.
    assert answer.objective.complete_min == (22, 52)


def test_a_late_driver_is_late() -> None:
    direct = np.full((3, 1), UNREACHABLE)
    direct[2, 0] = 20
    problem = tiny_problem(direct_min=direct)
    request = ReplanRequest(problem, (FIRST,), (Direct(2, 0, 20),), 6, (GroupDelayed(2, 7),))
    assert Replanning(request).repair().objective.complete_min == (22, 27)


def test_a_lost_group_is_not_counted_on() -> None:
    answer = answered(2, GroupLost(2))
    assert answer.objective.complete_min == (22, None)
    assert answer.trips == (FIRST,)


def test_a_pinned_group_rides_its_craft() -> None:
    answer = answered(2, PinGroup(2, 0))
    assert 2 in {g for t in answer.trips if t.craft == 0 for g in t.groups}
    assert answer.objective.complete_min == (22, 49)


def test_a_pinned_trip_is_made_whatever_is_better() -> None:
    assert answered(6, PierClosed("pickup", 1, 6, 30), PinTrip(SECOND)).objective.complete_min == (22, 59)


@pytest.mark.parametrize("event", [ForbidCraft(1), ForbidPair(2, 1), ForbidLink(craft=1)])
def test_what_an_officer_forbids_is_done_by_others(event: Event) -> None:
    answer = answered(6, event)
    assert answer.objective.complete_min == (22, 49)
    assert all(t.craft == 0 for t in answer.trips)


def test_a_forbidden_group_stays() -> None:
    assert answered(6, ForbidGroup(2)).trips == (FIRST,)
    assert answered(9, ForbidGroup(2)).trips == (FIRST, SECOND)  # it has boarded


def test_units_without_orders_have_their_notice_from_now_on() -> None:
    problem = tiny_problem(craft_ready_min=np.array([0, 5]), ready_min=np.array([0, 0, 4]))
    request = ReplanRequest(problem, (FIRST,), (), 6, (ForbidCraft(0),))
    answer = Replanning(request).reoptimise(SolveOptions(iterations=2_000))
    # Boat 1: 6 + 5 + 9 to pickup 1; the medics: 6 + 4 + 3. Departs at 22, 22 across, 1 to unload, 4 to the scene.
    assert answer.objective.complete_min == (22, 49)
    assert trip_of(answer, 1, 20).groups == (2,)


def test_a_berth_that_is_held_is_waited_for() -> None:
    one_berth = tiny_problem(load_min=np.array([20, 2]), pickup_berths=np.array([1, 1]))
    begun = Trip(0, 0, 0, 0, (0,), 5, 25, 36)
    request = ReplanRequest(one_berth, (begun,), (), 6, (EchelonChanged(0, 11), ForbidCraft(0), ForbidGroup(2)))
    answer = Replanning(request).reoptimise(SolveOptions(iterations=2_000))
    # Boat 1 could load group 1 at 11, but boat 0 holds the only berth until 25.
    assert trip_of(answer, 1, 25).groups == (1,)


def test_a_plan_is_replanned_again_with_what_still_holds() -> None:
    first = answered(8, CraftLost(0))
    request = ReplanRequest(tiny_problem(), first.trips, first.directs, 12, (LinkSlower(150),), first.standing)
    second = Replanning(request).repair()
    assert second.objective.arrived == (4, 4)
    # Boat 1 departed at 11: 21 of 22 minutes are left, half as long again.
    assert [t.land_min for t in second.trips] == [12 + 32 + 1]
    third = Replanning(ReplanRequest(tiny_problem(), second.trips, second.directs, 20, (), second.standing)).repair()
    assert third.trips == second.trips


def test_a_pin_that_cannot_be_kept_is_refused_in_words() -> None:
    with pytest.raises(ReplanFaultError, match="group 0 is pinned and has set out") as refused:
        answered(6, PinGroup(0, 1))
    assert "第 0 组" in refused.value.said("zh")
    with pytest.raises(ReplanFaultError, match="cannot ride craft 1"):
        answered(2, PinGroup(0, 1), ForbidLink(craft=1, pickup=0), ForbidLink(craft=1, pickup=1))


def test_a_pin_for_which_no_vehicle_is_left_is_refused() -> None:
    request = drawn_request(4925)
    assert request is not None
    with pytest.raises(ReplanFaultError, match="no vehicle free") as refused:
        Ahead.of(request)
    assert "无车可用" in refused.value.said("zh")
    assert Ahead.of(replace(request, events=())).pinned == ()
