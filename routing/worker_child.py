"""The solving process itself: load, warm up, and work through jobs, first plans before better ones."""

from __future__ import annotations

import contextlib
import heapq
import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

import msgspec

from data.errors import TongzhouError
from data.plans import Alternative, Plan
from data.situation import Situation
from data.text import Text
from routing.worker_messages import (
    Cancel,
    JobDone,
    JobFailed,
    JobPlan,
    JobProgress,
    Reply,
    Stop,
    Submit,
    WorkerState,
    encode,
    read_request,
)

if TYPE_CHECKING:
    from routing.deploy.plan_pool import PlanPool
    from routing.deploy.problem import SolveOptions

# Lower than the page's process, so that the screen stays quick while a plan is being improved.
NICENESS = 5
POLL_S = 0.05

_log = logging.getLogger(__name__)


class PlanSink(Protocol):
    """Where a backend reports to while it improves a plan."""

    def progress(self, stage: str, objective: int, bound: float, gap: float) -> None:
        """Report how far the search is."""

    def plan(self, plan: Plan) -> None:
        """Report a better plan."""

    def cancelled(self) -> bool:
        """Tell whether the job was cancelled."""

    def best_objective(self) -> int | None:
        """Return the points of the best plan sent so far."""


class Backend(Protocol):
    """What the process needs from the solver."""

    def load(self, region_folder: Path, cache_folder: Path | None) -> None:
        """Read the region and its networks."""

    def warm_up(self) -> None:
        """Compile what only the search needs."""

    def first_plan(self, situation: Situation, alternative: Alternative, seed: int) -> Plan:
        """Return a plan at once."""

    def best_plan(self, request: Submit, alternative: Alternative, sink: PlanSink) -> Plan:
        """Return the best plan found within the request's limits."""

    def bettered_plan(self, request: Submit, alternative: Alternative, sink: PlanSink) -> Plan | None:
        """Return what was found for another alternative of the request and is better for this one too."""


class DeploymentBackend:
    """The real solver; imports are late so that the parent process never loads it."""

    def load(self, region_folder: Path, cache_folder: Path | None) -> None:
        """Read the region and build its networks, or take them from the cache."""
        from data.array_cache import ArrayCache
        from data.region_reader import read_region
        from routing.deploy.deployment import Planner
        from routing.deploy.plan_pool import PlanPool
        from routing.deploy.prover import PROVER
        from routing.network.network import Network

        PROVER.start()  # it warms up while the region is read
        region = read_region(region_folder)
        cache = ArrayCache(cache_folder) if cache_folder else None
        network = Network.build(region, cache)
        self._planner = Planner(region, network, cache)
        self._pool: tuple[str, PlanPool] = "", PlanPool()
        _ = self._planner.book  # so that the first plan does not wait for it

    def warm_up(self) -> None:
        """Load or compile the search's kernels."""
        from routing.deploy.solve import warm_up

        warm_up()

    def first_plan(self, situation: Situation, alternative: Alternative, seed: int) -> Plan:
        """Return the greedy plan."""
        return self._planner.first_plan(situation, alternative, seed)

    def best_plan(self, request: Submit, alternative: Alternative, sink: PlanSink) -> Plan:
        """Search, prove and return the best plan."""
        return self._planner.best_plan(
            request.situation,
            alternative,
            _options(request),
            on_plan=sink.plan,
            on_progress=lambda p: sink.progress(p.stage, p.objective, p.bound, p.gap),
            cancelled=sink.cancelled,
            better_than=sink.best_objective(),
            pool=self._pool_of(request),
        )

    def bettered_plan(self, request: Submit, alternative: Alternative, sink: PlanSink) -> Plan | None:
        """Return a plan of the pool that is better under the alternative's weights than its own."""
        return self._planner.bettered_plan(
            request.situation, alternative, _options(request), self._pool_of(request), sink.cancelled
        )

    def _pool_of(self, request: Submit) -> PlanPool:
        """Return the plans of the job under way; its alternatives are improved one after the other."""
        from routing.deploy.plan_pool import PlanPool

        if self._pool[0] != request.job_id:
            self._pool = request.job_id, PlanPool()
        return self._pool[1]


