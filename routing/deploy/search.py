"""Make a plan better by compiled annealing with restarts; seeded, limited by moves and not by a clock."""

from __future__ import annotations

import numpy as np

from routing.deploy.bound_delivery import delivery_floors, isolated_floors
from routing.deploy.draft import Candidate
from routing.deploy.evaluate import EarlierStop, Stop, score, stops_of, time_plan
from routing.deploy.generate import Size, draw_problem
from routing.deploy.greedy import plan_greedily
from routing.deploy.problem import DeployProblem
from routing.deploy.reach import Reach
from routing.deploy.search_kernel import IMPOSSIBLE, K, anneal, evaluate
from routing.deploy.search_tables import Int32Array, SearchTables, build_search_tables
from routing.deploy.search_timing import Riders, boards_at_call

# Points: hot enough to give up ten weighted minutes freely, cold enough to end on a plan no single move betters. Later
# cycles begin less hot: from a good plan they find more than another start from nothing.
HOT_POINTS, COLD_POINTS = (4_000.0, 400.0, 100.0, 1_000.0), 10.0
# Rounds from hot to cold; the next cycle starts from the best plan again. One slow cycle beat many quick ones on
# every problem tried.
CYCLE_ROUNDS = 6
# Moves of one round for each pair of group and craft, between these limits.
_MOVES_A_PAIR, _LEAST_MOVES, _MOST_MOVES = 17, 1_000, 20_000


