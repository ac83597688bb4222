"""The solving process: first plans first, progress, cancel, death and restart, with a fake solver inside."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import TongzhouError
from data.plans import Alternative, Plan
from data.situation import Situation
from data.text import Text
from routing.worker import JobDone, JobFailed, JobMessage, JobPlan, JobProgress, SolveWorker, WorkerState
from routing.worker_child import PlanSink
from routing.worker_messages import Submit
from tests.routing.plan_samples import cheaper, empty_situation, sample_plan


class FakeBackend:
    """Plans without solving; the seed says what to do."""

    SHARE, CRASH, REFUSE, BREAK = 7, 66, 67, 68

    def load(self, region_folder: Path, cache_folder: Path | None) -> None:
        if region_folder.name == "missing":
            raise FileNotFoundError(f"no such region folder: {region_folder}")

    def warm_up(self) -> None:
        time.sleep(0.2)

    def first_plan(self, situation: Situation, alternative: Alternative, seed: int) -> Plan:
        if seed == self.CRASH:
            os._exit(3)
        if seed == self.REFUSE:
            raise TongzhouError("there is no boat")
        if seed == self.BREAK:
            raise KeyError("inner")
        return sample_plan(alternative=alternative, situation=situation)

    def best_plan(self, request: Submit, alternative: Alternative, sink: PlanSink) -> Plan:
        assert sink.best_objective() == 12_088
        sink.progress("search", 12_000, 100.0, 0.5)
        plan = sample_plan(alternative=alternative)
        sink.plan(cheaper(plan, 12_500))  # worse than the first: must not be sent
        sink.plan(cheaper(plan, 12_000))
        until = time.perf_counter() + request.seconds
        while time.perf_counter() < until and not sink.cancelled():
            time.sleep(0.01)
        return cheaper(plan, 11_900)

    def bettered_plan(self, request: Submit, alternative: Alternative, sink: PlanSink) -> Plan | None:
        if request.seed == self.SHARE and alternative == "balanced":
            return cheaper(sample_plan(alternative=alternative), 11_800)
        if request.seed == self.SHARE and alternative == "fastest":
            raise TongzhouError("the plan of another was refused")
        return None


class Ear:
    """Collects a job's messages."""

    def __init__(self) -> None:
        self.queue: queue.Queue[JobMessage] = queue.Queue()

    def __call__(self, message: JobMessage) -> None:
        self.queue.put(message)

    def until_end(self) -> list[JobMessage]:
        heard: list[JobMessage] = []
        while not heard or not isinstance(heard[-1], JobDone | JobFailed):
            heard.append(self.queue.get(timeout=20))
        return heard

    def until(self, kind: type) -> JobMessage:
        while True:
            message = self.queue.get(timeout=20)
            if isinstance(message, kind):
                return message


@pytest.fixture
def worker() -> Iterator[SolveWorker]:
    worker = SolveWorker(Path("anywhere"), backend=FakeBackend)
    worker.start()
    yield worker
    worker.stop()


def test_first_plans_of_all_alternatives_come_before_any_better_one(worker: SolveWorker) -> None:
    ear = Ear()
    worker.submit(empty_situation(), ear, seconds=0.01)
    heard = ear.until_end()
    plans = [m for m in heard if isinstance(m, JobPlan)]
    assert [p.alternative for p in plans[:4]] == ["balanced", "fastest", "keep_cover", "fewest_craft"]
    assert [p.plan.objective.total for p in plans if p.alternative == "fastest"] == [12_088, 12_000, 11_900]
    assert [p.final for p in plans if p.alternative == "balanced"] == [False, False, True]
    assert any(isinstance(m, JobProgress) for m in heard)
    assert isinstance(heard[-1], JobDone)
    assert not heard[-1].cancelled


