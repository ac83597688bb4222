"""The main job on the real region: report, plan, accept by the real check, move, close; nothing of it faked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console.clock import WorldClock
from console.closing_links import find_closings
from console.commands import AcceptPlan, ChangeIncidentStatus, ReportIncident, SetClosure
from console.planning import next_minute
from console.simulator import Simulator
from console.world import World
from data.array_cache import ArrayCache
from data.geography import Region
from data.incidents import Echelon
from data.plans import Plan
from data.scenario import read_scenario
from data.text import Text
from routing.deploy.deployment import solve_deployment
from routing.deploy.solve import SolveOptions
from routing.movement import units_of
from routing.network.network import Network
from tests.console.world_samples import HandClock


def persons(count: int) -> tuple[Echelon, ...]:
    """Ask for so many, of any skill."""
    return (Echelon(id=f"t{count}", name=Text("首批", "First"), persons=count, skill=None, weight=3, due_min=90),)


@pytest.fixture(scope="module")
def network(zhoushan: Region, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return Network.build(zhoushan, ArrayCache(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def stage(tmp_path: Path, zhoushan: Region, network: Network) -> Iterator[tuple[World, HandClock]]:
    world = World.open(tmp_path, zhoushan, network, read_scenario("june-major-case", zhoushan))
    hand = HandClock()
    world.clock = WorldClock(world.now, 1.0, hand)
    yield world, hand
    world.close()


def reported(world: World, place: str, count: int = 12) -> str:
    outcome = world.execute(ReportIncident(case_type="affray", place=place, echelons=persons(count)), "seat-1")
    assert outcome.ok, outcome.refusal
    return str(outcome.events[0].event.incident.id)  # type: ignore[union-attr]


def planned(world: World, incident_id: str) -> Plan:
    situation = world.picture.situation(next_minute(world.now), [incident_id])
    plan = solve_deployment(situation, world.region, world.network, SolveOptions(seconds=0.2, seed=1))
    assert plan.legs
    return plan


def test_a_plan_is_found_accepted_and_carried_out(stage: tuple[World, HandClock]) -> None:
    world, hand = stage
    incident_id = reported(world, "Dengbu")
    plan = planned(world, incident_id)
    outcome = world.execute(AcceptPlan(plan_id=plan.id, plan=plan), "seat-1")
    assert outcome.ok, outcome.refusal
    simulator = Simulator(world)
    complete_at = plan.echelons[0].complete_at
    assert complete_at is not None
    while world.now < complete_at + timedelta(minutes=1):
        hand.seconds += 15
        simulator.report(world.now)
        world.record_fixes(simulator.fixes(world.now))
    groups = [unit for unit in world.picture.units.values() if unit.incident_id == incident_id and unit.kind == "group"]
    assert sum(unit.strength for unit in groups if unit.status == "on_scene") >= 12
    assert world.picture.incidents[incident_id].status == "on_scene"
    incident = world.picture.incidents[incident_id]
    assert all(abs(unit.lon_deg - incident.lon_deg) < 1e-4 for unit in groups if unit.status == "on_scene")
    world.execute(ChangeIncidentStatus(incident_id=incident_id, status="closed"), "seat-1")
    end = world.now + timedelta(hours=3)
    while world.now < end:
        hand.seconds += 60
        simulator.report(world.now)
    assert all(world.picture.units[one].is_free for one in units_of(plan))
    assert all(world.picture.units[one].status == "available" for one in units_of(plan))
    assert world.journal.verify() == world.picture.seq


def test_two_plans_for_the_same_units_only_the_first_is_accepted(stage: tuple[World, HandClock]) -> None:
    world, _ = stage
    first, second = planned(world, reported(world, "Dengbu")), planned(world, reported(world, "登步岛"))
    assert set(units_of(first)) & set(units_of(second))
    assert world.execute(AcceptPlan(plan_id=first.id, plan=first), "alice").ok
    lost = world.execute(AcceptPlan(plan_id=second.id, plan=second), "bob")
    assert lost.refusal is not None
    assert "alice" in lost.refusal.en
    again = planned(world, second.incident_ids[0])  # from the picture of now it can be served by others
    assert world.execute(AcceptPlan(plan_id=again.id, plan=again), "bob").ok


def test_plan_over_a_pier_closed_meanwhile_is_refused_and_its_legs_are_closing(
    stage: tuple[World, HandClock],
) -> None:
    world, _ = stage
    plan = planned(world, reported(world, "Miaozihu", 60))
    carry = next((leg for leg in plan.legs if leg.purpose == "carry" and leg.mode == "sea"), None)
    assert carry is not None
    reason = Text("码头受损", "pier damaged")
    closed = SetClosure(target_kind="pier", target_id=carry.to_site, reason=reason, minutes=600)
    assert world.execute(closed, "seat-1").ok
    refused = world.execute(AcceptPlan(plan_id=plan.id, plan=plan), "seat-1")
    assert refused.refusal is not None
    assert "pier damaged" in refused.refusal.en or "closed" in refused.refusal.en
    closings = find_closings(plan, world.picture, world.region, world.network)
    assert any(one.place_id == carry.to_site and one.from_at <= carry.depart_at for one in closings)
