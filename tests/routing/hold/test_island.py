"""An island's plan from situation to hand-over, and made again: what has begun stays, whatever happens."""

from __future__ import annotations

import random
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from data.forces import GroupState
from data.geography import Place, Region
from data.holding import HoldEvent, HoldPlan, HoldTask, ReliefLanding
from data.local_teams import CrewNeed
from data.plans import Leg, Plan
from data.scenario import read_scenario
from data.situation import Situation
from data.text import Text
from routing.hold.assemble import assemble_hold
from routing.hold.changes import hold_changes
from routing.hold.check_plan import check_hold_plan
from routing.hold.island import after_events
from routing.hold.relief import SHOW_MIN, Relief, relief_of_plan
from routing.hold.situation import LONGEST_HOLD_MIN, UNRELIEVED_MIN, HoldQuestionError, compile_hold
from tests.routing.hold.by_hand import solve_by_hand

HOME = "miaozihu"
MIN = timedelta(minutes=1)
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def swell(zhoushan: Region) -> Situation:
    """The shipped swell at Miaozihu, with its case only."""
    found = read_scenario("may-swell-miaozihu", zhoushan).situation()
    return replace(found, local_teams=(), tasks=(), relief_at={})


def _plan(
    situation: Situation, region: Region, relief: Relief | None = None, before: HoldPlan | None = None
) -> HoldPlan:
    options = {} if relief is None else {"relief": relief}
    compiled = compile_hold(situation, region, HOME, before=before, **options)
    return assemble_hold(compiled, solve_by_hand(compiled.problem), before)


def _relief(situation: Situation, place: Place, landings: list[tuple[int, list[str]]]) -> Relief:
    """Return groups landing at a place, minutes from the situation's moment."""
    groups: dict[str, GroupState] = {state.group.id: state for state in situation.groups}
    found, ashore = [], 0
    for minutes, units in landings:
        people = sum(groups[unit].group.strength for unit in units)
        ashore += people
        found.append(
            ReliefLanding(
                at=situation.at + minutes * MIN, place=place, unit_ids=tuple(units), people=people, ashore=ashore
            )
        )
    units = {unit: groups[unit].group for _, names in landings for unit in names}
    return Relief(tuple(found), units, {unit: group.strength for unit, group in units.items()})


def test_posts_are_held_until_who_takes_over_has_reached_and_seen_them(swell: Situation, zhoushan: Region) -> None:
    relief = _relief(
        swell, zhoushan.place("beiao"), [(90, ["police-dinghai-1", "ptu-dinghai-1"]), (120, ["medical-dinghai"])]
    )
    plan = _plan(swell, zhoushan, relief)
    assert plan.relief_at == swell.at + 90 * MIN
    assert [fault.en for fault in check_hold_plan(plan, swell, zhoushan)] == []
    rows = {row.task_id.split(".")[1]: row for row in plan.hand_over}
    assert set(rows) == {"line", "shut-pier", "muster", "first-aid"}
    assert rows["line"].at == swell.at + (90 + SHOW_MIN) * MIN  # it is where they land
    assert rows["first-aid"].at > swell.at + 120 * MIN  # medics land later, so the island's own stay longer
    for name, row in rows.items():
        assert max(one.to_at for one in plan.rows if one.task_id.endswith(f".{name}")) == row.at
        assert row.from_people == row.needed


def test_relief_without_the_skill_is_short_and_says_so(swell: Situation, zhoushan: Region) -> None:
    relief = _relief(swell, zhoushan.place("beiao"), [(90, ["township-fodu"])])
    plan = _plan(swell, zhoushan, relief)
    line = next(row for row in plan.hand_over if row.task_id.endswith(".line"))
    assert (line.needed, line.to_people, line.short) == (6, 3, 3)  # the three who must know crowds are missing
    assert "3 short" in line.text.en
    assert sum(row.to_people for row in plan.hand_over) <= relief.landings[0].people
    assert any("relief lands" in note.en for note in plan.assumptions)