def _options(request: Submit) -> SolveOptions:
    from routing.deploy.problem import SolveOptions

    return SolveOptions(seconds=request.seconds, seed=request.seed, iterations=request.iterations)


@dataclass
class _Job:
    request: Submit
    started_s: float
    left: int
    cancelled: bool = False
    objectives: dict[Alternative, int] = field(default_factory=dict)

    @property
    def elapsed_s(self) -> float:
        return perf_counter() - self.started_s


class _Desk:
    """The queue of the process: a task is one alternative of one job, first plans of all jobs come first."""

    FIRST, BEST = 0, 1

    def __init__(self, pipe: Connection, backend: Backend) -> None:
        self._pipe, self._backend = pipe, backend
        self._jobs: dict[str, _Job] = {}
        self._tasks: list[tuple[int, int, str, Alternative]] = []
        self._count = 0
        self._stopped = False
        self._warm = threading.Thread(target=self._warm_up, name="warm-up", daemon=True)
        self._send_lock = threading.Lock()

    def say(self, reply: Reply) -> None:
        """Send a reply; a console that is gone ends the process at its next read."""
        with self._send_lock, contextlib.suppress(OSError):
            self._pipe.send_bytes(encode(reply))

    def run(self) -> None:
        """Work until told to stop or the console is gone."""
        self.say(_state("warming", "求解器可用，正在预热", "The solver can plan and is warming up"))
        self._warm.start()
        while not self._stopped:
            self.listen(None if not self._tasks else 0.0)
            if self._tasks and not self._stopped:
                phase, _, job_id, alternative = heapq.heappop(self._tasks)
                self._work(phase, self._jobs[job_id], alternative)

    def listen(self, wait_s: float | None) -> None:
        """Take in requests: all that lie ready, or wait for one (None: as long as it takes)."""
        try:
            while not self._stopped and self._pipe.poll(wait_s):
                self._take(self._pipe.recv_bytes())
                wait_s = 0.0
        except (EOFError, OSError):
            self._stopped = True

    def is_cancelled(self, job: _Job) -> bool:
        """Look whether the job was cancelled meanwhile."""
        self.listen(0.0)
        return job.cancelled or self._stopped

    def _take(self, document: bytes) -> None:
        request = read_request(document)
        if isinstance(request, Stop):
            self._stopped = True
        elif isinstance(request, Cancel):
            if job := self._jobs.get(request.job_id):
                job.cancelled = True
        else:
            phases = (self.FIRST, self.BEST)
            self._jobs[request.job_id] = _Job(
                request=request, started_s=perf_counter(), left=len(phases) * len(request.alternatives)
            )
            for phase in phases:
                for alternative in request.alternatives:
                    self._count += 1
                    heapq.heappush(self._tasks, (phase, self._count, request.job_id, alternative))
            if not request.alternatives:
                self._finish(request.job_id)

    def _work(self, phase: int, job: _Job, alternative: Alternative) -> None:
        if not job.cancelled:
            try:
                self._plan(phase, job, alternative)
            except Exception as error:
                self._fail(job, error)
                return
        job.left -= 1
        if job.left == 0:
            self._better(job)
            self._finish(job.request.job_id)

    def _better(self, job: _Job) -> None:
        """Give each alternative the plan of another where that is better for it too; its own is sound and stands."""
        for alternative in job.request.alternatives:
            if self.is_cancelled(job):
                return
            try:
                plan = self._backend.bettered_plan(job.request, alternative, _Sink(self, job, alternative))
            except Exception:
                _log.exception("the plan of another alternative could not be taken over")
                continue
            if plan is not None:
                self._send_plan(job, alternative, plan, final=True)

    def _plan(self, phase: int, job: _Job, alternative: Alternative) -> None:
        if phase == self.FIRST:
            plan = self._backend.first_plan(job.request.situation, alternative, job.request.seed)
            self._send_plan(job, alternative, plan, final=False)
            return
        while self._warm.is_alive() and not self.is_cancelled(job):
            self._warm.join(POLL_S)
        if not self.is_cancelled(job):
            plan = self._backend.best_plan(job.request, alternative, _Sink(self, job, alternative))
            self._send_plan(job, alternative, plan, final=True)

    def _send_plan(self, job: _Job, alternative: Alternative, plan: Plan, final: bool) -> None:
        """Send a plan unless one at least as good went before; a final one always goes."""
        known = job.objectives.get(alternative)
        if not final and known is not None and plan.objective.total >= known:
            return
        job.objectives[alternative] = plan.objective.total
        self.say(
            JobPlan(
                job_id=job.request.job_id,
                alternative=alternative,
                elapsed_s=job.elapsed_s,
                final=final,
                plan=msgspec.structs.replace(plan, situation=None),
            )
        )

    def _finish(self, job_id: str) -> None:
        job = self._jobs.pop(job_id)
        self.say(JobDone(job_id=job_id, elapsed_s=job.elapsed_s, cancelled=job.cancelled))

    def _fail(self, job: _Job, error: Exception) -> None:
        job_id = job.request.job_id
        del self._jobs[job_id]
        self._tasks = [task for task in self._tasks if task[2] != job_id]
        heapq.heapify(self._tasks)
        if isinstance(error, TongzhouError):
            text = Text(zh=f"无法制定方案：{error.said('zh')}", en=f"No plan could be made: {error}")
        else:
            _log.error("planning failed", exc_info=error)
            text = Text(
                zh=f"制定方案时出现内部错误（{type(error).__name__}）。请重试；如再次出现，请上报此情况。",
                en=f"An internal error stopped the planning ({type(error).__name__}). "
                "Try again; report it if it comes back.",
            )
        self.say(JobFailed(job_id=job_id, text=text))

    def _warm_up(self) -> None:
        try:
            self._backend.warm_up()
        except Exception:
            _log.exception("warming up failed; plans are improved all the same, only later")
        self.say(_state("ready", "求解器就绪", "The solver is ready"))


