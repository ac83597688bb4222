"""The world: commands become events, refusals are words, a restart resumes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from console.commands import (
    AcceptPlan,
    AcknowledgeAlarm,
    ChangeIncidentStatus,
    LogNote,
    ProposePlan,
    RaiseAlarms,
    RejectPlan,
    ReportIncident,
    SetClock,
    SetClosure,
    SetUnitStatus,
    WithdrawPlan,
)
from console.world import World
from data.errors import CommandRefusedError
from data.geography import Region
from data.journal.events import AlarmRaised, Recorded
from data.journal.interface import BrokenChainError, Fix
from data.journal.sqlite import SqliteJournal
from data.situation import Situation
from data.text import Text
from tests.console.world_samples import START, HandClock, SampleStory, at, open_world, sample_plan, with_status


@pytest.fixture
def world_and_clock(tmp_path: Path, zhoushan: Region) -> Iterator[tuple[World, HandClock]]:
    world, hand = open_world(tmp_path, zhoushan)
    yield world, hand
    world.close()


@pytest.fixture
def world(world_and_clock: tuple[World, HandClock]) -> World:
    return world_and_clock[0]


@pytest.fixture
def sound_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plans here are written by hand: what the check says of real ones has tests of its own."""
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])


def test_world_begins_as_its_scenario_has_it(world: World) -> None:
    picture = world.picture
    assert (picture.mode, picture.scenario_id, picture.world_at) == ("drill", "sample", START)
    assert len(picture.units) == 9
    assert {one.number for one in picture.open_incidents} == {"0614-001", "0614-002"}
    assert world.journal.verify() == picture.seq
    assert all(line.text.zh and line.text.en for line in picture.log)


def test_empty_store_without_a_scenario_is_refused(tmp_path: Path, zhoushan: Region) -> None:
    with pytest.raises(CommandRefusedError, match="Name a scenario"):
        World.open(tmp_path, zhoushan, network=None)
    World.open(tmp_path, zhoushan, network=None, scenario=SampleStory(zhoushan)).close()  # the lock was let go


@pytest.mark.usefixtures("sound_plans")
def test_restart_resumes_picture_clock_and_speed(tmp_path: Path, zhoushan: Region) -> None:
    world, hand = open_world(tmp_path, zhoushan)
    world.execute(SetClock(speed=10.0), "chief")
    hand.seconds += 30  # five minutes of the world
    assert world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world, start_at=at(5))), "chief").ok
    world.record_fixes((Fix("boat-1", at(6), 122.5, 30.5, 90.0, 7.0),))
    before = world.picture
    world.close()
    again, _ = open_world(tmp_path, zhoushan)
    after = again.picture
    assert again.clock.now() >= at(5)
    assert again.now - at(6) < timedelta(seconds=1)
    assert (again.clock.speed, after.seq, after.versions) == (10.0, before.seq, before.versions)
    assert after.units == before.units
    assert (after.units["boat-1"].lon_deg, after.units["boat-1"].heading_deg) == (122.5, 90.0)
    assert after.accepted.keys() == {"plan-1"}
    assert after.orders == before.orders
    assert after.log == before.log
    again.close()


def test_report_by_island_name_takes_the_run_card(world: World, zhoushan: Region) -> None:
    for words in ("Miaozihu", "庙子湖", "miaozihu "):
        outcome = world.execute(ReportIncident(case_type="affray", place=words), "seat-1")
        assert outcome.ok, outcome.refusal
        incident = outcome.events[0].event.incident  # type: ignore[union-attr]
        assert incident.island_id == "miaozihu"
        assert incident.echelons == zhoushan.case_types["affray"].echelons
        assert incident.priority == zhoushan.case_types["affray"].priority
    assert incident.number == "0614-005"  # the day is local: 03:00 on the 14th


def test_incident_at_sea_is_refused_with_the_nearest_island(world: World) -> None:
    outcome = world.execute(ReportIncident(case_type="affray", lon_deg=122.75, lat_deg=30.15), "seat-1")
    assert not outcome.ok
    assert outcome.refusal is not None
    assert "at sea" in outcome.refusal.en
    assert "km" in outcome.refusal.en
    assert "在海上" in outcome.refusal.zh
    assert len(world.picture.incidents) == 2


def test_unknown_place_is_refused_with_names_near_it(world: World) -> None:
    outcome = world.execute(ReportIncident(case_type="affray", place="Miaozuhi"), "seat-1")
    assert outcome.refusal is not None
    assert "Miaozihu" in outcome.refusal.en
    assert "庙子湖" in outcome.refusal.zh


