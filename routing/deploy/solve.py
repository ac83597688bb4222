"""Solve a deployment: an answer in milliseconds, made better and proven until time is up or the gap is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from data.text import Text
from routing.deploy.bound_delivery import EchelonFloor, delivery_floors, isolated_floors
from routing.deploy.bound_means import means_floor
from routing.deploy.draft import Candidate, DraftTables, trimmed
from routing.deploy.greedy import DECAYS_MIN, FIRST_DECAYS_MIN, plan_greedily
from routing.deploy.naive import dispatch_nearest_first
from routing.deploy.problem import DeployProblem, Solution, SolveOptions
from routing.deploy.reach import Reach
from routing.deploy.standing import DETOURS, OnProgress, Standing
from routing.deploy.windows import Usefulness, echelon_windows

if TYPE_CHECKING:
    from routing.deploy.columns.engine import ColumnTask
    from routing.deploy.cpsat import ProofLimits
    from routing.deploy.prover_messages import Ended, Found, Raised
    from routing.deploy.search import LocalSearch

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
# With more (group, craft, pickup, landing, incident) than this it is not even asked which can still count.
_TOO_MANY_RIDES = 20_000_000
# With no more (group, craft) pairs the last look for trips nobody needs takes no time to speak of.
_FEW_PAIRS = 10_000
# Deterministic solver time bought by one move of the search when moves replace the clock.
_DETERMINISTIC_A_MOVE = 1.0 / 100_000
# Moves of the search that one round of pricing is worth when moves replace the clock.
_MOVES_A_ROUND = 200
# A floor is raised no further than this beyond the plan in hand: what lies later rules no more out.
_BEYOND_PLAN_MIN = 1


def solve(
    problem: DeployProblem,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
    start: Candidate | None = None,
) -> Solution:
    """Return the best plan found with its bound; ``on_progress`` hears of each better plan or bound.

    ``cancelled`` is asked often; once it says yes the best plan so far is returned. ``start`` is a plan known already.
    """
    return _Solving(problem, options or SolveOptions(), on_progress, cancelled).run(start)


def warm_up() -> None:
    """Load or compile what the first solve would otherwise wait for; the proving process is started by who solves."""
    from routing.deploy import cpsat, search
    from routing.deploy.columns.engine import warm_up as warm_up_columns

    search.warm_up()
    warm_up_columns()
    assert cpsat.MAX_SLOTS > 0


class _Solving:
    """One solve, stage by stage, within what is left of the time."""

    def __init__(
        self,
        problem: DeployProblem,
        options: SolveOptions,
        on_progress: OnProgress | None,
        cancelled: Cancelled | None,
    ) -> None:
        self.problem, self.options, self.cancelled = problem, options, cancelled
        self.standing = Standing(problem, options.seed, on_progress)
        self.reach = Reach(problem)
        self.floor_points: list[int] = []
        self.columns_ended = threading.Event()

    def run(self, start: Candidate | None) -> Solution:
        """Run the stages in order, from a plan known already if there is one."""
        standing, tables = self.standing, DraftTables(self.problem)
        if start is not None:
            standing.offer(start, "greedy")
        for decay_min in FIRST_DECAYS_MIN if self.options.iterations == 0 else DECAYS_MIN:
            standing.offer(plan_greedily(self.problem, tables, (decay_min,)), "greedy")
        naive = dispatch_nearest_first(self.problem, tables)
        standing.offer(naive, "greedy")
        standing.baseline = standing.solution(naive, 0)
        standing.is_possible = self.reach.is_anything_possible()
        floors = isolated_floors(self.problem, self.reach)
        self._raise_floors(floors)
        if standing.is_possible and self.options.iterations != 0 and not self._is_over():
            self._improve(floors)
            if self.problem.num_groups * self.problem.num_craft <= _FEW_PAIRS:
                standing.offer(trimmed(self.problem, standing.best), "search")
        return standing.finish()

    def _raise_floors(self, floors: tuple[EchelonFloor, ...]) -> None:
        self.floor_points = [
            floor.points(self.problem, need.weight) for floor, need in zip(floors, self.problem.echelons, strict=True)
        ]
        self.standing.raise_bound(sum(self.floor_points), "bound")

    def _improve(self, floors: tuple[EchelonFloor, ...]) -> None:
        """Search and bound side by side, prove what is left open, and search on with what is left of the time."""
        # Imported here so that the first answer does not wait for the compiled code and the solver library.
        from routing.deploy.columns.engine import ColumnTask
        from routing.deploy.search import LocalSearch

        standing, options = self.standing, self.options
        search = LocalSearch(self.problem, self.reach, standing.best, options.seed)
        windows = echelon_windows(self.problem, self.floor_points, standing.best[0].total)
        latest = [
            window.latest_min if minute is None else min(window.latest_min, minute + _BEYOND_PLAN_MIN)
            for window, minute in zip(windows, standing.best[0].complete_min, strict=True)
        ]
        self._raise_floors(delivery_floors(self.problem, search.tables, floors, latest))
        windows = echelon_windows(self.problem, self.floor_points, standing.best[0].total)
        task = ColumnTask(self.problem, windows, standing.best, sum(self.floor_points), options.seed)
        if options.iterations is not None:
            self._search_moves(search, options.iterations)
            self._bound_in_line(task, search, options.iterations // _MOVES_A_ROUND)
            if not self._is_over():
                self._prove(search)
            return
        with self._bounding_beside(task):
            self._search_cycle(search, options.seconds * _SEARCH_SHARE)
            while not self._is_over() and not self.columns_ended.is_set():
                self._search_round(search)
        if not self._is_over():
            self._prove(search)
        while not self._is_over():
            self._search_round(search)

    def _search_round(self, search: LocalSearch, moves: int | None = None) -> None:
        """Anneal one round from the best plan there is, whoever found it."""
        search.offer(self.standing.best)
        if search.run(search.round_moves if moves is None else moves):
            self.standing.offer(search.best(), "search")

    def _search_moves(self, search: LocalSearch, moves: int) -> None:
        """Anneal for a number of moves, whatever the clock says, in one cycle from hot to cold."""
        from routing.deploy.search import CYCLE_ROUNDS

        for step in range(CYCLE_ROUNDS):
            share = moves * (step + 1) // CYCLE_ROUNDS - moves * step // CYCLE_ROUNDS
            if not self._is_over():
                self._search_round(search, share)

    def _search_cycle(self, search: LocalSearch, until_s: float) -> None:
        """Anneal for one whole cycle, its rounds cut to what this machine can do until a moment."""
        from routing.deploy.search import CYCLE_ROUNDS

        moves = -(-search.round_moves // 4)
        for rounds_left in range(CYCLE_ROUNDS - 1, -1, -1):
            began = perf_counter()
            if self._is_over():
                return
            self._search_round(search, moves)
            now = perf_counter()
            moves_a_second = moves / max(1e-6, now - began)
            left_s = max(0.0, until_s - self.standing.elapsed_s) / max(1, rounds_left)
            moves = max(search.round_moves // 20, min(search.round_moves, int(moves_a_second * left_s)))

    @contextmanager
    def _bounding_beside(self, task: ColumnTask) -> Iterator[None]:
        """Let the proving process work on bound and plan meanwhile, and tell it of each better plan."""
        from routing.deploy.prover import PROVER

        under_way = PROVER.begin(task, self._heard) if self.options.workers > 1 else None
        if under_way is None:
            self.columns_ended.set()  # one core: the exact model has the time
            yield
            return
        self.standing.on_better = under_way.better
        try:
            yield
        finally:
            self.standing.on_better = None
            under_way.close()

    def _heard(self, message: Raised | Found | Ended | None) -> None:
        """Take in what the proving process says; it is gone when it says nothing."""
        from routing.deploy.prover_messages import Ended, Found

        if message is None:
            self.columns_ended.set()
        elif isinstance(message, Found):
            self.standing.offer(message.plan, "bound")
        else:
            self.standing.raise_bound(message.bound, "bound")
            if isinstance(message, Ended):
                self._narrow(message.earliest)
                self.columns_ended.set()

    def _bound_in_line(self, task: ColumnTask, search: LocalSearch, rounds: int) -> None:
        """Work on bound and plan for a number of rounds, whatever the clock says."""
        from routing.deploy.columns.engine import ColumnEngine

        engine = ColumnEngine(
            task,
            lambda bound: self.standing.raise_bound(bound, "bound"),
            lambda plan: self.standing.offer(plan, "bound"),
            lambda: engine.bound.rounds >= rounds or self._is_over(),
            self.reach,
            search.tables,
        )
        engine.offer(self.standing.best)
        engine.run()
        self._narrow(engine.bound.earliest)

    def _narrow(self, earliest: tuple[int, ...]) -> None:
        """Raise the floors to the minutes before which no better plan completes an echelon."""
        prices = (need.weight * self.problem.weights.minute for need in self.problem.echelons)
        self.floor_points = [
            max(points, price * minute)
            for points, price, minute in zip(self.floor_points, prices, earliest, strict=True)
        ]

    def _useful(self, budget: int) -> Usefulness:
        """Return the rides of plans within the budget, windows narrowed by the least craft-minutes and cover."""
        useful = Usefulness(self.problem, self.reach, echelon_windows(self.problem, self.floor_points, budget))
        means = means_floor(self.problem, useful)
        self.standing.raise_bound(min(budget, sum(self.floor_points) + means), "bound")
        return Usefulness(self.problem, self.reach, echelon_windows(self.problem, self.floor_points, budget, means))

    def _prove(self, search: LocalSearch) -> None:
        """Prove the whole if it is small; otherwise the times alone, then the whole with what is left."""
        if self.problem.haul_min.size * self.problem.num_groups * self.problem.num_incidents > _TOO_MANY_RIDES:
            return
        num_choices = self._useful(self.standing.best[0].total).num_choices
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

        standing, incumbent = self.standing, self.standing.best
        useful = self._useful(incumbent[0].total)
        if self._is_over():
            return
        limits, shares_cores = self._limits(share, useful)
        raise_bound = partial(standing.raise_bound, stage="proof", assumes=self._assumes())
        with self._searching_beside(search if shares_cores else None):
            proof = prove(
                self.problem,
                useful,
                incumbent,
                limits,
                on_candidate=lambda candidate: standing.offer(candidate, "proof"),
                on_bound=raise_bound,
                cancelled=self._is_over,
            )
        standing.has_few_trips = proof.is_capped
        if proof.bound is not None:
            raise_bound(proof.bound)

    def _prove_times(self, search: LocalSearch, share: float) -> None:
        from routing.deploy.bound_times import prove_times

        incumbent = self.standing.best
        useful = self._useful(incumbent[0].total)
        if self._is_over():
            return
        limits, shares_cores = self._limits(share, useful)
        with self._searching_beside(search if shares_cores else None):
            bound = prove_times(self.problem, useful, self.floor_points, incumbent, limits, self._is_over)
        if bound is not None:
            self.standing.raise_bound(bound, "proof", self._assumes())

    def _assumes(self) -> tuple[Text, ...]:
        """Return what the exact model takes for granted."""
        return (DETOURS,) if self.reach.has_detours else ()

    @contextmanager
    def _searching_beside(self, search: LocalSearch | None) -> Iterator[None]:
        """Let the search go on in a thread of its own; its compiled rounds leave the interpreter free."""
        proof_is_over = threading.Event()

        def go_on() -> None:
            assert search is not None
            while not proof_is_over.is_set() and not self._is_over():
                self._search_round(search)

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
        return self.options.seconds - self.standing.elapsed_s

    def _is_over(self) -> bool:
        """Say whether the gap is closed, the solve cancelled, or the time up (unless moves replace the clock)."""
        if self.standing.is_proven or (self.cancelled is not None and self.cancelled()):
            return True
        return self.options.iterations is None and self._left_s() <= 0