class LocalSearch:
    """A search that goes on from where it stopped; ``best`` is its best plan, timed and scored by the reference."""

    def __init__(self, problem: DeployProblem, reach: Reach, start: Candidate, seed: int) -> None:
        self.problem, self.seed = problem, seed
        self.tables: SearchTables = build_search_tables(problem, reach)
        num_c = problem.num_craft
        self._rides = num_c * K
        self._slot_of = np.full(problem.num_groups, -1, dtype=np.int32)
        self._slots = np.full((self._rides, 4), -1, dtype=np.int32)
        num_pools = len(problem.pool_vehicles)
        self._work = (
            np.empty(self._rides, dtype=np.int32),
            np.empty(self._rides, dtype=np.int32),
            np.empty(self._rides, dtype=np.int32),
            np.empty(len(problem.keep_groups) + 1, dtype=np.int32),
            np.zeros((problem.num_pickups + problem.num_landings, problem.horizon_min + 1), dtype=np.int16),
            np.empty(problem.num_groups + 1, dtype=np.int32),
            np.empty(problem.num_groups + 1, dtype=np.int32),
            np.empty(num_c + 1, dtype=np.int32),
            np.empty(num_c + 1, dtype=np.int32),
            np.empty(num_c + 1, dtype=np.int32),
            np.empty(problem.num_incidents + 1, dtype=np.int32),
            np.empty(problem.num_incidents + 1, dtype=np.int32),
            np.empty(self._rides, dtype=np.int32),
            np.zeros(problem.num_groups + 1, dtype=np.int32),
            Riders(
                np.empty(self._rides, dtype=np.int32),
                np.empty(problem.num_groups, dtype=np.int32),
                np.zeros(num_pools, dtype=np.int32),
                np.zeros(num_pools, dtype=np.int32),
                np.empty((num_pools, 2 * problem.num_groups if problem.has_pools else 0, 3), dtype=np.int32),
            ),
        )
        self._arrive_of = np.zeros(self._rides + 1, dtype=np.int32)
        self.rounds = 0
        self._encode(start)
        points = self.points(self._slot_of, self._slots)
        self._best_slot_of, self._best_slots = self._slot_of.copy(), self._slots.copy()
        self._state = np.array([points, 0], dtype=np.int64)

    def points(self, slot_of: Int32Array, slots: Int32Array) -> int:
        """Return the compiled evaluator's points of an encoded plan."""
        return int(evaluate(self.tables, slot_of, slots, self._arrive_of, self._work)[0])

    @property
    def best_points(self) -> int:
        """The points of the best plan so far."""
        return int(self._state[0])

    def offer(self, candidate: Candidate) -> None:
        """Go on from a plan found elsewhere if it is better than the best so far."""
        if candidate[0].total >= self.best_points:
            return
        kept = self._slot_of.copy(), self._slots.copy()
        self._encode(candidate)
        points = self.points(self._slot_of, self._slots)
        if points < self.best_points:
            self._best_slot_of[:], self._best_slots[:] = self._slot_of, self._slots
            self._state[0] = points
        else:
            self._slot_of[:], self._slots[:] = kept

    @property
    def round_moves(self) -> int:
        """The moves of one round: a fraction of a second at most."""
        pairs = self.problem.num_groups * self.problem.num_craft
        return min(_MOST_MOVES, max(_LEAST_MOVES, _MOVES_A_PAIR * pairs))

    def run(self, moves: int) -> bool:
        """Anneal for one round, a step of the cycle from hot to cold; say whether a better plan was found."""
        if self.problem.num_groups == 0:
            return False
        before = self.best_points
        cycle, step = divmod(self.rounds, CYCLE_ROUNDS)
        hot = HOT_POINTS[cycle % len(HOT_POINTS)]
        if step == 0:
            self._slot_of[:], self._slots[:] = self._best_slot_of, self._best_slots
        cooling = (COLD_POINTS / hot) ** (1 / CYCLE_ROUNDS)
        anneal(
            self.tables,
            self._slot_of,
            self._slots,
            self._best_slot_of,
            self._best_slots,
            self._state,
            (self.seed * 7919 + self.rounds) % (2**31),
            moves,
            hot * cooling**step,
            hot * cooling ** (step + 1),
            self._work,
            self._arrive_of,
        )
        self.rounds += 1
        return self.best_points < before

    def best(self) -> Candidate:
        """Return the best plan, with its times and points worked out anew by the reference evaluator."""
        stops: list[list[Stop]] = [[] for _ in range(self.problem.num_craft)]
        for s in range(self._rides):
            groups = tuple(np.flatnonzero(self._best_slot_of == s).tolist())
            if groups:
                stops[s // K].append(self._stop(s, groups))
        ways = ((g, s - self._rides) for g, s in enumerate(self._best_slot_of.tolist()) if s >= self._rides)
        timed = time_plan(self.problem, stops, ways)
        assert timed is not None, "the search uses only links that exist"
        return score(self.problem, *timed), *timed

    def _stop(self, slot: int, groups: tuple[int, ...]) -> Stop:
        pickup, landing, incident, earlier = self._best_slots[slot].tolist()
        here = tuple(g for g in groups if boards_at_call(self.tables, self._best_slots, slot, g))
        return Stop(pickup, landing, incident, groups, EarlierStop(earlier, here) if here else None)

    def _encode(self, candidate: Candidate) -> None:
        _, trips, directs = candidate
        self._slot_of[:] = -1
        for craft, stops in enumerate(stops_of(self.problem, trips)):
            for k, stop in enumerate(stops[:K]):
                earlier = -1 if stop.call is None else stop.call.pickup
                self._slots[craft * K + k] = stop.pickup, stop.landing, stop.incident, earlier
                for g in stop.groups:
                    self._slot_of[g] = craft * K + k
        for direct in directs:
            self._slot_of[direct.group] = self._rides + direct.incident
        if self.points(self._slot_of, self._slots) >= IMPOSSIBLE:
            # A plan the search's own timing cannot repeat: start from nobody moving.
            self._slot_of[:] = -1


def warm_up() -> None:
    """Load or compile the search and the delivery curves, so that the first real solve need not."""
    problem = draw_problem(Size(6, 3, 1, 3), 1)
    reach = Reach(problem)
    search = LocalSearch(problem, reach, plan_greedily(problem, decays_min=(18.0,)), 1)
    search.run(10)
    floors = isolated_floors(problem, reach)
    delivery_floors(problem, search.tables, floors, [problem.horizon_min] * len(floors))
