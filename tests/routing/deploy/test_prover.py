"""The proving process: bounds come from it, a better plan reaches it, its death is told and another takes its place."""

from __future__ import annotations

import os
import queue
import signal
from collections.abc import Iterator

import pytest

from routing.deploy.bound_delivery import isolated_floors
from routing.deploy.columns.engine import ColumnTask
from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.greedy import plan_greedily
from routing.deploy.prover import Prover
from routing.deploy.prover_messages import Ended, Found, Raised
from routing.deploy.reach import Reach
from routing.deploy.windows import echelon_windows

Heard = queue.Queue[Raised | Found | Ended | None]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="handles are handed to a child on POSIX only")
LIMIT_S = 120.0  # only ends a test that hangs


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    prover = Prover()
    yield prover
    prover.stop()


def task_of(size: str, seed: int) -> ColumnTask:
    problem = draw_problem(SIZES[size], seed)
    plan = plan_greedily(problem)
    floors = isolated_floors(problem, Reach(problem))
    points = [f.points(problem, need.weight) for f, need in zip(floors, problem.echelons, strict=True)]
    return ColumnTask(problem, echelon_windows(problem, points, plan[0].total), plan, sum(points), seed)


def until_ended(heard: Heard) -> list[Raised | Found | Ended]:
    messages: list[Raised | Found | Ended] = []
    while not messages or not isinstance(messages[-1], Ended):
        message = heard.get(timeout=LIMIT_S)
        assert message is not None, "the proving process died"
        messages.append(message)
    return messages


def test_bounds_and_plans_come_from_the_process_and_meet(prover: Prover) -> None:
    task, heard = task_of("medium", 3), Heard()
    assert prover.begin(task, heard.put) is not None
    messages = until_ended(heard)
    last = messages[-1]
    assert isinstance(last, Ended)
    bounds = [m.bound for m in messages if isinstance(m, Raised)]
    plans = [m.plan for m in messages if isinstance(m, Found)]
    assert bounds == sorted(bounds)
    assert plans, "from the greedy plan a dive finds a better one"
    assert task.floor < last.bound <= plans[-1][0].total < task.plan[0].total


def test_a_new_task_ends_the_one_before(prover: Prover) -> None:
    first, second = Heard(), Heard()
    assert prover.begin(task_of("large", 1), first.put) is not None
    assert prover.begin(task_of("small", 3), second.put) is not None
    assert isinstance(until_ended(second)[-1], Ended)
    told = list(first.queue)
    assert not any(isinstance(message, Ended) for message in told)


def test_death_is_told_and_another_process_takes_its_place(prover: Prover) -> None:
    heard = Heard()
    assert prover.begin(task_of("large", 2), heard.put) is not None
    assert prover.process_id is not None
    os.kill(prover.process_id, signal.SIGKILL)
    while heard.get(timeout=LIMIT_S) is not None:
        pass
    again = Heard()
    assert prover.begin(task_of("small", 3), again.put) is not None
    assert until_ended(again)
