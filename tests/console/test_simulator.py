"""The simulator: units of an accepted plan report and move as its legs say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console.commands import AcceptPlan, ChangeIncidentStatus, SetUnitStatus
from console.simulator import STANDING_FIX_EVERY, Simulator
from console.way_home import travelled
from console.world import World
from data.geography import Region
from tests.console.world_samples import START, HandClock, at, open_world, sample_plan


@pytest.fixture(autouse=True)
def sound_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])


@pytest.fixture
def stage(tmp_path: Path, zhoushan: Region) -> Iterator[tuple[World, HandClock, Simulator]]:
    world, hand = open_world(tmp_path, zhoushan)
    assert world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world)), "alice").ok
    yield world, hand, Simulator(world)
    world.close()


def play(stage: tuple[World, HandClock, Simulator], until_min: float, step_s: float = 20) -> None:
    """Run the simulator up to a minute after the start."""
    world, hand, simulator = stage
    while hand.seconds < until_min * 60:
        hand.seconds = min(hand.seconds + step_s, until_min * 60)
        simulator.report(world.now)
        world.record_fixes(simulator.fixes(world.now))


def statuses(world: World) -> dict[str, str]:
    return {unit_id: world.picture.units[unit_id].status for unit_id in ("boat-0", "g0", "g1", "g2")}


def test_units_answer_within_a_minute_and_leave_at_their_time(stage: tuple[World, HandClock, Simulator]) -> None:
    world, _, _ = stage
    play(stage, 1)
    assert statuses(world) == {"boat-0": "accepted", "g0": "accepted", "g1": "accepted", "g2": "available"}
    play(stage, 6)
    assert statuses(world) == {"boat-0": "accepted", "g0": "en_route", "g1": "en_route", "g2": "available"}
    assert world.picture.incidents["i1"].status == "en_route"


def test_groups_ride_their_boat_and_arrive(stage: tuple[World, HandClock, Simulator]) -> None:
    world, _, _ = stage
    play(stage, 30)
    boat, group = world.picture.units["boat-0"], world.picture.units["g0"]
    assert (boat.lon_deg, boat.lat_deg) == (group.lon_deg, group.lat_deg)
    assert boat.speed_mps > 0
    assert boat.heading_deg is not None
    carry = world.picture.accepted["plan-1"].legs[1]
    assert boat.lon_deg == pytest.approx((carry.path[0][0] + carry.path[1][0]) / 2, abs=1e-6)
    play(stage, 51)
    assert statuses(world) == {"boat-0": "available", "g0": "on_scene", "g1": "on_scene", "g2": "available"}
    landed = world.picture.units["boat-0"]
    assert landed.is_free
    assert landed.site_id == carry.to_site
    assert world.picture.incidents["i1"].status == "on_scene"


def test_pause_of_an_hour_is_caught_up_with(stage: tuple[World, HandClock, Simulator]) -> None:
    world, _, _ = stage
    play(stage, 60, step_s=1800)
    play(stage, 61, step_s=10)
    assert statuses(world) == {"boat-0": "available", "g0": "on_scene", "g1": "on_scene", "g2": "available"}


def test_simulator_resumes_after_a_restart(tmp_path: Path, zhoushan: Region) -> None:
    world, hand = open_world(tmp_path, zhoushan)
    world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(world)), "alice")
    play((world, hand, Simulator(world)), 30)
    world.close()
    again, later = open_world(tmp_path, zhoushan)
    resumed = again, later, Simulator(again)
    later.seconds = 0.0
    while again.now < at(52):
        later.seconds += 20
        resumed[2].report(again.now)
    assert statuses(again)["g0"] == "on_scene"
    again.close()


def test_unit_taken_out_of_service_is_left_alone(stage: tuple[World, HandClock, Simulator]) -> None:
    world, _, _ = stage
    play(stage, 1)
    world.execute(SetUnitStatus(unit_id="g1", status="out_of_service"), "alice")
    play(stage, 51)
    assert statuses(world)["g1"] == "out_of_service"
    assert statuses(world)["g0"] == "on_scene"


def test_standing_units_report_every_three_minutes(stage: tuple[World, HandClock, Simulator]) -> None:
    world, _, simulator = stage
    assert simulator.fixes(START + STANDING_FIX_EVERY - timedelta(seconds=1)) == ()
    assert len(simulator.fixes(START + STANDING_FIX_EVERY)) == len(world.picture.units)
    play(stage, 20)
    assert max(world.now - unit.fix_at for unit in world.picture.units.values()) <= STANDING_FIX_EVERY


def test_units_go_home_the_way_they_came(stage: tuple[World, HandClock, Simulator]) -> None:
    world, _, _ = stage
    play(stage, 52)
    world.execute(ChangeIncidentStatus(incident_id="i1", status="closed"), "alice")
    assert statuses(world) == {"boat-0": "returning", "g0": "returning", "g1": "returning", "g2": "available"}
    play(stage, 62)
    boat = world.picture.units["boat-0"]
    carry = world.picture.accepted["plan-1"].legs[1]
    assert boat.lon_deg == pytest.approx((carry.path[0][0] + carry.path[1][0]) / 2, abs=1e-6)
    play(stage, 100)
    assert set(statuses(world).values()) == {"available"}
    home = [world.picture.units[one] for one in ("boat-0", "g0", "g1")]
    assert all(unit.site_id == unit.home_site_id and unit.is_free for unit in home)


def test_incident_closed_on_the_way_turns_units_round_where_they_are(
    stage: tuple[World, HandClock, Simulator],
) -> None:
    world, _, _ = stage
    play(stage, 25)
    before = world.picture.units["boat-0"]
    world.execute(ChangeIncidentStatus(incident_id="i1", status="closed"), "alice")
    play(stage, 25.5, step_s=5)
    after = world.picture.units["boat-0"]
    assert abs(after.lon_deg - before.lon_deg) < 0.01
    play(stage, 31)
    assert world.picture.units["boat-0"].site_id == world.picture.units["boat-0"].home_site_id


def test_travelled_share_of_a_path() -> None:
    path = ((122.0, 30.0), (122.1, 30.0), (122.2, 30.0))
    assert travelled(path, 1.0) == path
    assert travelled(path, 0.25)[-1] == (pytest.approx(122.05), 30.0)
    assert len(travelled(path, 0.0)) == 2
