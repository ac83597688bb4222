"""The second person: no order before another name agrees, void when nobody does, one winner of two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.commands import (
    AcceptPlan,
    ApprovePlan,
    ChangeIncidentStatus,
    Command,
    LogNote,
    RefuseApproval,
    RejectPlan,
    ReportIncident,
    SetUnitStatus,
    WithdrawPlan,
)
from console.decide.ground import Ground
from console.decide.table import decide
from console.outcome import Outcome
from console.panels.approvals import approval_for, approval_lines, approval_rows
from console.world import World
from data.geography import Region
from data.journal.events import ApprovalAsked, ApprovalGiven, OrderIssued, PlanAccepted
from data.journal.interface import ConflictError
from data.journal.picture import picture_from
from tests.console.world_samples import HandClock, open_world, sample_plan

pytestmark = pytest.mark.usefixtures("sound_plans")


@pytest.fixture
def sound_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plans here are written by hand: what the check says of real ones has tests of its own."""
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])


@pytest.fixture
def world_and_clock(tmp_path: Path, zhoushan: Region) -> Iterator[tuple[World, HandClock]]:
    world, hand = open_world(tmp_path, zhoushan)
    yield world, hand
    world.close()


@pytest.fixture
def world(world_and_clock: tuple[World, HandClock]) -> World:
    return world_and_clock[0]


@pytest.fixture
def hand(world_and_clock: tuple[World, HandClock]) -> HandClock:
    return world_and_clock[1]


def ask(world: World, actor: str = "alice", plan_id: str = "plan-1", **more: Any) -> str:
    """Accept a plan marked as irreversible and return the id of what then waits."""
    plan = sample_plan(world, plan_id, **more)
    outcome = world.execute(AcceptPlan(plan_id=plan_id, plan=plan, irreversible=True), actor)
    assert outcome.ok, outcome.refusal
    (asked,) = [one.event for one in outcome.events]
    assert isinstance(asked, ApprovalAsked)
    return asked.approval_id


def refused(outcome: Outcome, *words: str) -> None:
    """A refusal in both languages that holds each of the words."""
    assert not outcome.ok
    assert outcome.refusal is not None
    assert outcome.refusal.zh
    for word in words:
        assert word in outcome.refusal.en


def test_a_marked_plan_sends_nobody_before_a_second_person_agrees(world: World) -> None:
    approval_id = ask(world)
    picture = world.picture
    assert (picture.accepted, picture.orders) == ({}, {})
    assert all(unit.is_free for unit in picture.units.values())
    assert picture.incidents["i1"].status == "reported"
    waiting = approval_for(picture, "i1", world.now)
    assert waiting is not None
    assert (waiting.approval_id, waiting.asked_by, waiting.command) == (approval_id, "alice", "AcceptPlan")
    assert "second person" in picture.log[-1].text.en
    assert "第二人" in picture.log[-1].text.zh


def test_another_name_agrees_and_every_order_goes_out_in_one_transaction(world: World) -> None:
    approval_id = ask(world)
    outcome = world.execute(ApprovePlan(approval_id=approval_id), "bob")
    assert outcome.ok, outcome.refusal
    assert isinstance(outcome.events[0].event, ApprovalGiven)
    assert isinstance(outcome.events[1].event, PlanAccepted)
    orders = [one.event.order for one in outcome.events if isinstance(one.event, OrderIssued)]
    assert {order.unit_id for order in orders} == {"boat-0", "g0", "g1"}
    assert all(order.irreversible for order in orders)
    assert len({one.command_id for one in outcome.events}) == 1
    assert world.picture.incidents["i1"].status == "dispatched"
    approval = world.picture.approvals[approval_id]
    assert (approval.state, approval.asked_by, approval.answered_by) == ("given", "alice", "bob")
    assert world.journal.verify() == world.picture.seq


@pytest.mark.parametrize("name", ["alice", "Alice", " alice ", "ALICE"])
def test_who_asked_cannot_agree(world: World, name: str) -> None:
    approval_id = ask(world)
    refused(world.execute(ApprovePlan(approval_id=approval_id), name), "somebody else")
    assert world.picture.orders == {}


def test_who_asked_reads_that_it_waits_and_the_other_that_it_is_to_be_checked(world: World) -> None:
    ask(world)

    def line(actor: str) -> str:
        given = {"actor": actor, "can_act": True, "has_key": True}
        (html,) = approval_lines(world.picture, world.region, world.now, "en", **given)  # type: ignore[arg-type]
        return str(html)

    assert "Somebody else must approve" in line("alice")
    assert "Check it, then approve" not in line("alice")
    assert "Check it, then approve" in line("bob")
    assert "Somebody else must approve; until" not in line("bob")


