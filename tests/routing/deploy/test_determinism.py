"""One seed and one number of moves give one plan, whatever process; a stored plan comes back without being solved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest

from console.commands import AcceptPlan, ProposePlan
from console.planning import next_minute
from console.world import World
from data.array_cache import ArrayCache
from data.geography import Region
from data.journal.events import PlanProposed
from data.scenario import Scenario, read_scenario
from routing.deploy import deployment, solve
from routing.deploy.deployment import Planner
from routing.network.network import Network
from routing.worker import SolveWorker
from tests.routing.deploy.samples import tiny_problem
from tests.routing.deploy.solved_apart import DRAWN, ROOT, SEEDS, SHIPPED, begin, outcome

WAIT_S = 300.0


def test_two_processes_give_the_same_plans(zhoushan_network: Network, network_cache: ArrayCache) -> None:
    """Side by side, so that each has what time the other leaves it, and with sets of words in two orders."""
    del zhoushan_network  # only so that the cache holds it
    running = [begin(network_cache.folder, hash_seed) for hash_seed in (1, 2)]
    try:
        first, second = (outcome(process, WAIT_S) for process in running)
    finally:
        for process in running:
            process.kill()
            process.wait()
    drawn = [[first[f"{size} {seed}, {search_seed}"] for search_seed in SEEDS] for size, seed in DRAWN]
    assert all(one["trips"] for answers in drawn for one in answers)
    assert any(one["trips"] != other["trips"] for one, other in drawn), "no seed matters: these problems prove nothing"
    assert first[SHIPPED]["legs"]
    assert first.keys() == second.keys()
    for name in first:
        assert first[name] == second[name], name


@pytest.fixture
def story(zhoushan: Region) -> Scenario:
    """A shipped scenario with an open incident."""
    return read_scenario(ROOT / "data" / "scenarios" / f"{SHIPPED}.yaml", zhoushan)


def _forbid_solving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every door to a solve fails from now on."""

    def refused(*_given: Any, **_named: Any) -> NoReturn:
        raise AssertionError("something was solved")

    for owner, name in (
        (solve._Solving, "__init__"),
        (deployment, "solve"),
        (deployment, "compile_problem"),
        (SolveWorker, "submit"),
    ):
        monkeypatch.setattr(owner, name, refused)


def test_a_stored_plan_comes_back_to_the_letter_and_nothing_is_solved(
    tmp_path: Path,
    zhoushan: Region,
    zhoushan_network: Network,
    planner: Planner,
    story: Scenario,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World.open(tmp_path, zhoushan, zhoushan_network, story)
    situation = world.picture.situation(next_minute(world.now), tuple(world.picture.incidents), {})
    plan = planner.first_plan(situation)
    assert plan.legs
    assert world.execute(ProposePlan(plan=plan), "desk").ok
    outcome = world.execute(AcceptPlan(plan_id=plan.id, plan=plan), "alice")
    assert outcome.ok, outcome.refusal
    accepted, orders, moment = world.picture.accepted[plan.id], dict(world.picture.orders), world.now
    assert orders
    world.close()

    _forbid_solving(monkeypatch)
    again = World.open(tmp_path, zhoushan, None)
    try:
        (proposed,) = (one.event.plan for one in again.journal.read() if isinstance(one.event, PlanProposed))
        assert msgspec.json.encode(proposed) == msgspec.json.encode(msgspec.structs.replace(plan, situation=None))
        for picture in (again.picture, again.picture_at(moment + timedelta(seconds=1))):
            assert msgspec.json.encode(picture.accepted[plan.id]) == msgspec.json.encode(accepted)
            assert picture.orders == orders
        assert again.picture_at(story.start_at - timedelta(seconds=1)).accepted == {}
    finally:
        again.close()


def test_the_guard_against_solving_bites(planner: Planner, story: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid_solving(monkeypatch)
    with pytest.raises(AssertionError, match="something was solved"):
        solve.solve(tiny_problem())
    with pytest.raises(AssertionError, match="something was solved"):
        planner.first_plan(story.situation())
