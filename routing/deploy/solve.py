"""Solve a deployment: an answer in milliseconds, made better and proven until time is up or the gap is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from data.plans import PlanStatus
from data.text import Text
from routing.deploy.bound_delivery import EchelonFloor, delivery_floors, isolated_floors
from routing.deploy.bound_means import means_floor
from routing.deploy.draft import Candidate, DraftTables
from routing.deploy.greedy import DECAYS_MIN, FIRST_DECAYS_MIN, plan_greedily
from routing.deploy.naive import dispatch_nearest_first
from routing.deploy.problem import DeployProblem, Progress, Solution, SolveOptions, Stage
from routing.deploy.reach import Reach
from routing.deploy.windows import Usefulness, echelon_windows

if TYPE_CHECKING:
    from routing.deploy.cpsat import ProofLimits
    from routing.deploy.search import LocalSearch

OnProgress = Callable[[Progress], None]
Cancelled = Callable[[], bool]

# Share of the time for searching before the proof, which needs a good plan to leave out what cannot beat it.
_SEARCH_SHARE = 0.2
# Share of what is left for the proof of the times alone, where that comes first.
_TIMES_PROOF_SHARE = 0.8
# With no more riders and links than this the whole proof has all the time: broken off, it would begin anew.
_FEW_CHOICES = 600
# With more of them the proof takes long, so the search goes on beside it on a core of its own.
_MANY_CHOICES = 900
# Beyond this the exact model takes seconds to build and was never seen to raise the bound: the search has it all.
_TOO_MANY_CHOICES = 5_000
# Deterministic solver time bought by one move of the search when moves replace the clock.
_DETERMINISTIC_A_MOVE = 1.0 / 100_000

DETOURS = Text(
    zh="下界假定：没有任何船艇或直升机仅为调位而空驶一趟",
    en="The bound assumes that no craft makes a trip only to change its place",
)
MANY_TRIPS = Text(
    zh="部分船艇可能需要很多航次，求解器未逐一列出；下界取自不限航次数的松弛模型",
    en="Some craft could make more trips than the exact model lists; the bound is from a relaxation without that limit",
)


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


def warm_up() -> None:
    """Load what the first solve would otherwise wait for: the compiled search and the solver library."""
    from routing.deploy import cpsat, search

    search.warm_up()
    assert cpsat.MAX_SLOTS > 0


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
        self.floor_points: list[int] = []
        self.is_capped = False
        self.is_bound_proven = False
        self.lock = threading.RLock()

    def run(self) -> Solution:
        """Run the stages in order, each within what is left of the time."""
        tables = DraftTables(self.problem)
        for decay_min in FIRST_DECAYS_MIN if self.options.iterations == 0 else DECAYS_MIN:
            self.offer(plan_greedily(self.problem, tables, (decay_min,)), "greedy")
        naive = dispatch_nearest_first(self.problem, tables)
        self.offer(naive, "greedy")
        self.baseline = self._solution(naive, 0)
        floors = isolated_floors(self.problem, self.reach)
        self._raise_floors(floors)
        if self.reach.is_anything_possible():
            self._improve(floors)
        assert self.best is not None
        solution = self._solution(self.best, self.bound)
        self._report("done", solution)
        return solution

    def offer(self, candidate: Candidate, stage: Stage) -> None:
        """Keep a plan if it is the best so far; search and proof may both offer at once."""
        with self.lock:
            if self.best is None or candidate[0].total < self.best[0].total:
                self.best = candidate
                self._report(stage, self._solution(candidate, self.bound))

    def raise_bound(self, bound: int, stage: Stage) -> None:
        """Keep a bound if it is the highest so far."""
        with self.lock:
            if bound > self.bound:
                self.bound = bound
                self.is_bound_proven = stage == "proof"
                self._report(stage, None)

    def _raise_floors(self, floors: tuple[EchelonFloor, ...]) -> None:
        self.floor_points = [
            floor.points(self.problem, need.weight) for floor, need in zip(floors, self.problem.echelons, strict=True)
        ]
        self.raise_bound(sum(self.floor_points), "bound")

    def _improve(self, floors: tuple[EchelonFloor, ...]) -> None:
        """Bound, search, prove, and search on with what is left of the time."""
        # Imported here so that the first answer does not wait for the compiled code and the solver library.
        from routing.deploy.search import LocalSearch

        assert self.best is not None
        if self.options.iterations == 0 or self._is_over():
            return
        search = LocalSearch(self.problem, self.reach, self.best, self.options.seed)
        windows = echelon_windows(self.problem, self.floor_points, self.best[0].total)
        self._raise_floors(delivery_floors(self.problem, search.tables, floors, [w.latest_min for w in windows]))
        if self.options.iterations is not None:
            self._search_moves(search, self.options.iterations)
        else:
            self._search_cycle(search, self.options.seconds * _SEARCH_SHARE)
        if self._is_over():
            return
        self._prove(search)
        if self.options.iterations is None:
            search.offer(self.best)
            self._search_until(search, self.options.seconds)

    def _search_moves(self, search: LocalSearch, moves: int) -> None:
        """Anneal for a number of moves, whatever the clock says, in one cycle from hot to cold."""
        from routing.deploy.search import CYCLE_ROUNDS

        for step in range(CYCLE_ROUNDS):
            share = moves * (step + 1) // CYCLE_ROUNDS - moves * step // CYCLE_ROUNDS
            if not self._is_over() and search.run(share):
                self.offer(search.best(), "search")

    def _search_cycle(self, search: LocalSearch, until_s: float) -> None:
        """Anneal for one whole cycle, its rounds cut to what this machine can do until a moment."""
        from routing.deploy.search import CYCLE_ROUNDS

        moves = -(-search.round_moves // 4)
        for rounds_left in range(CYCLE_ROUNDS - 1, -1, -1):
            began = perf_counter()
            if self._is_over():
                return
            if search.run(moves):
                self.offer(search.best(), "search")
            now = perf_counter()
            moves_a_second = moves / max(1e-6, now - began)
            left_s = max(0.0, until_s - (now - self.started)) / max(1, rounds_left)
            moves = max(search.round_moves // 20, min(search.round_moves, int(moves_a_second * left_s)))

    def _search_until(self, search: LocalSearch, until_s: float) -> None:
        """Anneal round after round until a moment."""
        while perf_counter() - self.started < until_s and not self._is_over():
            if search.run(search.round_moves):
                self.offer(search.best(), "search")

    def _raise_by_means(self, budget: int) -> Usefulness:
        """Raise the bound by the least craft-minutes and cover of any plan within the budget; narrow the windows."""
        useful = Usefulness(self.problem, self.reach, echelon_windows(self.problem, self.floor_points, budget))
        means = means_floor(self.problem, useful)
        self.raise_bound(min(budget, sum(self.floor_points) + means), "bound")
        return Usefulness(self.problem, self.reach, echelon_windows(self.problem, self.floor_points, budget, means))

    def _prove(self, search: LocalSearch) -> None:
        """Prove the whole if it is small; otherwise the times alone, then the whole with what is left."""
        assert self.best is not None
        num_choices = self._raise_by_means(self.best[0].total).num_choices
        if num_choices > _TOO_MANY_CHOICES:
            return
        if num_choices > _FEW_CHOICES and not self._is_over():
            self._prove_times(search, _TIMES_PROOF_SHARE)
        if not self._is_over():
            self._prove_all(search, 1.0)

    def _limits(self, share: float, useful: Usefulness) -> tuple[ProofLimits, bool]:
        """Return the limits of a proof with a share of what is left, and whether the search goes on beside it."""
        from routing.deploy.cpsat import ProofLimits

        moves = self.options.iterations
        shares_cores = moves is None and self.options.workers > 1 and useful.num_choices > _MANY_CHOICES
        limits = ProofLimits(
            seconds=self._left_s() * share,
            workers=self.options.workers - 1 if shares_cores else self.options.workers,
            seed=self.options.seed,
            deterministic=None if moves is None else max(0.1, moves * _DETERMINISTIC_A_MOVE * share),
        )
        return limits, shares_cores

    def _prove_all(self, search: LocalSearch, share: float) -> None:
        from routing.deploy.cpsat import prove

        assert self.best is not None
        incumbent = self.best
        useful = self._raise_by_means(incumbent[0].total)
        if self._is_over():
            return
        limits, shares_cores = self._limits(share, useful)
        with self._searching_beside(search if shares_cores else None):
            proof = prove(
                self.problem,
                useful,
                incumbent,
                limits,
                on_candidate=lambda candidate: self.offer(candidate, "proof"),
                on_bound=lambda bound: self.raise_bound(bound, "proof"),
                cancelled=self._is_over,
            )
        self.is_capped = proof.is_capped
        if proof.bound is not None:
            self.raise_bound(proof.bound, "proof")

    def _prove_times(self, search: LocalSearch, share: float) -> None:
        from routing.deploy.bound_times import prove_times

        assert self.best is not None
        incumbent = self.best
        useful = self._raise_by_means(incumbent[0].total)
        if self._is_over():
            return
        limits, shares_cores = self._limits(share, useful)
        with self._searching_beside(search if shares_cores else None):
            bound = prove_times(self.problem, useful, self.floor_points, incumbent, limits, self._is_over)
        if bound is not None:
            self.raise_bound(bound, "proof")

    @contextmanager
    def _searching_beside(self, search: LocalSearch | None) -> Iterator[None]:
        """Let the search go on in a thread of its own; its compiled rounds leave the interpreter free."""
        proof_is_over = threading.Event()

        def go_on() -> None:
            assert search is not None
            while not proof_is_over.is_set() and not self._is_over():
                if search.run(search.round_moves):
                    self.offer(search.best(), "search")

        thread = threading.Thread(target=go_on, daemon=True)
        if search is not None:
            thread.start()
        try:
            yield
        finally:
            proof_is_over.set()
            if search is not None:
                thread.join()

    def _left_s(self) -> float:
        return self.options.seconds - (perf_counter() - self.started)

    def _is_over(self) -> bool:
        """Say whether the gap is closed, the solve cancelled, or the time up (unless moves replace the clock)."""
        assert self.best is not None
        if self.bound >= self.best[0].total or (self.cancelled is not None and self.cancelled()):
            return True
        return self.options.iterations is None and self._left_s() <= 0

    def _solution(self, candidate: Candidate, bound: int) -> Solution:
        found, trips, directs = candidate
        status: PlanStatus = "optimal" if bound >= found.total else "feasible"
        if not trips and not directs and not self.reach.is_anything_possible():
            status = "infeasible"
        assumes = ((DETOURS,) if self.is_bound_proven and self.reach.has_detours else ()) + (
            (MANY_TRIPS,) if self.is_capped else ()
        )
        return Solution(
            status=status,
            trips=trips,
            directs=directs,
            objective=found,
            bound=float(min(bound, found.total)),
            bound_assumes=assumes,
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
