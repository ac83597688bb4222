"""The planning desk: asks the solver for plans of incidents and keeps the best of each kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from console.commands import ProposePlan
from data.incidents import OPEN_STATUSES
from data.journal.picture import Picture
from data.plans import Alternative, Plan
from data.situation import Situation
from data.text import Text
from routing.worker import JobDone, JobFailed, JobListener, JobMessage, JobPlan, JobProgress

if TYPE_CHECKING:
    from console.world import World

JobStatus = Literal["running", "done", "failed", "cancelled"]
DEFAULT_SECONDS = 2.0
NOT_NAMED = Text("未点名", "not named in the command")


class Solver(Protocol):
    """What the desk needs of the solving process."""

    def submit(self, situation: Situation, listener: JobListener, seconds: float = ..., seed: int = ...) -> str:
        """Ask for plans; the listener is called from another thread."""

    def cancel(self, job_id: str) -> None:
        """Ask for the end of a job."""


@dataclass
class PlanJob:
    """One request for plans and what has come of it so far; times of the world, durations in real seconds."""

    incident_ids: tuple[str, ...]
    actor: str
    started_at: datetime
    seconds: float
    forbidden: dict[str, Text]
    status: JobStatus = "running"
    alternatives: dict[Alternative, Plan] = field(default_factory=dict)
    gaps: dict[Alternative, float] = field(default_factory=dict)
    stage: str = ""
    first_plan_s: float | None = None
    ended_s: float | None = None
    error: Text | None = None
    job_id: str = ""
    generation: int = 0
    _begun_s: float = field(default_factory=time.perf_counter)

    @property
    def elapsed_s(self) -> float:
        """Real seconds since the request, until its end."""
        return self.ended_s if self.ended_s is not None else time.perf_counter() - self._begun_s

    @property
    def gap(self) -> float | None:
        """The balanced plan's gap so far, or that of the first there is; None before any plan."""
        if "balanced" in self.gaps:
            return self.gaps["balanced"]
        return next(iter(self.gaps.values()), None)


DeskListener = Callable[[PlanJob], None]