def test_a_plan_accepted_by_one_person_is_reversible_as_before(world: World) -> None:
    assert world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world)), "alice").ok
    assert not any(order.irreversible for order in world.picture.orders.values())
    assert world.picture.approvals == {}
    assert world.execute(WithdrawPlan(plan_id="plan-1"), "alice").ok


def test_what_two_persons_agreed_to_has_no_undo(world: World) -> None:
    approval_id = ask(world)
    assert world.execute(ApprovePlan(approval_id=approval_id), "bob").ok
    refused(world.execute(WithdrawPlan(plan_id="plan-1"), "alice"), "Two persons", "cannot be undone")
    assert len(world.picture.orders) == 3


def test_a_case_type_for_two_persons_asks_by_itself(world: World) -> None:
    reported = world.execute(ReportIncident(case_type="hostage", place="Miaozihu"), "alice")
    incident_id = reported.events[0].event.incident.id  # type: ignore[union-attr]
    plan = sample_plan(world, incident_id=incident_id)
    outcome = world.execute(AcceptPlan(plan_id="plan-1", plan=plan), "alice")
    asked = outcome.events[0].event
    assert isinstance(asked, ApprovalAsked)
    assert "Hostage taking" in asked.reason.en
    assert "劫持人质" in asked.reason.zh
    assert world.execute(ApprovePlan(approval_id=asked.approval_id), "bob").ok
    assert len(world.picture.orders) == 3


@pytest.mark.parametrize("actor", ["bob", "alice"])
def test_anybody_may_refuse_and_who_asked_takes_it_back(world: World, actor: str) -> None:
    approval_id = ask(world)
    assert world.execute(RefuseApproval(approval_id=approval_id, reason="weather"), actor).ok
    assert "weather" in world.picture.log[-1].text.en
    refused(world.execute(ApprovePlan(approval_id=approval_id), "carol"), actor, "refused or withdrawn")
    assert world.picture.orders == {}
    assert approval_rows(world.picture, world.now) == []
    assert ask(world) != approval_id, "it may be asked again"


def test_after_ten_minutes_of_world_time_it_is_void_in_words(world: World, hand: HandClock) -> None:
    approval_id = ask(world)
    hand.seconds += 599
    assert approval_for(world.picture, "i1", world.now) is not None
    hand.seconds += 2
    assert approval_for(world.picture, "i1", world.now) is None
    refused(world.execute(ApprovePlan(approval_id=approval_id), "bob"), "10 min", "void")
    assert world.picture.orders == {}
    assert [one.approval_id for one in approval_rows(world.picture, world.now)] == [approval_id], (
        "it is told to be void"
    )
    hand.seconds += 1200
    assert approval_rows(world.picture, world.now) == []


def test_a_plan_that_waits_is_neither_asked_again_nor_accepted_alone_nor_rejected(world: World) -> None:
    ask(world)
    plan = sample_plan(world)
    for irreversible in (True, False):
        again = AcceptPlan(plan_id="plan-1", plan=plan, irreversible=irreversible)
        refused(world.execute(again, "carol"), "alice", "second person")
    refused(world.execute(RejectPlan(plan_id="plan-1", plan=plan, reason="no"), "carol"), "second person")
    assert len(world.picture.approvals) == 1


def test_approval_judges_against_the_picture_of_now(world: World, hand: HandClock) -> None:
    approval_id = ask(world)
    other = sample_plan(world, "plan-2", craft_id="boat-1", group_ids=("g1", "g2"), incident_id="i2")
    assert world.execute(AcceptPlan(plan_id="plan-2", plan=other), "carol").ok
    refused(world.execute(ApprovePlan(approval_id=approval_id), "bob"), "Group 1", "carol")
    assert world.picture.approvals[approval_id].state == "asked"
    assert {order.plan_id for order in world.picture.orders.values()} == {"plan-2"}


def test_a_closed_incident_or_a_fault_found_meanwhile_stops_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    approval_id = ask(world)
    assert world.execute(SetUnitStatus(unit_id="g0", status="out_of_service"), "carol").ok
    refused(world.execute(ApprovePlan(approval_id=approval_id), "bob"), "Group 0")
    assert world.execute(SetUnitStatus(unit_id="g0", status="available"), "carol").ok
    assert world.execute(ChangeIncidentStatus(incident_id="i1", status="closed"), "carol").ok
    refused(world.execute(ApprovePlan(approval_id=approval_id), "bob"), "closed")