def test_nobody_lands_and_nobody_says_when(swell: Situation, zhoushan: Region) -> None:
    plan = _plan(swell, zhoushan)
    assert plan.relief_at is None
    assert plan.until_at == swell.at + UNRELIEVED_MIN * MIN
    assert plan.hand_over == ()
    assert any("not known" in note.en for note in plan.assumptions)


@pytest.mark.parametrize("minutes", [-5, 0, LONGEST_HOLD_MIN + 5])
def test_relief_that_cannot_be_meant_is_refused(swell: Situation, zhoushan: Region, minutes: int) -> None:
    with pytest.raises(HoldQuestionError) as refused:
        compile_hold(swell, zhoushan, HOME, relief_at=swell.at + minutes * MIN)
    assert refused.value.text is not None
    assert "增援" in refused.value.text.zh


def test_more_people_asked_than_there_are_is_unmet(swell: Situation, zhoushan: Region) -> None:
    crowd = _new_task(swell, zhoushan, "crowd", people=200)
    plan = _plan(replace(swell, tasks=(crowd,)), zhoushan)
    assert "crowd" in {one.task_id for one in plan.unmet}
    assert not [row for row in plan.rows if row.task_id == "crowd"]


def test_task_whose_window_is_over_says_so(swell: Situation, zhoushan: Region) -> None:
    past = _new_task(swell, zhoushan, "past", people=2, at_min=-120)
    plan = _plan(replace(swell, tasks=(past,)), zhoushan)
    (one,) = [one for one in plan.unmet if one.task_id == "past"]
    assert one.text.en == "its window was over before the plan began"
    assert one.least_change is not None
    assert one.least_change.en == "let it begin later"


def _new_task(situation: Situation, region: Region, task_id: str, people: int, at_min: int = 0) -> HoldTask:
    return HoldTask(
        id=task_id,
        template_id=None,
        kind="other",
        name=Text("新任务", "New task"),
        island_id=HOME,
        place=region.place("beiao"),
        earliest_at=situation.at + at_min * MIN,
        latest_at=situation.at + (at_min + 40) * MIN,
        duration_min=30,
        slot_min=None,
        crew=(CrewNeed(people=people, skill=None),),
        after=frozenset(),
        value=4,
        origin="officer",
        origin_id=None,
    )


def _event(rng: random.Random, plan: HoldPlan, situation: Situation, region: Region, minutes: int, n: int) -> HoldEvent:
    at = situation.at + timedelta(minutes=minutes, seconds=rng.choice([0, 17]))
    kind = rng.choice(["loss", "loss", "arrival", "new_task"])
    if kind == "loss":
        team = rng.choice(plan.teams).team.id
        return HoldEvent(at=at, kind="loss", island_id=HOME, unit_id=team, people=rng.randint(1, 4))
    if kind == "arrival":
        group = rng.choice(["police-dinghai-1", "ptu-dinghai-1", "medical-dinghai"])
        return HoldEvent(at=at, kind="arrival", island_id=HOME, unit_id=group, people=8, place=region.place("beiao"))
    task = _new_task(situation, region, f"new-{minutes}-{n}", rng.randint(1, 5), minutes)
    return HoldEvent(at=at, kind="new_task", island_id=HOME, task=task)


@pytest.mark.parametrize("seed", range(5))
def test_plan_made_again_keeps_what_has_begun_whatever_happens(swell: Situation, zhoushan: Region, seed: int) -> None:
    rng = random.Random(seed)
    relief = _relief(swell, zhoushan.place("beiao"), [(100, ["police-dinghai-1"])]) if seed % 2 else None
    plan, situation, minutes = _plan(swell, zhoushan, relief), swell, 0
    for _ in range(3):
        minutes += rng.randint(1, 30)
        events = [_event(rng, plan, swell, zhoushan, minutes, n) for n in range(rng.randint(1, 3))]
        at = max(event.at for event in events)
        situation = after_events(situation, plan, events, zhoushan, at)
        before, plan = plan, _plan(situation, zhoushan, relief, plan)
        assert [fault.en for fault in check_hold_plan(plan, situation, zhoushan, before)] == []


