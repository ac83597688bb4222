"""A stored plan of a shipped scenario is read back from its legs, re-planned, and its changes told by name."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from data.geography import Region
from data.plans import Plan
from data.scenario import read_scenario
from routing.deploy.compile import Compiled
from routing.deploy.deployment import Planner
from routing.deploy.evaluate import score
from routing.replan.events import CraftLost, ReplanFaultError
from routing.replan.plans import names_of, read_back, request_for
from routing.replan.replan import Replanning


@pytest.fixture(scope="module")
def stored(planner: Planner, zhoushan: Region) -> tuple[Compiled, Plan]:
    situation = read_scenario("june-major-case", zhoushan).situation()
    return planner.compiled(situation), planner.first_plan(situation)


def test_the_legs_of_a_plan_give_its_trips_and_its_points(stored: tuple[Compiled, Plan]) -> None:
    compiled, plan = stored
    trips, directs = read_back(compiled, plan)
    found = score(compiled.for_alternative(plan.alternative), trips, directs)
    assert (found.total, found.unmet, found.craft_minutes) == (
        plan.objective.total,
        plan.objective.unmet,
        plan.objective.craft_minutes,
    )
    assert sum(len(t.groups) for t in trips) + len(directs) > 0


def test_a_lost_craft_of_a_stored_plan_is_told_by_its_name(stored: tuple[Compiled, Plan]) -> None:
    compiled, plan = stored
    trips, _ = read_back(compiled, plan)
    last = max(trips, key=lambda t: t.board_min)
    at = plan.start_at + timedelta(minutes=last.board_min - 1)
    request = request_for(compiled, plan, at, (CraftLost(last.craft),))
    answer = Replanning(request, names_of(compiled)).repair()
    assert all(t in answer.trips for t in trips if t.board_min <= request.at_min and t.craft != last.craft)
    name = compiled.candidates.craft[last.craft].craft.call_sign
    said = [c.text for c in answer.changes if c.kind == "craft" and c.index == last.craft]
    assert said
    assert all(text.zh.startswith(name.zh) and text.en.startswith(name.en) for text in said)


def test_a_plan_of_another_situation_is_refused(stored: tuple[Compiled, Plan]) -> None:
    compiled, plan = stored
    with pytest.raises(ReplanFaultError, match="another situation") as refused:
        read_back(compiled, msgspec.structs.replace(plan, situation_hash="0"))
    assert "另一态势" in refused.value.said("zh")


def test_a_leg_with_an_unknown_craft_is_refused_by_its_name(stored: tuple[Compiled, Plan]) -> None:
    compiled, plan = stored
    legs = tuple(
        msgspec.structs.replace(leg, craft_id="nobody") if leg.purpose == "carry" else leg for leg in plan.legs
    )
    with pytest.raises(ReplanFaultError, match="no 'nobody'"):
        read_back(compiled, msgspec.structs.replace(plan, legs=legs))
