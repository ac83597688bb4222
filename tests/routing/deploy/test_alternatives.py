"""The price of each alternative beside the balanced plan, and which of them are a choice at all."""

from __future__ import annotations

import msgspec

from data.plans import Alternative, Cover, EchelonTime, Objective, Plan
from data.text import Text
from routing.deploy.alternatives import compare, price, reference_of
from tests.routing.plan_samples import sample_plan

WEIGHTS = (3, 1)


def plan(alternative: Alternative, minutes: tuple[int | None, int | None], **given: object) -> Plan:
    """Two echelons of weight 3 and 1; ``sent`` groups by station."""
    sent: dict[str, int] = given.pop("sent", {"a": 2, "b": 1})  # type: ignore[assignment]
    echelons = tuple(
        EchelonTime(
            incident_id="i1",
            echelon_id=f"e{n}",
            name=Text("批", "wave"),
            persons=8,
            skill=None,
            weight=weight,
            due_min=None,
            complete_min=minute,
            complete_at=None,
            arrived=8 if minute is not None else 2,
        )
        for n, (weight, minute) in enumerate(zip(WEIGHTS, minutes, strict=True))
    )
    unmet = sum(100 * weight * 750 for weight, minute in zip(WEIGHTS, minutes, strict=True) if minute is None)
    in_time = sum(100 * weight * (minute or 0) for weight, minute in zip(WEIGHTS, minutes, strict=True))
    made = sample_plan(
        alternative=alternative,
        echelons=echelons,
        objective=Objective(
            unmet=unmet, echelon_time=in_time, cover_lost=0, craft_minutes=0, total=unmet + in_time
        ),
        cover=tuple(
            Cover(station_id=one, groups_before=5, groups_left=5 - count, keep=1) for one, count in sent.items()
        ),
        craft_used=3,
        persons=24,
    )  # fmt: skip
    return msgspec.structs.replace(made, **given)


def test_a_price_is_minutes_cover_craft_and_persons() -> None:
    found = price(
        plan("fastest", (20, 50), sent={"a": 3, "c": 2}, craft_used=5, persons=40), plan("balanced", (22, 62))
    )
    assert [one.later_min for one in found.echelons] == [-2, -12]
    assert found.weighted_min == -(3 * 2 + 12)
    assert (found.cover_groups, found.cover_stations) == (2, 3)
    assert (found.craft, found.persons) == (2, 16)


def test_an_echelon_only_one_of_them_completes_has_no_minutes_of_difference() -> None:
    found = price(plan("fewest_craft", (22, None)), plan("balanced", (22, 62)))
    assert [one.later_min for one in found.echelons] == [0, None]
    assert found.weighted_min == 750 - 62


def test_four_that_differ_are_four_choices() -> None:
    told = compare(
        {
            "fastest": plan("fastest", (20, 50), sent={"a": 3, "c": 2}, craft_used=5),
            "balanced": plan("balanced", (22, 62)),
            "keep_cover": plan("keep_cover", (22, 90), sent={"a": 1}),
            "fewest_craft": plan("fewest_craft", (30, 80), craft_used=1),
        }
    )
    assert all(one.is_choice for one in told.values())
    assert told["balanced"].price.is_nothing


def test_equal_ones_are_said_once_and_told_from_those_that_only_come_to_the_same() -> None:
    balanced = plan("balanced", (22, 62))
    other_way = balanced.legs[:2]
    told = compare(
        {
            "fastest": plan("fastest", (22, 62)),
            "balanced": balanced,
            "keep_cover": plan("keep_cover", (22, 62), legs=other_way),
        }
    )
    assert (told["fastest"].same_as, told["fastest"].is_same_plan) == ("balanced", True)
    assert (told["keep_cover"].same_as, told["keep_cover"].is_same_plan) == ("balanced", False)
    assert [name for name, one in told.items() if one.is_choice] == ["balanced"]


def test_one_that_is_nowhere_better_and_somewhere_worse_is_no_choice() -> None:
    told = compare(
        {
            "fastest": plan("fastest", (22, 62), sent={"a": 3, "b": 1}),
            "balanced": plan("balanced", (22, 62)),
            "fewest_craft": plan("fewest_craft", (22, 62), craft_used=2),
        }
    )
    assert told["fewest_craft"].is_choice
    # Each is sent on to one that is a choice itself, never to one dominated in its turn.
    assert told["balanced"].worse_than == "fewest_craft"
    assert told["fastest"].worse_than == "fewest_craft"
    assert told["fastest"].stands_for == "fewest_craft"


def test_one_equal_to_a_dominated_one_is_dominated_too() -> None:
    told = compare(
        {
            "fastest": plan("fastest", (22, 62)),
            "balanced": plan("balanced", (22, 62)),
            "fewest_craft": plan("fewest_craft", (22, 62), craft_used=2),
        }
    )
    assert told["fastest"].worse_than == "fewest_craft"
    assert told["fastest"].same_as is None


def test_the_first_in_order_stands_in_where_there_is_no_balanced_plan() -> None:
    plans = {"keep_cover": plan("keep_cover", (22, 90)), "fastest": plan("fastest", (20, 50))}
    assert reference_of(plans) == "fastest"  # type: ignore[arg-type]
    assert compare(plans)["keep_cover"].price.weighted_min == 3 * 2 + 40  # type: ignore[arg-type]
    assert compare({}) == {}
