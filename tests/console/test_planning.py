"""The planning desk with a solver that answers when told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.commands import AcceptPlan, ChangeIncidentStatus
from console.planning import PlanJob, PlanningDesk, next_minute
from console.seat import Seat
from console.world import World
from data.geography import Region
from data.plans import Alternative, Plan
from data.situation import Situation
from data.text import Text
from routing.worker import JobDone, JobFailed, JobListener, JobPlan, JobProgress
from tests.console.world_samples import START, SampleStory, open_world, sample_plan


class SolverByHand:
    """Keeps what it was asked and answers by the listener it was given."""

    def __init__(self) -> None:
        self.asked: list[tuple[Situation, JobListener, float, int]] = []
        self.cancelled: list[str] = []

    def submit(self, situation: Situation, listener: JobListener, seconds: float = 2.0, seed: int = 1) -> str:
        self.asked.append((situation, listener, seconds, seed))
        return f"job-{len(self.asked)}"

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def answer(self, message: Any, which: int = -1) -> None:
        self.asked[which][1](message)


@pytest.fixture
def stage(tmp_path: Path, zhoushan: Region) -> Iterator[tuple[World, PlanningDesk, SolverByHand]]:
    world, _ = open_world(tmp_path, zhoushan)
    solver = SolverByHand()
    yield world, PlanningDesk(world, solver), solver
    world.close()


def found(plan: Plan, alternative: Alternative = "balanced", final: bool = False) -> JobPlan:
    return JobPlan(job_id="job-1", alternative=alternative, elapsed_s=0.1, final=final, plan=plan)


DONE = JobDone(job_id="job-1", elapsed_s=2.0, cancelled=False)


def test_job_gets_better_plans_and_puts_the_last_on_record(stage: tuple[World, PlanningDesk, SolverByHand]) -> None:
    world, desk, solver = stage
    news: list[PlanJob] = []
    desk.subscribe(news.append)
    job = desk.request(["i1"], "alice", seconds=3.0, seed=7)
    assert (job.status, job.gap, desk.job("i1")) == ("running", None, job)
    situation, _, seconds, seed = solver.asked[0]
    assert ([one.id for one in situation.incidents], seconds, seed) == (["i1"], 3.0, 7)
    first, better = sample_plan(world, "p1"), sample_plan(world, "p2")
    solver.answer(found(first))
    assert job.alternatives == {"balanced": first}
    assert job.first_plan_s is not None
    solver.answer(
        JobProgress(
            job_id="job-1", alternative="balanced", elapsed_s=1.0, stage="search", objective=1, bound=1.0, gap=0.02
        )
    )
    assert (job.gap, job.stage) == (0.02, "search")
    solver.answer(found(better, final=True))
    assert desk.plan("p1") is None
    assert desk.plan("p2") is better
    assert world.picture.proposals == {}
    solver.answer(DONE)
    assert (job.status, job.elapsed_s) == ("done", job.ended_s)
    assert list(world.picture.proposals) == ["p2"]
    assert len(news) == 5


def test_a_seat_that_wants_a_copy_looks_at_the_plan_it_is_a_copy_of(
    stage: tuple[World, PlanningDesk, SolverByHand],
) -> None:
    world, desk, solver = stage
    seat = Seat(world, desk, selected_incident_id="i1", alternative="fastest")
    desk.request(["i1"], "alice")
    solver.answer(found(sample_plan(world, "one")))
    solver.answer(found(sample_plan(world, "other", alternative="fastest"), "fastest"))
    assert seat.shown_plan is not None
    assert seat.shown_plan.id == "other", "while it may still be bettered it is looked at itself"
    solver.answer(DONE)
    assert seat.shown_plan.id == "one"


def test_new_request_takes_the_place_of_the_old(stage: tuple[World, PlanningDesk, SolverByHand]) -> None:
    world, desk, solver = stage
    desk.request(["i1"], "alice")
    second = desk.request(["i1"], "alice", forbidden={"g0": Text("不用", "kept out")})
    assert solver.cancelled == ["job-1"]
    assert solver.asked[1][0].forbidden == {"g0": Text("不用", "kept out")}
    solver.answer(found(sample_plan(world, "old")), which=0)
    solver.answer(DONE, which=0)
    assert second.alternatives == {}
    assert world.picture.proposals == {}


def test_request_for_named_units_leaves_the_other_kind_open(
    stage: tuple[World, PlanningDesk, SolverByHand],
) -> None:
    world, desk, solver = stage
    groups = {one for one, unit in world.picture.units.items() if unit.kind == "group"}
    craft = set(world.picture.units) - groups
    desk.request(["i1"], "alice", only={"g0"})
    assert set(solver.asked[0][0].forbidden) == groups - {"g0"}
    desk.request(["i1"], "alice", only={"g0", "boat-0"})
    assert set(solver.asked[1][0].forbidden) == (groups | craft) - {"g0", "boat-0"}


def test_plan_starts_at_a_whole_minute(stage: tuple[World, PlanningDesk, SolverByHand]) -> None:
    _, desk, solver = stage
    desk.request(["i1"], "alice")
    assert solver.asked[0][0].at == START
    assert next_minute(START + timedelta(seconds=1)) == START + timedelta(minutes=1)


def test_failure_is_told_in_words(stage: tuple[World, PlanningDesk, SolverByHand]) -> None:
    _, desk, solver = stage
    job = desk.request(["i1"], "alice")
    solver.answer(JobFailed(job_id="job-1", text=Text("求解进程退出", "The solver ended")))
    assert (job.status, job.error) == ("failed", Text("求解进程退出", "The solver ended"))


def test_request_that_cannot_be_planned_fails_in_words(stage: tuple[World, PlanningDesk, SolverByHand]) -> None:
    world, desk, solver = stage
    assert "no incident 'nope'" in str(desk.request(["nope"], "alice").error)
    assert "Choose an incident" in str(desk.request([], "alice").error)
    world.execute(ChangeIncidentStatus(incident_id="i1", status="closed"), "alice")
    assert "is closed" in str(desk.request(["i1"], "alice").error)
    assert solver.asked == []


def test_plans_that_come_after_an_acceptance_are_not_put_on_record(
    stage: tuple[World, PlanningDesk, SolverByHand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])
    world, desk, solver = stage
    desk.request(["i1"], "alice")
    plan = sample_plan(world, "p1")
    solver.answer(found(plan))
    assert world.execute(AcceptPlan(plan_id="p1", plan=plan), "alice").ok
    solver.answer(found(sample_plan(world, "p2"), "fastest"))
    solver.answer(DONE)
    assert world.picture.proposals == {}


def test_job_of_an_earlier_scenario_is_forgotten(stage: tuple[World, PlanningDesk, SolverByHand]) -> None:
    world, desk, solver = stage
    desk.request(["i1"], "alice")
    world.restart(SampleStory(world.region, id="second"))
    assert desk.job("i1") is None
    solver.answer(found(sample_plan(world, "p1")))
    solver.answer(DONE)
    assert world.picture.proposals == {}


def test_answers_from_the_solver_thread_are_taken_in_the_loop(
    stage: tuple[World, PlanningDesk, SolverByHand],
) -> None:
    world, desk, solver = stage
    seen: list[int] = []
    desk.subscribe(lambda _: seen.append(threading.get_ident()))

    async def serve() -> None:
        running = asyncio.create_task(world.run())
        await asyncio.sleep(0.05)
        desk.request(["i1"], "alice")
        plan = sample_plan(world, "p1")
        await asyncio.to_thread(solver.answer, found(plan))
        await asyncio.to_thread(solver.answer, DONE)
        await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(serve())
    assert set(seen) == {threading.get_ident()}
    assert len(seen) == 3
    assert list(world.picture.proposals) == ["p1"]
