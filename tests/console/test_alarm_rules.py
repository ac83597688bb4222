"""Each alarm rule alone, and the ticker that raises and clears."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from console.alarm_rules import (
    Watch,
    echelons_late,
    forecast_runs_out,
    incident_waits,
    links_closing,
    orders_unaccepted,
    units_not_moving,
)
from console.closing_links import LegClosing
from console.commands import AcceptPlan, AcknowledgeAlarm, ChangeIncidentStatus, SetUnitStatus
from console.ticker import Ticker
from console.world import World
from data.geography import Region
from data.plans import Plan
from data.text import Text
from data.weather import Forecast
from tests.console.world_samples import START, HandClock, at, open_world, sample_plan


@pytest.fixture(autouse=True)
def sound_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])


@pytest.fixture
def stage(tmp_path: Path, zhoushan: Region) -> Iterator[tuple[World, HandClock]]:
    world, hand = open_world(tmp_path, zhoushan)
    yield world, hand
    world.close()


def watch(world: World, minute: float, closings: dict[str, tuple[LegClosing, ...]] | None = None) -> Watch:
    return Watch(picture=world.picture, region=world.region, now=at(minute), closings=closings or {})


def accepted(world: World, **given: object) -> Plan:
    plan = msgspec.structs.replace(sample_plan(world), **given)
    assert world.execute(AcceptPlan(plan_id=plan.id, plan=plan), "alice").ok
    return plan


def test_incident_waits_by_its_priority(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    assert list(incident_waits(watch(world, 4.9))) == []
    assert {alarm.subject_id for alarm in incident_waits(watch(world, 5))} == {"i1", "i2"}
    accepted(world)
    assert {alarm.subject_id for alarm in incident_waits(watch(world, 5))} == {"i2"}


def test_orders_unaccepted_are_one_alarm_with_names_and_deadline(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    accepted(world)
    assert list(orders_unaccepted(watch(world, 1.9))) == []
    (alarm,) = orders_unaccepted(watch(world, 2))
    assert "3 units" in alarm.cause.en
    assert "Boat 0" in alarm.cause.en
    assert alarm.deadline_at == at(5)
    for unit_id in ("boat-0", "g0", "g1"):
        world.execute(SetUnitStatus(unit_id=unit_id, status="accepted"), unit_id)
    assert list(orders_unaccepted(watch(world, 3))) == []


def test_units_not_moving_after_their_time(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    accepted(world)
    world.execute(SetUnitStatus(unit_id="g0", status="accepted"), "g0")
    assert list(units_not_moving(watch(world, 7.9))) == []
    (alarm,) = units_not_moving(watch(world, 8))
    assert "Group 0" in alarm.cause.en
    world.execute(SetUnitStatus(unit_id="g0", status="en_route"), "g0")
    assert list(units_not_moving(watch(world, 9))) == []


def test_echelon_past_due_counts_who_is_there(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    accepted(world)  # due at 40, planned at 50, twelve asked
    world.execute(SetUnitStatus(unit_id="g0", status="on_scene"), "g0")
    assert list(echelons_late(watch(world, 40))) == []
    (alarm,) = echelons_late(watch(world, 41))
    assert "8 of 12" in alarm.cause.en
    assert "expected 03:50" in alarm.cause.en
    world.execute(SetUnitStatus(unit_id="g1", status="on_scene"), "g1")
    assert list(echelons_late(watch(world, 45))) == []


def test_echelon_that_cannot_be_filled_is_said_at_once(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    plan = sample_plan(world)
    unmet = msgspec.structs.replace(plan.echelons[0], complete_min=None, complete_at=None)
    accepted(world, echelons=(unmet,))
    (alarm,) = echelons_late(watch(world, 1))
    assert "cannot be filled" in alarm.cause.en


def closing(plan: Plan, leg: int, from_min: float, until_min: float = 600, cause: str = "wind:east") -> LegClosing:
    return LegClosing(
        leg=plan.legs[leg],
        from_at=at(from_min),
        until_at=at(until_min),
        cause=cause,
        text=Text("风大", "wind 17 m/s over its limit 13.8"),
    )


def test_link_that_closes_soon_after_a_departure_gives_the_last_safe_one(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    plan = accepted(world)  # the boat leaves at 20
    assert list(links_closing(watch(world, 1, {plan.id: (closing(plan, 1, 51),)}))) == []
    (alarm,) = links_closing(watch(world, 1, {plan.id: (closing(plan, 1, 35),)}))
    assert (alarm.priority, alarm.deadline_at) == (2, at(34))
    assert "Depart by 03:34" in alarm.action.en
    assert "3 orders affected" in alarm.cause.en
    assert list(links_closing(watch(world, 21, {plan.id: (closing(plan, 1, 35),)}))) == []  # it has left


def test_link_closed_at_the_departure_is_urgent_and_one_alarm_a_place(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    plan = accepted(world)
    (alarm,) = links_closing(
        watch(world, 1, {plan.id: (closing(plan, 1, 10), closing(plan, 2, 9, cause="waves:east"))})
    )
    assert alarm.priority == 1
    assert "plan again" in alarm.action.en
    over = closing(plan, 1, 2, 15)  # open again before the departure
    assert list(links_closing(watch(world, 1, {plan.id: (over,)}))) == []


def test_forecast_that_runs_out(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    world.picture.forecast = Forecast(
        id="f1", issued_at=START, valid_to=at(180), author="met", source="assumed", hours=()
    )
    assert list(forecast_runs_out(watch(world, 59))) == []
    (alarm,) = forecast_runs_out(watch(world, 60))
    assert (alarm.priority, alarm.deadline_at) == (3, at(180))


def test_ticker_raises_once_and_clears_when_the_cause_is_gone(stage: tuple[World, HandClock]) -> None:
    world, hand = stage
    ticker = Ticker(world)
    hand.seconds = 301
    for second in range(1, 6):
        ticker.look(float(second))
    assert set(world.picture.alarms) == {"waits:i1", "waits:i2"}
    count = world.picture.seq
    ticker.look(6.0)
    assert world.picture.seq == count
    world.execute(AcknowledgeAlarm(alarm_id="waits:i1"), "alice")
    world.execute(ChangeIncidentStatus(incident_id="i1", status="closed"), "alice")
    ticker.look(7.0)
    alarm = world.picture.alarms["waits:i1"]
    assert (alarm.cleared, alarm.acked_by, alarm.stands) == (True, "alice", False)
    assert not world.picture.alarms["waits:i2"].cleared
    hand.seconds += 3600
    assert world.picture.alarms["waits:i2"].stands
    assert timedelta(0) < world.now - START
