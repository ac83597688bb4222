"""All alternatives of situations on the shipped region: where they part, what each costs, and where all are one."""

from __future__ import annotations

import msgspec
import pytest

from data.geography import Region
from data.incidents import Echelon
from data.plans import Alternative, Plan
from data.situation import Situation
from data.text import Text
from routing.check import check_plan
from routing.deploy.alternatives import compare
from routing.deploy.deployment import Planner
from routing.deploy.problem import SolveOptions
from routing.network.network import Network
from tests.routing.deploy.drawn_situations import draw_situation

OPTIONS = SolveOptions(iterations=40)


def situation_of(region: Region, network: Network, seed: int, persons: int) -> Situation:
    """Some of the region's forces and an incident on an island that asks for so many."""
    drawn = draw_situation(region, network, seed, "calm")
    need = Echelon(id="all", name=Text("全部", "All"), persons=persons, skill=None, weight=1, due_min=None)
    incident = msgspec.structs.replace(drawn.incidents[0], echelons=(need,))
    return msgspec.structs.replace(drawn, groups=drawn.groups[:24], craft=drawn.craft[:8], incidents=(incident,))


def facts(plan: Plan) -> tuple[int | None, int, int]:
    """Minutes, groups from cover, craft."""
    sent = sum(row.groups_before - row.groups_left for row in plan.cover)
    return plan.echelons[0].complete_min, sent, plan.craft_used


@pytest.fixture(scope="module")
def parted(planner: Planner, zhoushan: Region, zhoushan_network: Network) -> tuple[Situation, dict[Alternative, Plan]]:
    situation = situation_of(zhoushan, zhoushan_network, 5, 10)
    return situation, planner.all_plans(situation, OPTIONS)


def test_on_putuoshan_minutes_cover_and_craft_pull_apart(
    parted: tuple[Situation, dict[Alternative, Plan]],
) -> None:
    _, plans = parted
    told = compare(plans)
    assert [name for name, one in told.items() if one.is_choice] == ["balanced", "keep_cover", "fewest_craft"]
    assert told["fastest"].same_as == "balanced"
    quick, keeping, few = (facts(plans[name]) for name in ("balanced", "keep_cover", "fewest_craft"))
    assert quick[0] < few[0] < keeping[0]  # type: ignore[operator]
    assert (keeping[1], few[1]) == (quick[1] - 1, quick[1])
    assert (keeping[2], few[2]) == (quick[2] - 1, quick[2] - 1)
    assert told["keep_cover"].price.weighted_min == keeping[0] - quick[0]  # type: ignore[operator]


def test_each_of_them_keeps_every_rule_and_says_what_its_craft_cost(
    parted: tuple[Situation, dict[Alternative, Plan]], zhoushan: Region, zhoushan_network: Network
) -> None:
    situation, plans = parted
    for plan in plans.values():
        assert check_plan(plan, situation, zhoushan, zhoushan_network) == []
    assert plans["fewest_craft"].objective.craft_used == 1_500 * plans["fewest_craft"].craft_used > 0
    assert plans["balanced"].objective.craft_used == 0


def test_where_there_is_one_best_way_there_is_one_choice(
    planner: Planner, zhoushan: Region, zhoushan_network: Network
) -> None:
    plans = planner.all_plans(situation_of(zhoushan, zhoushan_network, 3, 10), OPTIONS)
    told = compare(plans)
    assert [name for name, one in told.items() if one.is_choice] == ["balanced"]
    assert {one.stands_for for one in told.values()} == {"balanced"}
    assert {plan.status for plan in plans.values()} == {"optimal"}


def test_the_same_seed_gives_the_same_plans_twice(
    parted: tuple[Situation, dict[Alternative, Plan]], planner: Planner
) -> None:
    situation, plans = parted
    again = planner.all_plans(situation, OPTIONS)
    assert {name: plan.id for name, plan in again.items()} == {name: plan.id for name, plan in plans.items()}