class PlanningDesk:
    """Keeps one job an incident; a new request for it takes the place of the old."""

    def __init__(self, world: World, solver: Solver) -> None:
        self._world, self._solver = world, solver
        self._jobs: dict[str, PlanJob] = {}
        self._listeners: list[DeskListener] = []

    def request(
        self,
        incident_ids: Iterable[str],
        actor: str,
        forbidden: dict[str, Text] | None = None,
        only: Collection[str] | None = None,
        seconds: float = DEFAULT_SECONDS,
        seed: int = 1,
    ) -> PlanJob:
        """Ask for plans of open incidents from the picture of now and return the job, at once.

        ``forbidden`` units are not used, each with its reason; ``only`` names the craft to use, the groups to
        use, or both. A request that cannot be made comes back failed, with the reason in ``error``.
        """
        picture = self._world.picture
        wanted = tuple(dict.fromkeys(incident_ids))
        barred = dict(forbidden or {})
        if only is not None:
            barred.update(_not_named(picture, only))
        job = PlanJob(
            incident_ids=wanted,
            actor=actor,
            started_at=self._world.now,
            seconds=seconds,
            forbidden=barred,
            generation=self._world.generation,
        )
        for incident_id in wanted:
            if (old := self._jobs.get(incident_id)) is not None:
                self._end(old)
            self._jobs[incident_id] = job
        if (refusal := self._refusal(wanted)) is not None:
            self._close(job, "failed", refusal)
            return job
        situation = picture.situation(next_minute(job.started_at), wanted, barred)
        job.job_id = self._solver.submit(situation, self._listener(job), seconds=seconds, seed=seed)
        self._tell(job)
        return job

    def job(self, incident_id: str) -> PlanJob | None:
        """Return the latest job of an incident, None if it was never planned in this world."""
        job = self._jobs.get(incident_id)
        return job if job is not None and job.generation == self._world.generation else None

    def plan(self, plan_id: str) -> Plan | None:
        """Return a plan the desk shows now, by its id."""
        for job in self._jobs.values():
            for plan in job.alternatives.values():
                if plan.id == plan_id:
                    return plan
        return None

    def cancel(self, incident_id: str) -> None:
        """Stop working on an incident and keep the plans there are."""
        job = self.job(incident_id)
        if job is not None:
            self._end(job)

    def subscribe(self, listener: DeskListener) -> Callable[[], None]:
        """Call the listener in the server's loop when a job has news; returns the function that ends it."""
        self._listeners.append(listener)

        def end() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return end

    def _refusal(self, incident_ids: tuple[str, ...]) -> Text | None:
        if not incident_ids:
            return Text("请先选择警情。", "Choose an incident first.")
        for incident_id in incident_ids:
            incident = self._world.picture.incidents.get(incident_id)
            if incident is None:
                return Text(f"没有警情“{incident_id}”。", f"There is no incident '{incident_id}'.")
            if incident.status not in OPEN_STATUSES:
                return Text(f"警情 {incident.number} 已结。", f"Incident {incident.number} is closed.")
            if not incident.echelons:
                return Text(
                    f"警情 {incident.number} 没有兵力要求。请先填写梯次。",
                    f"Incident {incident.number} asks for nobody. Enter its echelons first.",
                )
        return None

    def _listener(self, job: PlanJob) -> JobListener:
        """Messages come from the solver's reader thread: hand each over to the server's loop."""

        def hand_over(message: JobMessage) -> None:
            self._world.call_in_loop(lambda: self._take(job, message))

        return hand_over

    def _take(self, job: PlanJob, message: JobMessage) -> None:
        if job.generation != self._world.generation or not self._is_current(job):
            return
        if isinstance(message, JobPlan):
            self._take_plan(job, message)
        elif isinstance(message, JobProgress):
            job.stage = message.stage
            if message.alternative in job.alternatives:
                job.gaps[message.alternative] = message.gap
        elif isinstance(message, JobDone):
            self._propose_all(job)
            self._close(job, "cancelled" if message.cancelled else "done", None)
            return
        elif isinstance(message, JobFailed):
            self._close(job, "failed", message.text)
            return
        self._tell(job)

    def _take_plan(self, job: PlanJob, message: JobPlan) -> None:
        if job.first_plan_s is None:
            job.first_plan_s = job.elapsed_s
        if message.alternative not in job.alternatives:
            self._world.rehearse(message.plan)
        job.alternatives[message.alternative] = message.plan
        job.gaps[message.alternative] = message.plan.gap

    def _propose_all(self, job: PlanJob) -> None:
        """Put the final plan of each kind on record, unless the incident has been served meanwhile."""
        accepted = self._world.picture.accepted
        taken = any(
            set(plan.incident_ids) & set(job.incident_ids)
            for plan in accepted.values()
            if plan.start_at >= job.started_at
        )
        if taken:
            return
        for plan in job.alternatives.values():
            self._world.execute(ProposePlan(plan=plan), job.actor)

    def _is_current(self, job: PlanJob) -> bool:
        return any(self._jobs.get(incident_id) is job for incident_id in job.incident_ids)

    def _end(self, job: PlanJob) -> None:
        if job.status == "running" and job.job_id:
            self._solver.cancel(job.job_id)

    def _close(self, job: PlanJob, status: JobStatus, error: Text | None) -> None:
        job.ended_s = job.elapsed_s
        job.status, job.error = status, error
        self._tell(job)

    def _tell(self, job: PlanJob) -> None:
        for listener in list(self._listeners):
            listener(job)


def _not_named(picture: Picture, only: Collection[str]) -> dict[str, Text]:
    """Naming groups leaves the choice of craft open, and the other way round."""
    kinds = {picture.units[unit_id].kind for unit_id in only if unit_id in picture.units}
    return {unit_id: NOT_NAMED for unit_id, unit in picture.units.items() if unit.kind in kinds and unit_id not in only}


def next_minute(moment: datetime) -> datetime:
    """Return the first whole minute at or after a moment: plans are made and read in whole minutes."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