@dataclass(frozen=True)
class _Sink:
    desk: _Desk
    job: _Job
    alternative: Alternative

    def progress(self, stage: str, objective: int, bound: float, gap: float) -> None:
        self.desk.say(
            JobProgress(
                job_id=self.job.request.job_id,
                alternative=self.alternative,
                elapsed_s=self.job.elapsed_s,
                stage=stage,
                objective=objective,
                bound=bound,
                gap=gap,
            )
        )

    def plan(self, plan: Plan) -> None:
        self.desk._send_plan(self.job, self.alternative, plan, final=False)

    def cancelled(self) -> bool:
        return self.desk.is_cancelled(self.job)

    def best_objective(self) -> int | None:
        return self.job.objectives.get(self.alternative)


def serve(
    pipe: Connection, region_folder: Path, cache_folder: Path | None, make_backend: Callable[[], Backend]
) -> None:
    """Run the process: load, then work until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the console's to handle; it ends this process
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    backend = make_backend()
    desk = _Desk(pipe, backend)
    desk.say(_state("loading", "正在载入区域与航路网", "Loading the region and its networks"))
    try:
        backend.load(region_folder, cache_folder)
    except Exception as error:
        if not isinstance(error, TongzhouError | OSError):
            _log.exception("the solver could not load the region")
        desk.say(_state("failed", f"求解器无法载入区域：{error}", f"The solver could not load the region: {error}"))
        return
    desk.run()
    # Nothing here is left to save, and the solver libraries take seconds to wind down: the console must not wait.
    logging.shutdown()
    os._exit(0)


def _state(state: str, zh: str, en: str) -> WorkerState:
    return msgspec.convert({"state": state, "text": {"zh": zh, "en": en}}, WorkerState)
