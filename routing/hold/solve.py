"""Solve a self-defence problem: a plan in milliseconds, made better and bounded until time is up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from routing.hold.check import check_hold
from routing.hold.plan import RELAXES, HoldProgress, HoldResult, Score, Stage
from routing.hold.problem import VALUE_POINTS, Fixed, HoldOptions, HoldProblem
from routing.hold.read_plan import read_assignments, score_of
from routing.hold.reasons import find_unmet
from routing.hold.repair import carry_over
from routing.hold.search import HoldSearch, heat_at, warm_up
from routing.hold.search_tables import HoldState, copy_state

if TYPE_CHECKING:
    from routing.hold.bound import HoldBound

__all__ = ["Heard", "solve_hold", "warm_up"]

Heard = Callable[[HoldProgress], None]
Cancelled = Callable[[], bool]

# Seconds of one round of the search: how soon a better plan is heard of, and a cancellation.
_ROUND_S = 0.1
_FIRST_ROUND = 20
# With iterations in place of the clock they are done in so many rounds.
_ROUNDS = 40
# The relaxation was never seen to gain from more; deterministic time where iterations replace the clock.
_BOUND_S, _BOUND_DETERMINISTIC = 8.0, 4.0
# Share of the time the bound may take: on a thread of its own, and where the search waits for it.
_BOUND_SHARE, _BOUND_SHARE_ALONE = 0.8, 0.3
_SECOND_SEED = 104_729


def solve_hold(
    problem: HoldProblem,
    options: HoldOptions | None = None,
    heard: Heard | None = None,
    cancelled: Cancelled | None = None,
    orders: Sequence[Fixed] = (),
) -> HoldResult:
    """Return the best plan found with its bound; ``heard`` is told of each better plan or bound.

    ``cancelled`` is asked often; once it says yes the best plan so far is returned. ``orders`` are a plan in force,
    kept as far as it can be before anything is added (see carry_over).
    Every plan has passed the check without the solver. Raises HoldPlanError where one has not, which is a fault here.
    """
    return _Solving(problem, options or HoldOptions(), heard, cancelled).run(orders)


class _Solving:
    """One solve: a chain of the search here, the bound beside it, and after that a second chain."""

    def __init__(
        self, problem: HoldProblem, options: HoldOptions, heard: Heard | None, cancelled: Cancelled | None
    ) -> None:
        self.problem, self.options, self.heard, self.cancelled = problem, options, heard, cancelled
        self.began = perf_counter()
        self.search = HoldSearch(problem, options.seed)
        self.baseline = self.first_score = score_of(problem, self.search.best)
        self.first_plan_s = 0.0
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.bound = self.bound_value = 0
        self.best: HoldState = copy_state(self.search.best)
        self.points = self.search.points
        self.told = -(1 << 62)
        self.told_bound = 0
        self.iterations = 0
        self.failed: BaseException | None = None

    def run(self, orders: Sequence[Fixed]) -> HoldResult:
        """Plan greedily, then search and bound until the end."""
        tasks = self.problem.tasks
        if orders:
            self.search.start_from(carry_over(self.problem, self.search.tables, self.search.room, orders))
        self.search.add_greedily()
        self._offer(self.search)
        self.baseline = score_of(self.problem, self.best)
        is_open = [task.earliest_min <= last for task, last in zip(tasks, self.problem.latest_start_min, strict=True)]
        self.bound_value = sum(one.value for n, one in enumerate(tasks) if is_open[n] or n in self.problem.fixed_of)
        self.bound = VALUE_POINTS * self.bound_value
        self.first_plan_s = perf_counter() - self.began
        self._tell("repair" if orders else "greedy")
        # Imported here so that the first plan does not wait for the solver library.
        from routing.hold.bound import trivial_bound

        self._lower(trivial_bound(self.problem))
        if self.options.iterations is not None:
            self._bound_beside()
            self._search_rounds(self.options.iterations)
        elif self.options.workers == 1:
            self._bound_beside()
            self._search_on(self.search)
        else:
            beside = threading.Thread(target=self._work_beside, name="hold-bound", daemon=True)
            beside.start()
            try:
                self._search_on(self.search)
            finally:
                self.stop.set()
                beside.join()
        if self.failed is not None:
            raise self.failed
        self._tell("done")
        return self._result()

    def _work_beside(self) -> None:
        """Bound first, then search on a chain of its own."""
        try:
            self._bound_beside()
            if not self._is_over():
                second = HoldSearch(self.problem, self.options.seed + _SECOND_SEED, self.search.tables)
                with self.lock:
                    second.start_from(self.best)
                self._search_on(second, is_second=True)
        except BaseException as error:  # told in the thread that asked
            self.failed = error
            self.stop.set()

    def _bound_beside(self) -> None:
        from routing.hold.bound import BoundLimits, prove_bound

        is_counted = self.options.iterations is not None
        share = _BOUND_SHARE if self.options.workers > 1 else _BOUND_SHARE_ALONE
        limits = BoundLimits(
            seconds=max(0.05, min(_BOUND_S, share * self._left_s())) if not is_counted else 0.0,
            seed=self.options.seed,
            deterministic=_BOUND_DETERMINISTIC if is_counted else None,
        )
        self._lower(prove_bound(self.problem, limits, self.stop))

    def _lower(self, found: HoldBound) -> None:
        with self.lock:
            self.bound, self.bound_value = min(self.bound, found.points), min(self.bound_value, found.value)

    def _search_rounds(self, iterations: int) -> None:
        for step in range(_ROUNDS):
            share = iterations * (step + 1) // _ROUNDS - iterations * step // _ROUNDS
            if share and not self._is_over():
                self.search.run(share, heat_at(step / _ROUNDS), heat_at((step + 1) / _ROUNDS))
                self._offer(self.search)
                self._tell("search")

    def _search_on(self, search: HoldSearch, is_second: bool = False) -> None:
        """Cool from hot to cold in what is left of the time."""
        begun_s = self._elapsed_s()
        count = _FIRST_ROUND
        while not self._is_over():
            whole_s = max(1e-6, self.options.seconds - begun_s)
            share = (self._elapsed_s() - begun_s) / whole_s
            round_s = min(_ROUND_S, self._left_s())
            before = perf_counter()
            search.run(count, heat_at(share), heat_at(share + round_s / whole_s))
            self._offer(search)
            spent = perf_counter() - before
            count = max(1, min(4 * count, int(count * min(_ROUND_S, self._left_s()) / max(1e-6, spent))))
            if not is_second:
                self._tell("search")

    def _offer(self, search: HoldSearch) -> None:
        with self.lock:
            self.iterations += search.iterations
            search.iterations = 0
            if search.points > self.points or self.told == -(1 << 62):
                self.points = search.points
                self.best.whole[:] = search.best.whole

    def _tell(self, stage: Stage) -> None:
        with self.lock:
            is_better, is_closer = self.points > self.told, self.bound != self.told_bound
            self.told, self.told_bound = self.points, self.bound
        if self.heard is None or not (is_better or is_closer or stage == "done"):
            return
        result = self._result()
        self.heard(
            HoldProgress(
                at_s=self._elapsed_s(),
                points=result.score.points,
                value=result.score.value,
                bound=result.bound,
                gap=result.gap,
                stage=stage,
                result=result if is_better or stage == "done" else None,
            )
        )

    def _result(self) -> HoldResult:
        with self.lock:
            state, bound, bound_value = copy_state(self.best), self.bound, self.bound_value
        problem, relief = self.problem, self.problem.relief_min
        assignments = read_assignments(problem, state)
        score: Score = score_of(problem, state)
        running = sorted(
            {one.task for one in assignments if relief is not None and one.start_min < relief < one.end_min}
        )
        is_done = score.points >= bound
        result = HoldResult(
            status="optimal" if is_done else "feasible",
            assignments=assignments,
            score=score,
            total_value=problem.total_value,
            bound=bound,
            bound_value=bound_value,
            bound_relaxes=RELAXES,
            unmet=find_unmet(problem, self.search.tables, state, self.search.room),
            running_at_relief=tuple(running),
            baseline=self.baseline,
            first_plan_s=self.first_plan_s,
            seconds=self._elapsed_s(),
            iterations=self.iterations,
            seed=self.options.seed,
        )
        check_hold(problem, result)
        return result

    def _elapsed_s(self) -> float:
        return perf_counter() - self.began

    def _left_s(self) -> float:
        return self.options.seconds - self._elapsed_s()

    def _is_over(self) -> bool:
        """Say whether the gap is closed, the solve cancelled, or the time up (unless iterations replace the clock)."""
        with self.lock:
            is_proven = self.points >= self.bound
        if is_proven or self.stop.is_set() or (self.cancelled is not None and self.cancelled()):
            return True
        return self.options.iterations is None and self._left_s() <= 0
