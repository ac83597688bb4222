"""Hold what a solve knows so far: the best plan, the highest bound, and who is told of both."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter

from data.plans import PlanStatus
from data.text import Text
from routing.deploy.draft import Candidate
from routing.deploy.problem import DeployProblem, Progress, Solution, Stage

OnProgress = Callable[[Progress], None]

DETOURS = Text(
    zh="下界假定：没有任何船艇或直升机仅为调位而空驶一趟",
    en="The bound assumes that no craft makes a trip only to change its place",
)
MANY_TRIPS = Text(
    zh="部分船艇可能需要很多航次，求解器未逐一列出；下界取自不限航次数的松弛模型",
    en="Some craft could make more trips than the exact model lists; the bound is from a relaxation without that limit",
)


class Standing:
    """The best plan and bound, kept outside every solver; any thread may offer a plan or raise the bound.

    ``on_better`` hears of each better plan. ``has_few_trips`` says that the exact model left trips out, so that the
    bound rests on relaxations alone.
    """

    def __init__(self, problem: DeployProblem, seed: int, on_progress: OnProgress | None) -> None:
        self.problem, self._seed, self._on_progress = problem, seed, on_progress
        self.started = perf_counter()
        self.bound = 0
        self.baseline: Solution | None = None
        self.is_possible = True
        self.has_few_trips = False
        self.on_better: Callable[[Candidate], None] | None = None
        self._best: Candidate | None = None
        self._assumes: tuple[Text, ...] = ()
        self._lock = threading.RLock()

    @property
    def best(self) -> Candidate:
        """The best plan so far; there is one from the first moments on."""
        assert self._best is not None
        return self._best

    @property
    def is_proven(self) -> bool:
        """Whether no plan can be better."""
        return self._best is not None and self.bound >= self._best[0].total

    @property
    def elapsed_s(self) -> float:
        """Seconds since the solve began."""
        return perf_counter() - self.started

    def offer(self, candidate: Candidate, stage: Stage) -> None:
        """Keep a plan if it is the best so far."""
        with self._lock:
            if self._best is not None and candidate[0].total >= self._best[0].total:
                return
            self._best = candidate
            self._report(stage, self.solution())
        if (on_better := self.on_better) is not None:
            on_better(candidate)

    def raise_bound(self, bound: int, stage: Stage, assumes: tuple[Text, ...] = ()) -> None:
        """Keep a bound if it is the highest so far, with what it takes for granted."""
        with self._lock:
            if bound > self.bound:
                self.bound, self._assumes = bound, assumes
                self._report(stage, None)

    def solution(self, candidate: Candidate | None = None, bound: int | None = None) -> Solution:
        """Return a plan, the best if none is given, as an answer."""
        found, trips, directs = candidate or self.best
        bound = self.bound if bound is None else bound
        status: PlanStatus = "optimal" if bound >= found.total else "feasible"
        if not trips and not directs and not self.is_possible:
            status = "infeasible"
        return Solution(
            status=status,
            trips=trips,
            directs=directs,
            objective=found,
            bound=float(min(bound, found.total)),
            bound_assumes=self._assumes + ((MANY_TRIPS,) if self.has_few_trips else ()),
            baseline=self.baseline,
            seconds=self.elapsed_s,
            seed=self._seed,
        )

    def finish(self) -> Solution:
        """Return the answer and tell it."""
        solution = self.solution()
        self._report("done", solution)
        return solution

    def _report(self, stage: Stage, solution: Solution | None) -> None:
        if self._on_progress is None or self._best is None:
            return
        total = self._best[0].total
        gap = max(0.0, (total - self.bound) / total) if total else 0.0
        self._on_progress(Progress(self.elapsed_s, total, float(self.bound), gap, stage, solution))
