"""Solve a posting in two stages by OR-Tools CP-SAT: the least expected shortfall with its bound, nobody idle."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from ortools.sat.python import cp_model

from routing.isolate.two_stage import BOAT_POINTS, SCALE, Posting, PostingProblem, shortfalls, without_idle

# What one worker may take, in the solver's own units: about as many seconds.
DETERMINISTIC = 4.0


@dataclass(frozen=True)
class PostingResult:
    """A posting with its shortfall by forecast in person-hours, expected, and the bound no posting betters."""

    posting: Posting
    by_forecast: tuple[float, ...]
    expected: float
    bound: float
    is_optimal: bool
    seconds: float

    @property
    def worst(self) -> float:
        """The shortfall under the forecast with the largest."""
        return max(self.by_forecast)

    @property
    def gap(self) -> float:
        """How far from optimal at most, 0..1 of the expected shortfall."""
        return max(0.0, (self.expected - self.bound) / self.expected) if self.expected > 0 else 0.0


def solve_posting(
    problem: PostingProblem, *, act_now: bool = True, deterministic: float = DETERMINISTIC, seed: int = 1
) -> PostingResult:
    """Return the posting of least expected shortfall; with ``act_now`` false nobody goes before the weather is known.

    One worker within a deterministic limit: the same problem gives the same posting twice. Where no time is left
    everybody stays, and the bound is 0.
    """
    began = perf_counter()
    stages = _Stages(problem, act_now)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = deterministic
    status = solver.solve(stages.model)
    posting, bound = Posting.nothing(problem), 0.0
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        stages.read(solver, posting)
        bound = max(0.0, solver.best_objective_bound) / SCALE
    posting = without_idle(problem, posting)
    found = shortfalls(problem, posting)
    expected = float(np.dot(problem.weights, found)) / 100.0
    return PostingResult(
        posting, found, expected, min(bound, expected), status == cp_model.OPTIMAL, perf_counter() - began
    )


class _Stages:
    """The variables of both stages by craft and island; stage None is now, a number the forecast it is later under."""

    def __init__(self, problem: PostingProblem, act_now: bool) -> None:
        self.problem, self.model = problem, cp_model.CpModel()
        self.goes: dict[tuple[int | None, int, int], cp_model.IntVar] = {}
        self.aboard: dict[tuple[int | None, int, int, int], cp_model.IntVar] = {}
        self.useful = [g for g in range(len(problem.strength)) if problem.has[g].any() and problem.count[g] > 0]
        self.wanted = (problem.need.sum(axis=2) + problem.boats > 0) & (problem.hours > 0)
        num_s, num_i, _ = problem.need.shape
        for c in range(len(problem.seats)):
            for i in range(num_i):
                if act_now and problem.now[c, i] and self.wanted[:, i].any():
                    self._enter(None, c, i)
                for s in range(num_s):
                    if problem.later[s, c, i] and self.wanted[s, i]:
                        self._enter(s, c, i)
        for s in range(num_s):
            self._one_use_a_craft(s)
            self._groups_there_are(s)
        self.model.minimize(sum(self._shortfall(s, i) for s in range(num_s) for i in range(num_i)))

    def read(self, solver: cp_model.CpSolver, posting: Posting) -> None:
        """Write the solver's answer into a posting."""
        for (stage, c, i), goes in self.goes.items():
            if stage is None:
                posting.craft_now[c, i] = bool(solver.value(goes))
            else:
                posting.craft_later[stage, c, i] = bool(solver.value(goes))
        for (stage, g, c, i), number in self.aboard.items():
            if stage is None:
                posting.now[g, c, i] = solver.value(number)
            else:
                posting.later[stage, g, c, i] = solver.value(number)

    def _enter(self, stage: int | None, c: int, i: int) -> None:
        """Enter a craft's trip and who rides: no more than its seats, and only if it goes."""
        problem = self.problem
        goes = self.goes[stage, c, i] = self.model.new_bool_var("")
        load = []
        for g in self.useful:
            most = min(int(problem.count[g]), int(problem.seats[c]) // max(1, int(problem.strength[g])))
            if problem.rides[g, c] and most > 0:
                number = self.aboard[stage, g, c, i] = self.model.new_int_var(0, most, "")
                load.append(int(problem.strength[g]) * number)
        if load:
            self.model.add(sum(load) <= int(problem.seats[c]) * goes)

    def _one_use_a_craft(self, s: int) -> None:
        for craft in range(len(self.problem.seats)):
            uses = [goes for (stage, c, _), goes in self.goes.items() if c == craft and stage in (None, s)]
            if len(uses) > 1:
                self.model.add_at_most_one(uses)

    def _groups_there_are(self, s: int) -> None:
        """No more of a kind than there are, nor of a station than leave its cover."""
        problem = self.problem
        sent: dict[int, list[cp_model.IntVar]] = {g: [] for g in self.useful}
        for (stage, g, _, _), number in self.aboard.items():
            if stage in (None, s):
                sent[g].append(number)
        for g in self.useful:
            self.model.add(sum(sent[g]) <= int(problem.count[g]))
        for station in range(len(problem.spare)):
            members = [number for g in self.useful if problem.station[g] == station for number in sent[g]]
            self.model.add(sum(members) <= int(problem.spare[station]))

    def _shortfall(self, s: int, i: int) -> cp_model.LinearExprT:
        """Return an island's weighted shortfall under a forecast."""
        problem = self.problem
        price, terms = int(problem.prices()[s, i]) * int(problem.weights[s]), []
        if price == 0:
            return 0
        for k in range(problem.need.shape[2]):
            if (need := int(problem.need[s, i, k])) > 0:
                held = [
                    int(problem.strength[g]) * number
                    for (stage, g, _, island), number in self.aboard.items()
                    if stage in (None, s) and island == i and problem.has[g, k]
                ]
                short = self.model.new_int_var(0, need, "")
                self.model.add(short >= need - sum(held))
                terms.append(price * short)
        if (boats := int(problem.boats[s, i])) > 0:
            there = [goes for (stage, _, island), goes in self.goes.items() if stage in (None, s) and island == i]
            short = self.model.new_int_var(0, boats, "")
            self.model.add(short >= boats - sum(there))
            terms.append(BOAT_POINTS * price * short)
        return sum(terms)
