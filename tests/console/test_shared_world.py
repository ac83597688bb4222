"""Several consoles on one store: one picture, one leader, one clock, and a store that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from console.clock import WorldClock
from console.commands import (
    AcceptPlan,
    AcknowledgeAlarm,
    ChangeIncidentStatus,
    Command,
    IssueForecast,
    LiftClosure,
    LogNote,
    RaiseAlarms,
    SetClock,
    SetClosure,
    SetUnitStatus,
)
from console.health import Answer, Health
from console.opening import begin, opening_of
from console.outcome import Outcome
from console.pulse import Pulse
from console.simulator import Simulator
from console.ticker import Ticker
from console.world import World
from data.geography import Region
from data.journal.events import AlarmRaised, ClosureSet, Recorded, UnknownEvent
from data.journal.interface import Entry, Fix, StoreReadOnlyError, StoreUnreachableError
from data.text import Text
from data.weather import Closure, Forecast
from tests.console.shared_store import ConsoleJournal, ConsoleStore, Database
from tests.console.world_samples import START, HandClock, SampleStory, at, sample_plan

Join = Callable[[], tuple[World, ConsoleStore]]


@pytest.fixture(autouse=True)
def sound_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    shared = Database(tmp_path)
    yield shared
    shared.close()


@pytest.fixture
def join(database: Database, zhoushan: Region) -> Join:
    def joined() -> tuple[World, ConsoleStore]:
        store = database.console()
        return World.open(store, zhoushan, None, SampleStory(zhoushan)), store

    return joined


def texts(world: World) -> list[str]:
    return [line.text.en for line in world.picture.log]


def test_what_one_console_records_is_in_the_picture_of_the_other(join: Join) -> None:
    (here, _), (there, _) = join(), join()
    assert here.picture.seq == there.picture.seq, "the second console joins the journal the first began"
    heard: list[tuple[Recorded, ...]] = []
    there.subscribe(heard.append)
    outcome = here.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(here)), "wang")
    assert heard == [outcome.events]
    assert there.picture.units["g0"].incident_id == "i1"
    assert (there.picture.seq, there.picture.versions) == (here.picture.seq, here.picture.versions)
    here.record_fixes((Fix("boat-1", at(1), 122.5, 30.5, 90.0, 7.0),))
    assert there.picture.units["boat-1"].lon_deg == 122.5


def test_events_are_folded_once_and_in_order_whatever_the_journal_tells(join: Join) -> None:
    (here, _), (there, deaf) = join(), join()
    heard: list[str] = []
    there.subscribe(lambda news: heard.extend(one.event.text for one in news))  # type: ignore[union-attr]
    deaf.deaf = True
    for word in ("one", "two"):
        here.execute(LogNote(text=word), "wang")
    assert heard == []
    deaf.deaf = False
    here.execute(LogNote(text="three"), "wang")  # the gap is read from the journal
    assert heard == ["one", "two", "three"]
    there.catch_up(tuple(there.journal.read()))  # told all over again
    assert heard == ["one", "two", "three"]
    assert texts(there) == texts(here)


def test_the_loser_is_told_who_won_what_they_did_and_what_now_holds(join: Join) -> None:
    (here, _), (there, deaf) = join(), join()
    deaf.deaf = True  # both press at once: neither has heard of the other
    assert here.execute(AcceptPlan(plan_id="plan-a", plan=sample_plan(here, "plan-a")), "wang").ok
    rival = sample_plan(there, "plan-b", craft_id="boat-1", group_ids=("g1", "g2"), incident_id="i2")
    lost = there.execute(AcceptPlan(plan_id="plan-b", plan=rival), "li")
    assert (lost.ok, lost.why) == (False, "conflict")
    assert lost.refusal is not None
    assert "wang was first: Order to Group 1" in lost.refusal.en
    assert "Group 1 is now under orders for incident 0614-001 by wang" in lost.refusal.en
    assert "wang 先一步：指令 1组" in lost.refusal.zh
    assert "1组 现由 wang 派往警情 0614-001" in lost.refusal.zh
    assert there.picture.accepted.keys() == {"plan-a"}, "what won is in the loser's picture"
    assert there.journal.head().seq == here.picture.seq, "nothing of the loser was recorded"
    deaf.deaf = False
    again = there.execute(AcceptPlan(plan_id="plan-b", plan=rival), "li")
    assert again.why == "refused", "with the picture of now it is refused in the usual words"
    assert again.refusal is not None
    assert "by wang" in again.refusal.en


def test_help_sent_to_an_incident_closed_elsewhere_meanwhile_is_refused(join: Join) -> None:
    (here, _), (there, deaf) = join(), join()
    assert here.execute(AcceptPlan(plan_id="plan-a", plan=sample_plan(here, "plan-a")), "wang").ok
    deaf.deaf = True  # both press at once
    assert here.execute(ChangeIncidentStatus(incident_id="i1", status="closed"), "wang").ok
    before = there.journal.head()
    help_sent = sample_plan(there, "plan-b", craft_id="boat-1", group_ids=("g2",))
    lost = there.execute(AcceptPlan(plan_id="plan-b", plan=help_sent), "li")
    assert (lost.ok, lost.why) == (False, "conflict")
    assert lost.refusal is not None
    assert "wang was first" in lost.refusal.en
    assert there.journal.head() == before, "nobody is sent to an incident that is closed"


def test_plan_checked_by_a_forecast_replaced_elsewhere_meanwhile_is_refused(join: Join) -> None:
    (here, _), (there, deaf) = join(), join()
    deaf.deaf = True
    newer = Forecast(id="newer", issued_at=START, valid_to=at(60), author="wang", source="sea", hours=())
    assert here.execute(IssueForecast(forecast=newer), "wang").ok
    lost = there.execute(AcceptPlan(plan_id="plan-a", plan=sample_plan(there, "plan-a")), "li")
    assert (lost.ok, lost.why) == (False, "conflict")
    assert there.picture.forecast is not None
    assert there.picture.forecast.id == "newer", "what won is in the loser's picture"


@pytest.mark.parametrize("lifted", [False, True], ids=["set", "lifted"])
def test_plan_checked_by_closures_changed_elsewhere_meanwhile_is_refused(join: Join, lifted: bool) -> None:
    (here, _), (there, deaf) = join(), join()
    pier = SetClosure(target_kind="pier", target_id=next(iter(here.region.piers)), reason=Text("涌浪", "swell"))
    if lifted:
        assert here.execute(pier, "wang").ok
    deaf.deaf = True
    change: Command = LiftClosure(closure_id=next(iter(here.picture.closures))) if lifted else pier
    assert here.execute(change, "wang").ok
    lost = there.execute(AcceptPlan(plan_id="plan-a", plan=sample_plan(there, "plan-a")), "li")
    assert (lost.ok, lost.why) == (False, "conflict")
    assert lost.refusal is not None
    assert "wang was first" in lost.refusal.en
    assert there.picture.closures == here.picture.closures, "what won is in the loser's picture"
    assert there.execute(AcceptPlan(plan_id="plan-a", plan=sample_plan(there, "plan-a")), "li").ok, "looked again"


def test_closure_of_an_older_journal_stands_and_can_be_lifted(join: Join) -> None:
    (here, _), (there, _) = join(), join()
    closure = Closure(
        id="closure-7",
        target_kind="pier",
        target_id=next(iter(here.region.piers)),
        from_at=START,
        until_at=None,
        reason=Text("涌浪", "swell"),
        author="wang",
    )
    old = Entry(stream="closure:closure-7", event=ClosureSet(closure=closure))
    here.journal.append([old], command_id="old", actor="wang", world_at=START, recorded_at=START)
    assert there.picture.closures == {"closure-7": closure}
    assert there.execute(AcceptPlan(plan_id="plan-a", plan=sample_plan(there, "plan-a")), "li").ok
    assert there.execute(LiftClosure(closure_id="closure-7"), "li").ok
    assert here.picture.closures == there.picture.closures == {}
    assert here.journal.verify() == here.picture.seq


def test_alarm_taken_on_at_both_consoles_is_taken_on_once(join: Join) -> None:
    (here, _), (there, deaf) = join(), join()
    words = Text("因", "cause")
    alarm = AlarmRaised(alarm_id="a", priority=1, cause=words, action=words, deadline_at=None, subject_id="i1")
    here.execute(RaiseAlarms(raised=(alarm,), cleared_ids=()), "console")
    deaf.deaf = True
    assert here.execute(AcknowledgeAlarm(alarm_id="a"), "wang").ok
    lost = there.execute(AcknowledgeAlarm(alarm_id="a"), "li")
    assert lost.refusal is not None
    assert "The alarm is now acknowledged by wang." in lost.refusal.en


def test_silent_store_refuses_in_words_and_nothing_is_lost_or_doubled(join: Join) -> None:
    (here, store), (there, _) = join(), join()
    changes: list[tuple[str, str]] = []
    here.subscribe_health(lambda before, after: changes.append((before.state, after.state)))
    pulse = Pulse(here)
    store.down = True
    pulse.look()
    assert (here.health.state, here.leads) == ("unreachable", False)
    refused = here.execute(LogNote(text="lost"), "li")
    assert (refused.ok, refused.why) == (False, "store")
    assert refused.refusal is not None
    assert "does not answer for 0 s".lower() in refused.refusal.en.lower()
    assert "无应答" in refused.refusal.zh
    with pytest.raises(StoreUnreachableError, match="the past cannot be shown"):
        here.picture_at(START)
    there.execute(LogNote(text="meanwhile"), "wang")
    pulse.look()
    assert "meanwhile" not in texts(here)
    store.down = False
    pulse.look()
    assert (here.health.is_ok, here.leads) == (True, True)
    assert changes == [("ok", "unreachable"), ("unreachable", "ok")]
    assert here.execute(LogNote(text="after"), "li").ok
    assert texts(here)[-2:] == texts(there)[-2:] == ["meanwhile", "after"]


def test_command_cut_at_commit_is_told_as_unknown_and_later_as_recorded(join: Join) -> None:
    (here, store), _ = join(), join()
    found: list[Answer] = []
    here.subscribe_answers(found.append)
    pulse = Pulse(here)
    store.cut_at_commit = True
    outcome = here.execute(LogNote(text="is it there"), "li")
    assert outcome.refusal is not None
    assert "not known" in outcome.refusal.en
    assert "is it there" not in texts(here)
    pulse.look()
    assert found == []
    store.down = False
    pulse.look()
    (answer,) = found
    assert (answer.actor, answer.recorded) == ("li", True)
    assert "is it there" in answer.text.en
    assert texts(here).count("is it there") == 1
    pulse.look()
    assert len(found) == 1, "told once"


def test_command_that_never_arrived_is_told_as_not_recorded(join: Join) -> None:
    here, store = join()
    found: list[Answer] = []
    here.subscribe_answers(found.append)
    pulse = Pulse(here)
    store.down = True
    here.execute(LogNote(text="gone"), "li")  # the first to find the store silent
    store.down = False
    for _ in range(2):
        pulse.look()
    assert found == [], "it might still be under way"
    pulse.look()
    assert [one.recorded for one in found] == [False]
    assert "Press it again" in found[0].text.en
    assert "gone" not in texts(here)


def test_next_console_takes_the_lead_and_reports_nothing_twice(join: Join) -> None:
    (first, store), (second, _) = join(), join()
    hands = {world: HandClock() for world in (first, second)}
    for world, hand in hands.items():
        world.clock = WorldClock(START, 1.0, hand)
    assert first.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(first)), "wang").ok
    assert (first.leads, second.leads) == (True, False)
    tickers = [Ticker(first), Ticker(second)]

    def look(minutes: int, *active: Ticker) -> None:
        for _ in range(minutes * 3):
            for hand in hands.values():
                hand.seconds += 20
            for ticker in active:
                ticker.look(hands[first].seconds)

    look(6, *tickers)
    moved = first.picture.units["g0"].status
    assert moved == "en_route"
    store.close()  # as the end of the process does
    second_pulse = Pulse(second)
    second_pulse.look()
    assert second.leads
    look(60, *tickers)  # the first does not know yet that it lost the lead: versions hold
    events = [one for one in second.journal.read() if one.stream == "unit:g0"]
    statuses = [one.event.status for one in events if hasattr(one.event, "status")]  # type: ignore[union-attr]
    assert statuses == ["accepted", "en_route", "en_route", "en_route", "on_scene"]
    alarms = [one.event.alarm_id for one in second.journal.read() if isinstance(one.event, AlarmRaised)]
    assert len(alarms) == len(set(alarms))
    assert second.journal.verify() == first.picture.seq == second.picture.seq


def test_what_is_done_each_second_stops_nothing_else(join: Join, caplog: pytest.LogCaptureFixture) -> None:
    world, _ = join()
    done: list[str] = []
    world.each_second += [lambda: done.append("first"), lambda: {}["nothing"], lambda: done.append("last")]
    Pulse(world).look()
    assert done == ["first", "last"]
    assert world.leads
    assert "each second" in caplog.text


def test_a_fault_of_each_second_is_logged_once_while_it_lasts(join: Join, caplog: pytest.LogCaptureFixture) -> None:
    world, _ = join()
    fault: list[Exception | None] = [ValueError("one")]

    def task() -> None:
        if fault[0] is not None:
            raise fault[0]

    world.each_second.append(task)
    pulse = Pulse(world)
    for fault[0] in (*[ValueError("one")] * 3, ValueError("other"), None, None, ValueError("one")):
        pulse.look()
    met = [str(line.exc_info[1]) for line in caplog.records if line.exc_info]
    assert met == ["one", "other", "one"]
    assert [line.message for line in caplog.records if not line.exc_info] == [
        "What is done each second goes well again"
    ]


def test_a_look_at_the_store_that_fails_each_second_is_logged_once(
    join: Join, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = join()
    monkeypatch.setattr("console.pulse.PULSE_S", 0.001)
    pulse, looks = Pulse(world), iter([ValueError("one")] * 4)

    def ask() -> None:
        fault = next(looks, None)
        raise fault if fault is not None else asyncio.CancelledError

    monkeypatch.setattr(pulse, "ask", ask)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(pulse.run())
    assert len([line for line in caplog.records if line.exc_info]) == 1


def test_a_fault_at_every_look_is_logged_once(
    join: Join, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = join()
    ticker, looks = Ticker(world), iter([ValueError("one"), ValueError("one"), None, ValueError("one")])

    def look(_: float) -> None:
        fault = next(looks, asyncio.CancelledError())
        if fault is not None:
            raise fault

    monkeypatch.setattr(ticker, "look", look)
    monkeypatch.setattr("console.ticker.LOOK_EVERY_S", 0.0)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(ticker.run())
    faults = [line for line in caplog.records if "The ticker met a fault" in line.message]
    assert len(faults) == 2, "once while it lasts, and again when it comes back"


def test_only_the_leader_moves_anything(join: Join) -> None:
    (_, _), (second, _) = join(), join()
    hand = HandClock()
    second.clock = WorldClock(START, 1.0, hand)
    hand.seconds = 301
    Ticker(second).look(1.0)
    assert second.picture.alarms == {}
    second.leads = True
    Ticker(second).look(1.0)
    assert second.picture.alarms


def test_clocks_agree_by_the_age_of_the_beat(join: Join, database: Database) -> None:
    (first, _), (second, _) = join(), join()
    hand = HandClock()
    first.clock, second.clock = WorldClock(START, 1.0, hand), WorldClock(START, 1.0, hand)
    second.execute(SetClock(speed=60.0), "wang")  # at the console that follows
    assert (first.clock.speed, second.clock.speed) == (60.0, 60.0)
    first.clock.follow(at(30))  # the leader runs ahead of what the other believes
    Pulse(first).look()
    hand.seconds += 5
    database.clock_s += 5
    Pulse(second).look()
    assert abs(second.now - first.now) < timedelta(seconds=1)
    assert first.now == at(35)
    third, _ = join()
    assert abs(third.now - first.now) < timedelta(seconds=1), "who joins takes the clock up where it is"
    first.execute(SetClock(speed=0.0), "li")
    database.clock_s += 2
    Pulse(second).look()  # the beat is of before the pause and says nothing
    assert abs(second.now - first.now) < timedelta(seconds=1)
    before = second.now
    database.leader = None
    Pulse(second).look()
    assert second.leads
    assert second.now >= before, "no jump back on taking the lead"


def test_drill_left_by_everybody_resumes_where_it_stopped(join: Join, database: Database) -> None:
    world, store = join()
    world.clock = WorldClock(START, 10.0, HandClock())
    world.execute(SetClock(speed=10.0), "wang")
    world.clock.follow(at(7))
    Pulse(world).look()
    world.close()
    store.close()
    database.clock_s += 3600
    again, _ = join()
    assert at(7) <= again.now < at(8)


def test_scenario_begun_elsewhere_is_taken_up(join: Join, zhoushan: Region) -> None:
    (here, _), (there, _) = join(), join()
    heard: list[tuple[Recorded, ...]] = []
    there.subscribe(heard.append)
    here.execute(LogNote(text="of the past"), "wang")
    heard.clear()
    here.restart(SampleStory(zhoushan, id="second"))
    late = there.execute(LogNote(text="too late"), "li")  # before it has looked
    assert late.refusal is not None
    assert "another scenario" in late.refusal.en
    assert (there.generation, there.picture.scenario_id) == (1, "second")
    assert heard[0][0].seq == 1
    assert there.execute(LogNote(text="of now"), "li").ok
    assert "of now" in texts(here)
    there.restart(SampleStory(zhoushan, id="third"))
    Pulse(here).look()
    assert (here.generation, here.picture.scenario_id) == (2, "third")


def test_clock_of_another_scenario_is_not_that_of_the_one_before(join: Join, zhoushan: Region) -> None:
    (leader, _), (follower, _) = join(), join()
    leader.clock.follow(at(90))
    pulses = Pulse(leader), Pulse(follower)
    for pulse in pulses:
        pulse.look()
    assert follower.now >= at(90)
    follower.restart(SampleStory(zhoushan, id="second"))
    pulses[1].look()  # the leader's beat is still of the story before
    assert START <= follower.now < at(1)
    (joined, _) = join()
    assert START <= joined.now < at(1), "nor does a console that starts just then take it"
    pulses[0].look()
    assert START <= leader.now < at(1)


def test_scenario_begun_at_both_consoles_is_begun_once(join: Join, database: Database, zhoushan: Region) -> None:
    (here, _), (there, _) = join(), join()
    database.begin()  # the first console died between putting the old one aside and beginning the next
    Pulse(there).look()
    assert there.generation == 0, "an empty journal shows nothing: wait"
    there.restart(SampleStory(zhoushan, id="second"))
    assert (there.generation, there.picture.scenario_id) == (1, "second")
    Pulse(here).look()
    assert here.picture.scenario_id == "second"
    assert len(database.journals) == 2


def test_full_disk_is_told_and_over_once_something_is_written(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    world, _ = join()
    changes: list[tuple[Health, Health]] = []
    world.subscribe_health(lambda before, after: changes.append((before, after)))

    def full(*_: object, **__: object) -> None:
        raise StoreReadOnlyError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(ConsoleJournal, "append", full)
        refused = world.execute(LogNote(text="no room"), "li")
        assert refused.refusal is not None
        assert "The disk is full." in refused.refusal.en
        assert (world.health.state, world.health.may_try) == ("read_only", True)
    assert world.execute(LogNote(text="room again"), "li").ok
    assert [after.state for _, after in changes] == ["read_only", "ok"]


def test_conflict_of_the_simulator_waits_for_the_next_look(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    (here, _), (there, deaf) = join(), join()
    hand = HandClock()
    there.clock = WorldClock(START, 1.0, hand)
    assert here.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(here)), "wang").ok
    deaf.deaf = True
    here.execute(SetUnitStatus(unit_id="g0", status="accepted"), "g0")  # keyed by hand at the other console
    hand.seconds = 60
    asked: list[str] = []
    execute = there.execute

    def counted(command: Command, actor: str) -> Outcome:
        outcome = execute(command, actor)
        asked.append(outcome.why)
        return outcome

    monkeypatch.setattr(there, "execute", counted)
    Simulator(there).report(there.now)
    assert asked == ["conflict"]
    Simulator(there).report(there.now)
    assert asked == ["conflict", ""], "the next look knows what the other console recorded"
    assert {there.picture.units[one].status for one in ("boat-0", "g0", "g1")} == {"accepted"}
    assert there.journal.verify() == there.picture.seq


def test_two_consoles_that_open_an_empty_store_at_once_begin_it_once(database: Database, zhoushan: Region) -> None:
    journal = database.console().open_journal()
    story = SampleStory(zhoushan)
    for _ in range(2):
        begin(journal, opening_of(story, zhoushan, "drill", None))
    assert len([one for one in journal.read() if one.stream == "world"]) == 1


def test_event_of_a_newer_program_is_kept_and_stops_commands(join: Join, database: Database) -> None:
    (here, store), (there, _) = join(), join()
    newer = UnknownEvent(kind="SonarContact", body='{"kind":"SonarContact","depth_m":12}')
    last = here.execute(LogNote(text="known"), "wang").events[0]
    told = msgspec.structs.replace(last, seq=last.seq + 1, stream="sonar", version=1, event=newer)
    here.catch_up((told,))
    assert (here.health.state, here.health.may_try) == ("read_only", False)
    refused = here.execute(LogNote(text="not on top of it"), "wang")
    assert refused.refusal is not None
    assert "'SonarContact'" in refused.refusal.en
    assert "“SonarContact”" in refused.refusal.zh
    assert database.newest().head().seq == last.seq
    pulse = Pulse(here)
    for one in (pulse, Pulse(there)):
        one.look()
    assert (here.leads, there.leads) == (False, True), "who may not write does not lead"
    store.down = True
    pulse.look()
    assert here.health.state == "unreachable"
    store.down = False
    pulse.look()
    assert here.health.state == "read_only", "an outage does not make it known"


def test_event_that_cannot_be_folded_stops_commands_in_words(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    (here, _), (there, _) = join(), join()
    with monkeypatch.context() as patched:
        patched.setattr(there.picture, "apply", lambda _: {}["nothing"])  # as of a program of another make
        assert here.execute(LogNote(text="one"), "wang").ok
    assert (there.health.state, there.health.may_try) == ("read_only", False)
    refused = there.execute(LogNote(text="two"), "li")
    assert refused.refusal is not None
    assert f"event {here.picture.seq} of the journal could not be taken into the picture" in refused.refusal.en
    assert here.journal.head().seq == here.picture.seq