def test_unknown_case_type_is_refused_with_those_there_are(world: World) -> None:
    outcome = world.execute(ReportIncident(case_type="afray", place="Miaozihu"), "seat-1")
    assert outcome.refusal is not None
    assert "affray" in outcome.refusal.en


@pytest.mark.usefixtures("sound_plans")
def test_accepting_orders_every_unit_in_one_transaction(world: World) -> None:
    heard: list[tuple[Recorded, ...]] = []
    world.subscribe(heard.append)
    whole = msgspec.structs.replace(sample_plan(world), situation=world.picture.situation(START, ["i1"]))
    outcome = world.execute(AcceptPlan(plan_id="plan-1", plan=whole), "alice")
    assert outcome.ok, outcome.refusal
    assert [type(one.event).__name__ for one in outcome.events] == [
        "PlanAccepted",
        "OrderIssued",
        "OrderIssued",
        "OrderIssued",
        "IncidentStatusChanged",
    ]
    assert len({one.command_id for one in outcome.events}) == 1
    assert heard == [outcome.events]
    assert world.picture.incidents["i1"].status == "dispatched"
    assert {order.unit_id for order in world.picture.orders.values()} == {"boat-0", "g0", "g1"}
    assert not world.picture.units["g0"].is_free
    assert world.picture.accepted["plan-1"].situation is None  # the picture of that moment has it
    order = world.picture.orders["plan-1/g0"]
    assert "03:20 on Boat 0" in order.text.en
    assert "乘快艇0" in order.text.zh


@pytest.mark.usefixtures("sound_plans")
def test_two_seats_racing_for_one_unit_one_wins_and_the_other_is_told_who(world: World) -> None:
    mine = sample_plan(world, "plan-a", craft_id="boat-0")
    theirs = sample_plan(world, "plan-b", craft_id="boat-1", group_ids=("g1", "g2"), incident_id="i2")
    assert world.execute(AcceptPlan(plan_id="plan-a", plan=mine), "alice").ok
    lost = world.execute(AcceptPlan(plan_id="plan-b", plan=theirs), "bob")
    assert not lost.ok
    assert lost.refusal is not None
    assert "Group 1 was sent to incident 0614-001 by alice" in lost.refusal.en
    assert "alice" in lost.refusal.zh
    assert world.picture.units["boat-1"].is_free
    assert world.picture.incidents["i2"].status == "reported"


@pytest.mark.usefixtures("sound_plans")
def test_writer_behind_the_picture_loses_by_the_version(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.picture.versions, "unit:g0", 7)  # as if another process had written to the unit
    outcome = world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world)), "bob")
    assert not outcome.ok
    assert outcome.refusal is not None
    assert "unit:g0" in outcome.refusal.en
    assert world.picture.accepted == {}


@pytest.mark.usefixtures("sound_plans")
def test_repeated_command_is_done_once(world: World) -> None:
    plan = sample_plan(world)
    first = world.execute(AcceptPlan(plan_id="plan-1", plan=plan), "alice", command_id="click-1")
    again = world.execute(AcceptPlan(plan_id="plan-1", plan=plan), "alice", command_id="click-1")
    assert again.ok
    assert again.events == first.events
    assert world.journal.verify() == world.picture.seq


def test_plan_that_fails_the_check_is_refused_in_its_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from routing.check import PlanFault

    fault = PlanFault(code="seats", leg_id="b", subject_id="boat-0", text=Text("超员", "leg b: too many aboard"))
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [fault, fault])
    outcome = world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world)), "alice")
    assert outcome.refusal is not None
    assert "too many aboard" in outcome.refusal.en
    assert "1 more" in outcome.refusal.en
    assert world.picture.accepted == {}


@pytest.mark.usefixtures("sound_plans")
def test_plan_read_for_minutes_starts_later_and_a_stale_one_not_at_all(
    world_and_clock: tuple[World, HandClock],
) -> None:
    world, hand = world_and_clock
    plan = sample_plan(world)
    hand.seconds += 130
    assert world.execute(AcceptPlan(plan_id="plan-1", plan=plan), "alice").ok
    begun = world.picture.accepted["plan-1"]
    assert begun.start_at == at(3)
    assert [leg.depart_at for leg in begun.legs] == [leg.depart_at + timedelta(minutes=3) for leg in plan.legs]
    assert begun.echelons[0].complete_at == at(53)
    assert "3 min earlier" in begun.bound_assumes[-1].en
    hand.seconds += 3600
    old = sample_plan(world, "plan-2", "boat-1", ("g3",), "i2")
    refused = world.execute(AcceptPlan(plan_id="plan-2", plan=old), "alice")
    assert refused.refusal is not None
    assert "min old" in refused.refusal.en


