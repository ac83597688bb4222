"""Solve a deployment: an answer in milliseconds, made better and proven until time is up or the gap is closed."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from data.plans import PlanStatus
from routing.deploy.bound_delivery import bound_of, isolated_floors
from routing.deploy.draft import Candidate, DraftTables
from routing.deploy.greedy import plan_greedily
from routing.deploy.naive import dispatch_nearest_first
from routing.deploy.problem import DeployProblem, Progress, Solution, SolveOptions, Stage
from routing.deploy.reach import Reach

OnProgress = Callable[[Progress], None]
Cancelled = Callable[[], bool]


def solve(
    problem: DeployProblem,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
) -> Solution:
    """Return the best plan found with its bound; ``on_progress`` hears of each better plan or bound.

    ``cancelled`` is asked often; once it says yes the best plan so far is returned.
    """
    return _Solving(problem, options or SolveOptions(), on_progress, cancelled).run()


class _Solving:
    """One solve: the best plan and bound so far, kept outside every solver."""

    def __init__(
        self,
        problem: DeployProblem,
        options: SolveOptions,
        on_progress: OnProgress | None,
        cancelled: Cancelled | None,
    ) -> None:
        self.problem, self.options = problem, options
        self.on_progress, self.cancelled = on_progress, cancelled
        self.started = perf_counter()
        self.best: Candidate | None = None
        self.baseline: Solution | None = None
        self.bound = 0
        self.reach = Reach(problem)

    def run(self) -> Solution:
        """Run the stages in order, each within what is left of the time."""
        tables = DraftTables(self.problem)
        self.offer(plan_greedily(self.problem, tables), "greedy")
        self.baseline = self._solution(dispatch_nearest_first(self.problem, tables), 0)
        self.raise_bound(bound_of(self.problem, isolated_floors(self.problem, self.reach)), "bound")
        assert self.best is not None
        return self._solution(self.best, self.bound)

    def offer(self, candidate: Candidate, stage: Stage) -> None:
        """Keep a plan if it is the best so far."""
        if self.best is None or candidate[0].total < self.best[0].total:
            self.best = candidate
            self._report(stage, self._solution(candidate, self.bound))

    def raise_bound(self, bound: int, stage: Stage) -> None:
        """Keep a bound if it is the highest so far."""
        if bound > self.bound:
            self.bound = bound
            self._report(stage, None)

    def _solution(self, candidate: Candidate, bound: int) -> Solution:
        found, trips, directs = candidate
        status: PlanStatus = "optimal" if bound >= found.total else "feasible"
        if not trips and not directs and not self.reach.is_anything_possible():
            status = "infeasible"
        return Solution(
            status=status,
            trips=trips,
            directs=directs,
            objective=found,
            bound=float(min(bound, found.total)),
            baseline=self.baseline,
            seconds=perf_counter() - self.started,
            seed=self.options.seed,
        )

    def _report(self, stage: Stage, solution: Solution | None) -> None:
        if self.on_progress is None or self.best is None:
            return
        total = self.best[0].total
        gap = max(0.0, (total - self.bound) / total) if total else 0.0
        self.on_progress(Progress(perf_counter() - self.started, total, float(self.bound), gap, stage, solution))
