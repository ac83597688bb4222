"""Solve in a child process started once: it warms up in the background, streams plans back and can be cancelled."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from data.plans import Alternative
from data.situation import Situation
from data.text import Text
from routing.deploy.alternatives import ALTERNATIVES_IN_ORDER
from routing.worker_child import Backend, DeploymentBackend, serve
from routing.worker_messages import (
    Cancel,
    JobDone,
    JobFailed,
    JobPlan,
    JobProgress,
    Stop,
    Submit,
    WorkerState,
    encode,
    read_reply,
)

JobMessage = JobProgress | JobPlan | JobDone | JobFailed
JobListener = Callable[[JobMessage], None]
StateListener = Callable[[WorkerState], None]

# A child that dies this many times without finishing a job in between is not started again by itself.
MAX_DEATHS_IN_A_ROW = 3
STOP_WAIT_S = 2.0

_log = logging.getLogger(__name__)

__all__ = [
    "JobDone",
    "JobFailed",
    "JobListener",
    "JobMessage",
    "JobPlan",
    "JobProgress",
    "SolveWorker",
    "WorkerState",
]


@dataclass
class _Job:
    situation: Situation
    listener: JobListener


class SolveWorker:
    """A child process that turns situations into checked plans.

    Listeners are called from a reader thread of this process: hand over to your own loop at once.
    A plan arrives the moment it is better than the one before, each with its situation put back in.
    A child that dies is replaced; its jobs end with ``JobFailed`` and may be submitted again.
    """

    def __init__(
        self,
        region_folder: Path,
        cache_folder: Path | None = None,
        on_state: StateListener | None = None,
        backend: Callable[[], Backend] = DeploymentBackend,
    ) -> None:
        self._region_folder, self._cache_folder = region_folder, cache_folder
        self._backend = backend
        self._on_state = on_state
        self._context = get_context("spawn")
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._numbers = itertools.count(1)
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._deaths = 0
        self._stopping = False
        self._state = WorkerState(state="stopped", text=Text(zh="求解进程未启动", en="The solver is not started"))

    @property
    def state(self) -> WorkerState:
        """Return what the child does now, in words."""
        return self._state

    @property
    def is_ready(self) -> bool:
        """Tell whether a first plan can be had at once."""
        return self._state.state in ("warming", "ready")

    @property
    def process_id(self) -> int | None:
        """Return the child's process id, None while there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the child and return at once; a second call does nothing while it lives."""
        with self._lock:
            if self._process is not None and self._process.is_alive():
                return
            self._stopping = False
            ours, theirs = self._context.Pipe(duplex=True)
            process = self._context.Process(
                target=serve,
                args=(theirs, self._region_folder, self._cache_folder, self._backend),
                name="tongzhou-solver",
                daemon=True,
            )
            self._tell_state("starting", "求解进程启动中", "The solver is starting")
            process.start()
            theirs.close()  # or the reader would never see the end of file when the child dies
            self._process, self._pipe = process, ours
            threading.Thread(target=self._read, args=(process, ours), name="solver-replies", daemon=True).start()

    def submit(
        self,
        situation: Situation,
        listener: JobListener,
        seconds: float = 2.0,
        seed: int = 1,
        iterations: int | None = None,
        alternatives: Sequence[Alternative] = ALTERNATIVES_IN_ORDER,
    ) -> str:
        """Ask for plans of a situation, ``seconds`` for each alternative, and return the job's id.

        First plans of every alternative come before any is improved. The job ends with exactly one
        ``JobDone`` or ``JobFailed``.
        """
        with self._lock:
            self.start()
            assert self._pipe is not None
            job_id = f"job-{next(self._numbers)}"
            self._jobs[job_id] = _Job(situation, listener)
            request = Submit(
                job_id=job_id,
                situation=situation,
                seconds=seconds,
                seed=seed,
                iterations=iterations,
                alternatives=tuple(alternatives),
            )
            self._send(request)
            return job_id

    def cancel(self, job_id: str) -> None:
        """Ask the child to stop a job; its best plans so far have been sent, and ``JobDone`` follows."""
        with self._lock:
            if job_id in self._jobs:
                self._send(Cancel(job_id=job_id))

    def stop(self) -> None:
        """End the child, at the latest after two seconds; jobs under way are dropped without a message."""
        with self._lock:
            self._stopping = True
            self._jobs.clear()
            process, pipe = self._process, self._pipe
            if process is not None and process.is_alive():
                self._send(Stop())
        if process is None:
            return
        process.join(STOP_WAIT_S)
        if process.is_alive():
            process.terminate()
            process.join(STOP_WAIT_S)
        if pipe is not None:
            pipe.close()
        self._tell_state("stopped", "求解进程已停止", "The solver has stopped")

    def _send(self, request: Submit | Cancel | Stop) -> None:
        try:
            if self._pipe is not None:
                self._pipe.send_bytes(encode(request))
        except OSError:
            _log.info("the solver is gone; its reader will replace it")

    def _read(self, process: BaseProcess, pipe: Connection) -> None:
        """Hand on what the child sends until the pipe ends, then mourn it."""
        while True:
            try:
                reply = read_reply(pipe.recv_bytes())
            except (EOFError, OSError):
                break
            self._deliver(reply)
        process.join(STOP_WAIT_S)
        self._mourn(process)

    def _deliver(self, reply: WorkerState | JobMessage) -> None:
        if isinstance(reply, WorkerState):
            self._tell_state(reply.state, reply.text.zh, reply.text.en)
            return
        with self._lock:
            job = self._jobs.get(reply.job_id)
            if isinstance(reply, JobDone | JobFailed):
                self._jobs.pop(reply.job_id, None)
                self._deaths = 0
        if job is None:
            return
        if isinstance(reply, JobPlan):
            whole = msgspec.structs.replace(reply.plan, situation=job.situation)
            reply = msgspec.structs.replace(reply, plan=whole)
        self._call(job.listener, reply)

    def _mourn(self, process: BaseProcess) -> None:
        """Report every job of a dead child as failed and start another, unless it was asked to stop."""
        with self._lock:
            if self._stopping or process is not self._process:
                return
            lost, self._jobs = self._jobs, {}
            self._process = self._pipe = None
            self._deaths += 1
            give_up = self._deaths >= MAX_DEATHS_IN_A_ROW or self._state.state == "failed"
            if not give_up:
                self._tell_state(
                    "restarting",
                    f"求解进程意外退出（代码 {process.exitcode}），正在重启",
                    f"The solver ended unexpectedly (code {process.exitcode}); starting another",
                )
                self.start()
            elif self._state.state != "failed":
                self._tell_state(
                    "failed",
                    f"求解进程连续退出 {self._deaths} 次，已停用。再次请求方案时会重新启动。",
                    f"The solver ended {self._deaths} times in a row and is off. Asking for a plan starts it again.",
                )
        for job_id, job in lost.items():
            why = Text(
                zh="求解进程在计算中退出，方案未完成。请再按一次“制定方案”。",
                en="The solver ended while it was working, so this plan was not finished. Press Plan again.",
            )
            self._call(job.listener, JobFailed(job_id=job_id, text=why))

    def _tell_state(self, state: str, zh: str, en: str) -> None:
        self._state = msgspec.convert({"state": state, "text": {"zh": zh, "en": en}}, WorkerState)
        if self._on_state is not None:
            self._call(self._on_state, self._state)

    @staticmethod
    def _call(listener: Callable[..., None], message: object) -> None:
        try:
            listener(message)
        except Exception:  # a listener's fault must not end the reader: every later plan would be lost
            _log.exception("a listener of the solver failed")