def test_changed_begun_work_is_found(swell: Situation, zhoushan: Region) -> None:
    before = _plan(swell, zhoushan)
    later = replace(swell, at=swell.at + 30 * MIN, local_teams=before.teams)
    plan = _plan(later, zhoushan, before=before)
    assert check_hold_plan(plan, later, zhoushan, before) == []
    number = next(n for n, row in enumerate(plan.rows) if row.begun)
    other = replace(plan.rows[number], ordinal=plan.rows[number].ordinal + 1)
    changed = replace(plan, rows=(*plan.rows[:number], other, *plan.rows[number + 1 :]))
    assert any("had begun" in fault.en for fault in check_hold_plan(changed, later, zhoushan, before))


def test_events_count_once_and_losses_stay_lost(swell: Situation, zhoushan: Region) -> None:
    plan = _plan(swell, zhoushan)
    loss = HoldEvent(at=swell.at + 5 * MIN, kind="loss", island_id=HOME, unit_id="miaozihu-volunteers", people=3)
    once = after_events(swell, plan, [loss], zhoushan, swell.at + 5 * MIN)
    again = after_events(once, _plan(once, zhoushan, before=plan), [loss], zhoushan, swell.at + 9 * MIN)
    (team,) = [state for state in again.local_teams if state.team.id == "miaozihu-volunteers"]
    assert (team.people, team.lost) == (24, 3)


def test_differences_are_listed(swell: Situation, zhoushan: Region) -> None:
    before = _plan(swell, zhoushan)
    task = _new_task(swell, zhoushan, "new", 2, 10)
    event = HoldEvent(at=swell.at + 10 * MIN, kind="new_task", island_id=HOME, task=task)
    later = after_events(swell, before, [event], zhoushan, event.at)
    plan = _plan(later, zhoushan, before=before)
    changes = hold_changes(before, plan, swell.at.tzinfo)
    assert ("new_task", "new") in {(one.kind, one.task_id) for one in changes}
    assert hold_changes(plan, plan, swell.at.tzinfo) == ()


def test_plan_of_a_deployment_relieves_only_from_what_is_ahead(swell: Situation, zhoushan: Region) -> None:
    plan = _deployment(swell, zhoushan, [("police-dinghai-1", 60), ("ptu-dinghai-1", 90)])
    relief = relief_of_plan(plan, swell, zhoushan, HOME)
    assert [(one.at, one.people, one.ashore) for one in relief.landings] == [
        (swell.at + 60 * MIN, 8, 8),
        (swell.at + 90 * MIN, 10, 18),
    ]
    later = replace(swell, at=swell.at + 70 * MIN)
    assert [one.unit_ids for one in relief_of_plan(plan, later, zhoushan, HOME).landings] == [("ptu-dinghai-1",)]
    past = replace(swell, at=swell.at + 100 * MIN)
    over = relief_of_plan(plan, past, zhoushan, HOME)
    assert over.landings == ()
    assert any("nobody more" in note.en for note in compile_hold(past, zhoushan, HOME, relief=over).assumptions)


def _deployment(situation: Situation, region: Region, arrivals: list[tuple[str, int]]) -> Plan:
    """Return a deployment plan whose carry legs end at the Beiao landing."""
    pier = region.place("beiao")
    legs = tuple(
        Leg(
            id=group_id, purpose="carry", mode="sea", craft_id="patrol-01", craft_class="patrol", group_ids=(group_id,),
            persons=8, incident_id=None, from_site="sanjiang", to_site="beiao", from_name=Text("", ""),
            to_name=pier.name,
            depart_at=situation.at, arrive_at=situation.at + (minutes - 5) * MIN,
            unloaded_at=situation.at + minutes * MIN, length_m=1.0, path=(), estimate=False,
        )
        for group_id, minutes in arrivals
    )  # fmt: skip
    return cast(Plan, SimpleNamespace(legs=legs))
