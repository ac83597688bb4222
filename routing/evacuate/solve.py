"""Solve an evacuation: a greedy plan in milliseconds, a bound, and a search that closes on it until the time is up."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from time import perf_counter

from data.text import Text
from routing.evacuate.problem import (
    EvacuationProblem,
    EvacuationSolution,
    Lists,
    Progress,
    SolveOptions,
    Status,
)
from routing.evacuate.search import CHUNK, LocalSearch

OnProgress = Callable[[Progress], None]
Cancelled = Callable[[], bool]
# Chunks without a better plan before it is good enough: once the bound is met, and where it is not (whole cycles).
QUIET_CHUNKS, STUCK_CHUNKS = 60, 400
# Of the time, what the bound of whole trips may take, and where it is the whole truth.
WHOLE_SHARE, PLAIN_SHARE = 0.3, 0.8
WHOLE_NODES = 2_000
FEW_PEOPLE = 0.01


def solve_evacuation(
    problem: EvacuationProblem,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
    held: Lists = (),
) -> EvacuationSolution:
    """Return the best plan found with its bound; ``on_progress`` hears of every better plan and bound.

    ``held`` are trips of each vessel that are decided already (lists as ``LocalSearch.best_lists`` gives them).
    """
    return _Solving(problem, options or SolveOptions(), on_progress, cancelled, held).run()


def warm_up() -> None:
    """Compile or load what the first solve would otherwise wait for."""
    problem = EvacuationProblem.from_matrices(
        demand=[3], seats=[2], first_min=[[1]], haul_min=[[[5]]], return_min=[[[5]]], load_min=[1]
    )
    solve_evacuation(problem, SolveOptions(iterations=1))


class _Solving:
    def __init__(
        self,
        problem: EvacuationProblem,
        options: SolveOptions,
        on_progress: OnProgress | None,
        cancelled: Cancelled | None,
        held: Lists,
    ) -> None:
        self.began = perf_counter()
        self.problem, self.options, self.on_progress, self.cancelled = problem, options, on_progress, cancelled
        self.search = LocalSearch(problem, options.seed, held)
        self.bound_min, self.least_remaining = 0.0, 0
        self.relaxes: tuple[Text, ...] = ()
        self.told: tuple[int, int, int] | None = None

    def run(self) -> EvacuationSolution:
        self._tell("greedy")
        if self.problem.total and not self._is_over():
            self._find_bound()
            self._tell("bound")
            self._search()
        solution = self._solution()
        self._say("done", solution, solution)
        return solution

    def _find_bound(self) -> None:
        from routing.evacuate.bound import RELAXES, CompletionBound, earliest_ready, first_minute
        from routing.evacuate.whole import WholeBound

        self.relaxes = RELAXES
        remaining, complete, _ = self.search.score
        latest = self.problem.horizon_min if remaining else complete
        bound = CompletionBound(self.problem, latest)
        if remaining:
            least = bound.least_behind(latest, self._is_over)
            self.least_remaining = max(0, ceil(least - FEW_PEOPLE))
        if self.least_remaining:
            self.bound_min = float(latest)
            return
        floor = first_minute(bound, min(earliest_ready(self.problem), latest), latest, self._is_over)
        self._raise(floor)
        if self.search.offer_sooner(floor):
            self._tell("greedy")
        if remaining or self._is_proven():
            return
        whole = WholeBound(bound)
        self._search_chunks(2 if whole.is_plain else 6)
        if self._is_proven():
            return
        nodes = WHOLE_NODES if self.options.iterations is not None else None
        if whole.is_small:
            share = PLAIN_SHARE if whole.is_plain else WHOLE_SHARE
            until_s = self._elapsed() + share * (self.options.seconds - self._elapsed())
            for minute, lists in whole.minutes(floor, lambda: self.search.score[1], until_s, self._elapsed, nodes):
                self._raise(minute)
                if lists is not None and self.search.offer(lists):
                    self._tell("search")
                if self._is_over() or self._is_proven():
                    break

    def _raise(self, minute: float) -> None:
        if minute > self.bound_min:
            self.bound_min = minute
            self.search.raise_floor(ceil(minute))
            self._say("bound", self._solution(), None)

    def _search_chunks(self, most: int) -> None:
        for _ in range(most):
            if self._is_over() or self._is_proven():
                return
            self._chunk()

    def _chunk(self) -> bool:
        tries = CHUNK
        if self.options.iterations is not None:
            tries = min(CHUNK, self.options.iterations - self.search.tries)
        if won := self.search.run(tries):
            self._tell("search")
        return won

    def _search(self) -> None:
        quiet = 0
        while not self._is_over():
            quiet = 0 if self._chunk() else quiet + 1
            if quiet >= (QUIET_CHUNKS if self._is_proven() else STUCK_CHUNKS):
                return

    def _is_proven(self) -> bool:
        remaining, complete, _ = self.search.score
        return remaining == 0 and complete <= ceil(self.bound_min)

    def _is_over(self) -> bool:
        if self.cancelled is not None and self.cancelled():
            return True
        if self.options.iterations is not None:
            return self.search.tries >= self.options.iterations
        return self._elapsed() >= self.options.seconds

    def _elapsed(self) -> float:
        return perf_counter() - self.began

    def _tell(self, stage: str) -> None:
        if self.search.score != self.told:
            self.told = self.search.score
            solution = self._solution()
            self._say(stage, solution, solution)

    def _say(self, stage: str, now: EvacuationSolution, new: EvacuationSolution | None) -> None:
        if self.on_progress is not None:
            self.on_progress(
                Progress(
                    self._elapsed(), now.timing.remaining, now.timing.complete_min, now.bound_min, now.gap,
                    stage, new,  # type: ignore[arg-type]
                )
            )  # fmt: skip

    def _solution(self) -> EvacuationSolution:
        trips, timing = self.search.best()
        status: Status = "feasible"
        if not trips and self.problem.total:
            status = "none"
        elif timing.remaining:
            status = "partial"
        elif timing.complete_min <= ceil(self.bound_min):
            status = "optimal"
        bound = float(min(ceil(self.bound_min), timing.complete_min)) if timing.remaining == 0 else self.bound_min
        return EvacuationSolution(
            status, trips, timing, bound, min(self.least_remaining, timing.remaining), self.relaxes, self._elapsed(),
            self.options.seed, self.search.tries,
        )  # fmt: skip