def test_orders_start_later_by_the_minutes_it_waited(world: World, hand: HandClock) -> None:
    plan = sample_plan(world)
    approval_id = ask(world)
    hand.seconds += 300
    assert world.execute(ApprovePlan(approval_id=approval_id), "bob").ok
    begun = world.picture.accepted["plan-1"]
    assert (begun.start_at - plan.start_at).total_seconds() >= 300


def test_two_agree_at_once_and_one_wins(world: World) -> None:
    approval_id = ask(world)
    stale = ground_of(world, "carol")
    late = decide(ApprovePlan(approval_id=approval_id), stale)
    assert world.execute(ApprovePlan(approval_id=approval_id), "bob").ok
    refused(world.execute(ApprovePlan(approval_id=approval_id), "carol"), "bob has already approved")
    with pytest.raises(ConflictError) as lost:
        append(world, late, "carol")
    assert lost.value.winner is not None
    assert lost.value.winner.actor == "bob"
    assert len(world.picture.orders) == 3


def test_a_request_that_is_none_is_refused_in_words(world: World) -> None:
    refused(world.execute(ApprovePlan(approval_id="approval-99"), "bob"), "no request", "approval-99")
    refused(world.execute(RefuseApproval(approval_id="approval-99"), "bob"), "no request")
    approval_id = ask(world)
    refused(world.execute(RefuseApproval(approval_id=approval_id, reason="a\x07"), "bob"), "U+0007")


def test_a_replay_and_a_restart_show_what_waited(world: World, zhoushan: Region, hand: HandClock) -> None:
    approval_id = ask(world)
    waited_at = world.now
    hand.seconds += 60
    assert world.execute(ApprovePlan(approval_id=approval_id), "bob").ok
    assert world.picture_at(waited_at).approvals[approval_id].state == "asked"
    folded = picture_from(list(world.journal.read()), zhoushan)
    assert folded.approvals == world.picture.approvals
    assert folded.orders == world.picture.orders


def ground_of(world: World, actor: str) -> Ground:
    """Return what a console that has not heard more than this decides on."""
    return Ground(
        picture=world.picture.copy(),
        region=world.region,
        network=None,
        now=world.now,
        wall_now=datetime.now(UTC),
        actor=actor,
    )


def append(world: World, entries: Any, actor: str) -> None:
    """Write decided entries as another console would."""
    world.journal.append(
        entries, command_id=f"{actor}-1", actor=actor, world_at=world.now, recorded_at=datetime.now(UTC)
    )


@pytest.fixture(params=["folder", "postgis"])
def shared_world(request: pytest.FixtureRequest, tmp_path: Path, zhoushan: Region) -> Iterator[World]:
    """A world on each kind of store."""
    address = tmp_path if request.param == "folder" else request.getfixturevalue("postgis_store_address")
    opened, _ = open_world(address, zhoushan)
    yield opened
    opened.close()


def accept(plan: Any) -> Command:
    """Return the command that accepts a plan."""
    return AcceptPlan(plan_id=plan.id, plan=plan)


def test_two_consoles_that_share_one_unit_cannot_both_win(shared_world: World) -> None:
    world = shared_world
    mine = sample_plan(world, "plan-a", craft_id="boat-0", group_ids=("g0", "g1"))
    theirs = sample_plan(world, "plan-b", craft_id="boat-1", group_ids=("g1", "g2"), incident_id="i2")
    late = decide(accept(theirs), ground_of(world, "bob"))  # decided before the other was heard of
    assert world.execute(accept(mine), "alice").ok
    before = world.journal.head().seq
    with pytest.raises(ConflictError) as lost:
        append(world, late, "bob")
    assert lost.value.stream == "unit:g1"
    assert lost.value.winner is not None
    assert lost.value.winner.actor == "alice"
    assert world.journal.head().seq == before, "nothing of the losing plan is left behind"
    assert world.journal.verify() == before


def test_every_unit_and_incident_of_a_plan_is_named_with_its_version(world: World) -> None:
    assert world.execute(LogNote(text="tide turns"), "alice").ok
    entries = decide(accept(sample_plan(world)), ground_of(world, "alice"))
    streams = {"plan:plan-1", "unit:boat-0", "unit:g0", "unit:g1", "incident:i1", "weather", "closures"}
    assert {entry.stream for entry in entries} == streams
    assert all(entry.expected_version is not None for entry in entries)


def test_a_request_survives_its_way_through_the_journal(world: World) -> None:
    approval_id = ask(world)
    stored = next(one for one in world.journal.read() if isinstance(one.event, ApprovalAsked))
    assert stored.event.approval_id == approval_id
    assert stored.event.given == {"plan_id": "plan-1", "irreversible": True}
    assert stored.event.plan == msgspec.structs.replace(sample_plan(world), situation=None)
