"""Bad requests are refused at the constructor, in both languages, naming the thing and the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from data.errors import TongzhouError
from data.text import Text
from routing.deploy.problem import EchelonNeed, Trip
from routing.replan.difference import Names
from routing.replan.events import (
    CraftLost,
    EchelonAdded,
    EchelonChanged,
    Event,
    ForbidCraft,
    ForbidPair,
    GroupDelayed,
    GroupLost,
    LinkClosed,
    LinkSlower,
    PierClosed,
    PinGroup,
    PinTrip,
)
from routing.replan.replan import Replanning
from routing.replan.request import ReplanRequest
from tests.routing.deploy.samples import tiny_problem
from tests.routing.replan.test_events_by_hand import FIRST, SECOND


def request(*events: Event, **fields: Any) -> ReplanRequest:
    given = {"trips": (FIRST, SECOND), "directs": (), "at_min": 6} | fields
    return ReplanRequest(tiny_problem(), events=events, **given)


@pytest.mark.parametrize(
    ("events", "fields", "said", "zh"),
    [
        ((), {"at_min": -1}, "at_min", "at_min"),
        ((), {"at_min": 121}, "plan anew after that", "重新制定方案"),
        ((), {"change_points": -1}, "change_points", "不能为负数"),
        ((), {"trips": (Trip(0, 0, 0, 0, (0, 1), 4, 6, 17),)}, "breaks its own rules", "现行方案"),
        ((CraftLost(2),), {}, "craft 2 does not exist; there are 2", "没有 craft 2"),
        ((CraftLost(-1),), {}, "craft -1 does not exist", "没有"),
        ((CraftLost(1, -3),), {}, "returned_min may not be negative", "不能为负数"),
        ((PierClosed("landing", 1, 0, 9),), {}, "landing 1 does not exist", "没有 landing 1"),
        ((PierClosed("pickup", 1, 9, 9),), {}, "ends before it starts", "请对调"),
        ((LinkClosed(9, 2),), {}, "ends before it starts", "请对调"),
        ((LinkSlower(90),), {}, "percent must lie in 100..1000", "关闭航线"),
        ((EchelonChanged(2, 4),), {}, "echelon 2 does not exist", "没有"),
        ((EchelonChanged(1, 0),), {}, "persons must be 1 or more", "不小于 1"),
        ((EchelonAdded(EchelonNeed(0, 4, "divers", 1)),), {}, "divers", "divers"),
        ((GroupDelayed(2, 0),), {}, "minutes must be 1 or more", "不小于 1"),
        ((GroupDelayed(0, 5),), {}, "group 0 has boarded or arrived", "已登船或已到达"),
        ((GroupLost(0),), {}, "report its craft lost", "改报船艇失效"),
        ((PinTrip(Trip(1, 0, 1, 0, (2,), 10, 12, 35)),), {}, "not of the plan in force", "不在现行方案中"),
        ((PinGroup(2, 1), CraftLost(1)), {}, "take the pin or the ban back", "请撤回"),
        ((PinGroup(2, 1), PinGroup(2, 0)), {}, "take the pin or the ban back", "请撤回"),
        ((PinTrip(SECOND), ForbidPair(2, 1)), {}, "take the pin or the ban back", "请撤回"),
        ((PinTrip(SECOND), ForbidCraft(1)), {}, "take the pin or the ban back", "请撤回"),
    ],
)
def test_a_bad_request_is_refused_in_words(
    events: tuple[Event, ...], fields: dict[str, Any], said: str, zh: str
) -> None:
    with pytest.raises(TongzhouError, match=said) as refused:
        request(*events, **fields)
    assert zh in refused.value.said("zh")


def test_names_stand_in_the_list() -> None:
    names = Names(craft=(Text(zh="甲艇", en="Alpha"), Text(zh="乙艇", en="Bravo")))
    said = [change.text for change in Replanning(request(CraftLost(1)), names).repair().changes]
    assert "Bravo: no longer used (1 trip(s) before)" in [text.en for text in said]
    assert "乙艇：不再使用（原有 1 个航次）" in [text.zh for text in said]


def test_the_list_has_a_stable_order() -> None:
    changes = Replanning(request(CraftLost(1), EchelonChanged(0, 14))).repair().changes
    order = {"echelon": 0, "craft": 1, "group": 2}
    assert [order[c.kind] for c in changes] == sorted(order[c.kind] for c in changes)
    for kind in order:
        indices = [c.index for c in changes if c.kind == kind]
        assert indices == sorted(indices)