def test_the_plan_of_another_alternative_takes_the_place_of_a_worse_one_at_the_end(worker: SolveWorker) -> None:
    ear = Ear()
    worker.submit(empty_situation(), ear, seconds=0.01, seed=FakeBackend.SHARE)
    heard = ear.until_end()
    last = {m.alternative: m.plan.objective.total for m in heard if isinstance(m, JobPlan)}
    assert last == {"balanced": 11_800, "fastest": 11_900, "keep_cover": 11_900, "fewest_craft": 11_900}
    assert isinstance(heard[-1], JobDone), "what cannot be taken over takes nothing away"


def test_plans_carry_their_situation(worker: SolveWorker) -> None:
    ear = Ear()
    worker.submit(empty_situation(), ear, seconds=0.01, alternatives=("fastest",))
    plan = ear.until(JobPlan)
    assert isinstance(plan, JobPlan)
    assert plan.plan.situation == empty_situation()


def test_a_second_job_gets_its_first_plan_while_the_first_is_improved(worker: SolveWorker) -> None:
    first, second = Ear(), Ear()
    job = worker.submit(empty_situation(), first, seconds=1.0)
    first.until(JobProgress)
    worker.submit(empty_situation(), second, seconds=0.01)
    assert isinstance(second.queue.get(timeout=20), JobPlan)
    assert not any(isinstance(m, JobDone) for m in list(first.queue.queue))
    worker.cancel(job)
    second.until_end()


def test_cancel_ends_the_job_at_once(worker: SolveWorker) -> None:
    ear = Ear()
    job = worker.submit(empty_situation(), ear, seconds=60)
    ear.until(JobProgress)
    worker.cancel(job)
    done = ear.until_end()[-1]
    assert isinstance(done, JobDone)
    assert done.cancelled
    assert done.elapsed_s < 20


def test_a_dead_child_is_replaced_and_its_job_reported(worker: SolveWorker) -> None:
    ear = Ear()
    before = worker.process_id
    worker.submit(empty_situation(), ear, seed=FakeBackend.CRASH)
    failed = ear.until_end()[-1]
    assert isinstance(failed, JobFailed)
    assert "Press Plan again" in failed.text.en
    again = Ear()
    worker.submit(empty_situation(), again, seconds=0.01)
    assert isinstance(again.until_end()[-1], JobDone)
    assert worker.process_id != before


@pytest.mark.parametrize(
    ("seed", "words"), [(FakeBackend.REFUSE, "there is no boat"), (FakeBackend.BREAK, "internal error")]
)
def test_an_error_is_worded_and_the_process_lives_on(worker: SolveWorker, seed: int, words: str) -> None:
    ear, again = Ear(), Ear()
    worker.submit(empty_situation(), ear, seed=seed)
    failed = ear.until_end()[-1]
    assert isinstance(failed, JobFailed)
    assert words in failed.text.en
    assert "Traceback" not in failed.text.en
    before = worker.process_id
    worker.submit(empty_situation(), again, seconds=0.01)
    assert isinstance(again.until_end()[-1], JobDone)
    assert worker.process_id == before


def test_a_listener_that_fails_does_not_end_the_reader(worker: SolveWorker) -> None:
    def broken(message: JobMessage) -> None:
        raise RuntimeError("a view's fault")

    worker.submit(empty_situation(), broken, seconds=0.01)
    ear = Ear()
    worker.submit(empty_situation(), ear, seconds=0.01)
    assert isinstance(ear.until_end()[-1], JobDone)


def test_a_region_that_cannot_be_read_is_said_in_words() -> None:
    heard: queue.Queue[WorkerState] = queue.Queue()
    worker = SolveWorker(Path("missing"), on_state=heard.put, backend=FakeBackend)
    worker.start()
    states = []
    while not states or states[-1].state != "failed":
        states.append(heard.get(timeout=20))
    assert "missing" in states[-1].text.en
    assert isinstance(states[-1].text, Text)
    worker.stop()


def test_stop_ends_the_process() -> None:
    worker = SolveWorker(Path("anywhere"), backend=FakeBackend)
    worker.start()
    child = worker.process_id
    assert child is not None
    worker.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert worker.state.state == "stopped"