@pytest.mark.usefixtures("sound_plans")
def test_undo_frees_the_units_within_ten_real_seconds_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world)), "alice")
    assert world.execute(WithdrawPlan(plan_id="plan-1"), "alice").ok
    picture = world.picture
    assert all(unit.is_free for unit in picture.units.values())
    assert (picture.accepted, picture.orders) == ({}, {})
    assert picture.incidents["i1"].status == "accepted"
    assert world.execute(AcceptPlan(plan_id="plan-2", plan=sample_plan(world, "plan-2")), "alice").ok
    picture.accepted_recorded_at["plan-2"] -= timedelta(seconds=11)
    late = world.execute(WithdrawPlan(plan_id="plan-2"), "alice")
    assert late.refusal is not None
    assert "undo ends after 10 s" in late.refusal.en


def test_plan_that_sends_nobody_cannot_be_accepted(world: World) -> None:
    plan = with_status(sample_plan(world), "infeasible")
    outcome = world.execute(AcceptPlan(plan_id="plan-1", plan=plan), "alice")
    assert outcome.refusal is not None
    assert "sends nobody" in outcome.refusal.en


def test_rejection_needs_a_reason_and_takes_the_plan_away(world: World) -> None:
    plan = sample_plan(world)
    assert world.execute(ProposePlan(plan=plan), "desk").ok
    assert not world.execute(RejectPlan(plan_id="plan-1", reason="  "), "alice").ok
    assert world.execute(RejectPlan(plan_id="plan-1", reason="too slow"), "alice").ok
    assert world.picture.proposals == {}
    assert "too slow" in world.picture.log[-1].text.en


@pytest.mark.usefixtures("sound_plans")
def test_incident_follows_the_first_of_its_units(world: World) -> None:
    world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world)), "alice")
    world.execute(SetUnitStatus(unit_id="g0", status="accepted"), "g0")
    assert world.picture.incidents["i1"].status == "dispatched"
    world.execute(SetUnitStatus(unit_id="g0", status="en_route"), "g0")
    assert world.picture.incidents["i1"].status == "en_route"
    world.execute(SetUnitStatus(unit_id="g0", status="on_scene"), "g0")
    assert world.picture.incidents["i1"].status == "on_scene"
    count = world.picture.seq
    world.execute(SetUnitStatus(unit_id="g1", status="en_route"), "g1")
    assert world.picture.seq == count + 1  # the incident does not go back


@pytest.mark.usefixtures("sound_plans")
def test_closing_an_incident_releases_its_units(world: World) -> None:
    world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world)), "alice")
    assert world.execute(ChangeIncidentStatus(incident_id="i1", status="closed", disposition="calm"), "alice").ok
    assert all(unit.is_free for unit in world.picture.units.values())
    refused = world.execute(ChangeIncidentStatus(incident_id="i1", status="handled"), "alice")
    assert refused.refusal is not None
    assert "closed" in refused.refusal.en


def test_unit_status_off_the_table_is_refused_with_what_may_be(world: World) -> None:
    world.execute(SetUnitStatus(unit_id="g0", status="out_of_service"), "alice")
    outcome = world.execute(SetUnitStatus(unit_id="Group 0", status="on_scene"), "alice")
    assert outcome.refusal is not None
    assert "may become: available" in outcome.refusal.en


def test_closure_of_a_place_nobody_knows_is_refused(world: World, zhoushan: Region) -> None:
    pier = next(iter(zhoushan.piers))
    reason = Text("涌浪", "swell")
    assert world.execute(SetClosure(target_kind="pier", target_id=pier, reason=reason, minutes=60), "alice").ok
    (closure,) = world.picture.closures.values()
    assert closure.until_at == START + timedelta(minutes=60)
    wrong = world.execute(SetClosure(target_kind="pier", target_id=pier[:-1], reason=reason), "alice")
    assert wrong.refusal is not None
    assert pier in wrong.refusal.en


def test_alarm_is_acknowledged_once(world: World) -> None:
    alarm = AlarmRaised(
        alarm_id="a1",
        priority=1,
        cause=Text("因", "cause"),
        action=Text("做", "act"),
        deadline_at=None,
        subject_id="i1",
    )
    assert world.execute(RaiseAlarms(raised=(alarm,), cleared_ids=()), "console").ok
    assert world.execute(RaiseAlarms(raised=(alarm,), cleared_ids=()), "console").events == ()
    assert world.execute(AcknowledgeAlarm(alarm_id="a1"), "alice").ok
    second = world.execute(AcknowledgeAlarm(alarm_id="a1"), "bob")
    assert second.refusal is not None
    assert "alice" in second.refusal.en
    world.execute(RaiseAlarms(raised=(), cleared_ids=("a1",)), "console")
    assert world.picture.alarms["a1"].cleared


