"""The local search of an evacuation: a greedy plan at once, then compiled annealing, a chunk of changes at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routing.evacuate.kernel import sail
from routing.evacuate.moves import anneal
from routing.evacuate.problem import (
    NO_LIMIT,
    EvacuationProblem,
    EvacuationTiming,
    Lists,
    Load,
    Trip,
)
from routing.evacuate.tables import (
    LOAD_COLUMNS,
    LOADS_AT,
    LOG_AT,
    LOG_COLUMNS,
    SIZES_AT,
    EvacuationTables,
    Int32Array,
    lay_out,
)

# Changes between two looks at the clock, and chunks from hot to cold; temperatures in people left behind.
CHUNK = 1_000
DEADLINES = 12
CYCLE = 40
HOTTEST, COLDEST = 30.0, 0.3
# Rounds in which trips that land too late are taken out of lists.
SETTLING = 8


class LocalSearch:
    """Lists of trips for every vessel, the best of them, and what it takes to better them.

    ``held`` are lists that stay as they are at the head of each vessel's: trips already begun or decided.
    """

    def __init__(self, problem: EvacuationProblem, seed: int, held: Lists = ()) -> None:
        self.problem = problem
        self.tables = lay_out(problem, max((len(one) for one in held), default=0))
        v, p, q = problem.haul_min.shape
        most = self.tables.most_trips
        self._most = float((problem.persons * problem.weight).sum())
        self.lists = _lists(v, most)
        self._trial, self._sailed, self._best = _lists(v, most), _lists(v, most), _lists(v, most)
        self.words = np.array([(seed * 2654435761 + 88172645463325252) % 2**63 | 1], np.uint64)
        codes = [[a * q + b for a in range(p) for b in range(q) if problem.can_serve(k, a, b)] for k in range(v)]
        self._pair_first = np.cumsum([0, *map(len, codes)]).astype(np.int32)
        self._pair_code = np.array([code for some in codes for code in some] or [0], np.int32)
        self._held = np.zeros(v, np.int32)
        for k, one in enumerate(held):
            self._held[k] = len(one)
            self.lists[0][k, : len(one)] = one
            self.lists[1][k] = len(one)
        self._held_lists = held
        # Deadline, floor, and the best plan's remaining, completion and weighed waiting.
        self.scores = np.array([problem.horizon_min, 0, NO_LIMIT * 100, 0, 0], np.int64)
        self.chunks = 0
        self.tries = 0
        self.offer(tuple(tuple(one) for one in held) if held else ((),) * v)

    @property
    def score(self) -> tuple[int, int, int]:
        """People left, completion and weighed waiting of the best plan."""
        return int(self.scores[2]), int(self.scores[3]), int(self.scores[4])

    def raise_floor(self, floor_min: int) -> None:
        """Take in that no plan completes before a minute."""
        self.scores[1] = max(int(self.scores[1]), floor_min)
        if self.scores[2] == 0 and self.scores[3] <= self.scores[1]:
            self.scores[0] = self.scores[3]

    def offer(self, lists: Sequence[Sequence[int]], by_min: int | None = None) -> bool:
        """Sail lists to a deadline, finished by the best trips there are; keep and go on from them if better.

        Without ``by_min`` the deadline is that of the search.
        """
        genes, counts = self._trial
        for k, one in enumerate(lists):
            one = one[: genes.shape[1]]
            genes[k, : len(one)] = one
            counts[k] = len(one)
        if by_min is None:
            by_min = int(self.scores[0]) if self.scores[2] == 0 else self.problem.horizon_min
        tables = self.tables
        found = sail(tables.table, tables.room, by_min, genes, counts, *self._sailed, 0.0, self.words, False)
        if found < self.score:
            self._keep(found)
            return True
        return False

    def offer_sooner(self, floor_min: int) -> bool:
        """Try what the best trips reach by deadlines from the floor to the best plan's completion."""
        held = self._held_lists or ((),) * self.problem.num_vessels
        top = self.score[1] if self.score[0] == 0 else self.problem.horizon_min
        deadlines = [floor_min + (top - floor_min) * n // DEADLINES for n in range(DEADLINES)]
        return any(self.offer(held, minute) for minute in deadlines)

    def _keep(self, found: tuple[int, int, int]) -> None:
        self.scores[2:5] = found
        for kept in (self._best, self.lists):
            kept[0][:] = self._sailed[0]
            kept[1][:] = self._sailed[1]
        if found[0] == 0:
            self.scores[0] = found[1] if found[1] <= self.scores[1] else found[1] - 1

    def run(self, tries: int = CHUNK) -> bool:
        """Anneal a chunk of changes; returns whether a better plan was found."""
        before = self.score
        step = self.chunks % CYCLE
        if step == 0 and self.chunks:
            self.lists[0][:] = self._best[0]
            self.lists[1][:] = self._best[1]
        hot = HOTTEST * (COLDEST / HOTTEST) ** (step / (CYCLE - 1))
        anneal(
            self.tables.table, self.tables.room, *self.lists, *self._trial, *self._sailed, *self._best, self.scores,
            self._pair_first, self._pair_code, self._held, self._most, tries, hot, self.words,
        )  # fmt: skip
        self.chunks += 1
        self.tries += tries
        return self.score < before

    def best_lists(self) -> Lists:
        """Return the lists of the best plan."""
        genes, counts = self._best
        return tuple(tuple(int(x) for x in genes[k, : counts[k]]) for k in range(len(counts)))

    def best(self) -> tuple[tuple[Trip, ...], EvacuationTiming]:
        """Return the trips of the best plan and what it reaches."""
        return self.sailed(self.best_lists(), int(self.scores[3]) if self.scores[2] == 0 else self.problem.horizon_min)

    def sailed(self, lists: Sequence[Sequence[int]], deadline: int) -> tuple[tuple[Trip, ...], EvacuationTiming]:
        """Return the trips of lists sailed to a deadline and what they reach."""
        genes, counts = self._trial
        trips: tuple[Trip, ...] = ()
        for _ in range(SETTLING):
            for k, one in enumerate(lists):
                genes[k, : len(one)] = one
                counts[k] = len(one)
            sail(self.tables.table, self.tables.room, deadline, genes, counts, *self._sailed, -1.0, self.words, True)
            trips, num_late = read_trips(self.problem, self.tables)
            if not num_late:
                break
            # A trip that would land too late is not made, and whoever was to take it is free for the others.
            out, lengths = self._sailed
            lists = [out[k, : lengths[k]].tolist() for k in range(len(lengths))]
        return trips, timing_of(self.problem, trips)


def _lists(vessels: int, most: int) -> tuple[Int32Array, Int32Array]:
    return np.zeros((vessels, most), np.int32), np.zeros(vessels, np.int32)


def read_trips(problem: EvacuationProblem, tables: EvacuationTables) -> tuple[tuple[Trip, ...], int]:
    """Return the trips of a log in order of loading, and how many were left out for getting nobody ashore in time."""
    aboard: dict[int, list[Load]] = {}
    (num_trips, num_loads), *_ = tables.part(SIZES_AT, 1, 2)
    for row, group, persons in tables.part(LOADS_AT, num_loads, LOAD_COLUMNS):
        aboard.setdefault(row, []).append(Load(tables.order[group], persons))
    trips = []
    for row, line in enumerate(tables.part(LOG_AT, num_trips, LOG_COLUMNS)):
        v, p, q, leave, load_from, load_to, depart, arrive, unload_from, unload_to, dock_berth, drop_berth = line
        if unload_to < 0:
            continue
        trips.append(
            Trip(
                v, p, q, leave, load_from, load_to, depart, arrive, unload_from, unload_to,
                dock_berth if problem.dock_berths[p] < NO_LIMIT else None,
                drop_berth if problem.drop_berths[q] < NO_LIMIT else None,
                tuple(aboard.get(row, ())),
            )
        )  # fmt: skip
    return tuple(sorted(trips, key=lambda trip: (trip.load_from_min, trip.vessel))), num_trips - len(trips)


def timing_of(problem: EvacuationProblem, trips: Sequence[Trip]) -> EvacuationTiming:
    """Return what trips reach."""
    ashore = sum(trip.persons for trip in trips)
    waiting = sum(trip.persons * trip.load_to_min for trip in trips)
    weighed = sum(
        load.persons * int(problem.weight[load.group]) * trip.load_to_min for trip in trips for load in trip.loads
    )
    complete = max((trip.unload_to_min for trip in trips), default=0)
    return EvacuationTiming(problem.total - ashore, complete, waiting, weighed)