def test_replay_shows_what_was_known_then(world_and_clock: tuple[World, HandClock]) -> None:
    world, hand = world_and_clock
    world.record_fixes((Fix("boat-0", at(1), 122.1, 30.1, None, 0.0),))
    hand.seconds += 120
    world.execute(LogNote(text="at two"), "alice")
    hand.seconds += 120
    world.execute(SetUnitStatus(unit_id="g0", status="out_of_service"), "alice")
    world.record_fixes((Fix("boat-0", at(4), 122.4, 30.4, None, 0.0),))
    then = world.picture_at(at(3))
    assert then.units["g0"].status == "available"
    assert then.units["boat-0"].lon_deg == 122.1
    assert then.log[-1].text.en == "at two"
    assert world.picture_at(at(5)).units["g0"].status == "out_of_service"
    assert world.picture_at(at(5)).units["boat-0"].lon_deg == 122.4
    assert world.picture.units["g0"].status == "out_of_service"


def test_replay_over_many_snapshots_equals_a_fresh_fold(world_and_clock: tuple[World, HandClock]) -> None:
    world, hand = world_and_clock
    for number in range(450):
        hand.seconds += 1
        status = "out_of_service" if number % 2 == 0 else "available"
        world.execute(SetUnitStatus(unit_id=f"g{number // 2 % 6}", status=status), "alice")  # type: ignore[arg-type]
    from data.journal.picture import picture_from

    for seconds in (0, 100, 199, 433, 450):
        moment = START + timedelta(seconds=seconds)
        fresh = picture_from(world.journal.read(until=moment), world.region)
        replayed = world.picture_at(moment)
        assert (replayed.seq, replayed.units, replayed.log) == (fresh.seq, fresh.units, fresh.log)


def test_another_scenario_archives_the_journal(world: World) -> None:
    world.execute(LogNote(text="keep me"), "alice")
    heard: list[tuple[Recorded, ...]] = []
    world.subscribe(heard.append)
    world.restart(SampleStory(world.region, id="second"))
    assert (world.generation, world.picture.scenario_id) == (1, "second")
    assert heard[0][0].seq == 1
    (kept,) = Path(world.store.shown, "archive").iterdir()
    archived = SqliteJournal(kept)
    assert archived.verify() > 0
    assert any("keep me" in str(one.event) for one in archived.read())
    archived.close()


def test_broken_scenario_leaves_the_world_as_it_is(world: World) -> None:
    class Broken(SampleStory):
        def situation(self) -> Situation:
            raise CommandRefusedError("broken")

    with pytest.raises(CommandRefusedError, match="broken"):
        world.restart(Broken(world.region))
    assert world.execute(LogNote(text="still here"), "alice").ok
    assert (world.generation, world.picture.scenario_id) == (0, "sample")


def test_live_clock_does_not_change_speed(tmp_path: Path, zhoushan: Region) -> None:
    world, _ = open_world(tmp_path, zhoushan, mode="live")
    outcome = world.execute(SetClock(speed=10.0), "alice")
    assert outcome.refusal is not None
    assert "live" in outcome.refusal.en
    world.close()


def test_live_work_is_never_served_as_a_drill(tmp_path: Path, zhoushan: Region) -> None:
    """A drill lets people in by a link and moves its clock: a live journal must not come under either."""
    open_world(tmp_path, zhoushan, mode="live")[0].close()
    with pytest.raises(CommandRefusedError, match="of mode live, and drill was asked for"):
        open_world(tmp_path, zhoushan, mode="drill")
    open_world(tmp_path, zhoushan, mode="live")[0].close()  # nothing was left open, nothing was written


def test_a_journal_changed_in_the_file_is_not_taken_up(tmp_path: Path, zhoushan: Region) -> None:
    world, _ = open_world(tmp_path, zhoushan)
    world.execute(LogNote(text="all quiet", incident_id=None), "chief")
    world.close()
    with closing(apsw.Connection(str(tmp_path / "world.journal"))) as database:
        database.execute("DROP TRIGGER event_no_update")
        database.execute("UPDATE event SET body = replace(body, 'all quiet', 'all burnt')")
    with pytest.raises(BrokenChainError, match="was changed after it was written") as refused:
        open_world(tmp_path, zhoushan)
    assert refused.value.said("zh").startswith("日志的哈希链不成立")
