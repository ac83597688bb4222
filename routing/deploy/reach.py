"""Compile the earliest minute each group can arrive by each craft, pickup and landing, whatever else happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routing.deploy.problem import UNREACHABLE, DeployProblem, IntArray, Spans, next_open


def all_opened(minutes: IntArray, spans: Spans) -> IntArray:
    """Return the first open minute at or after each minute."""
    late = minutes.copy()
    for _ in spans:
        for start, end in spans:
            late[(late >= start) & (late < end)] = end
    return late


def by_craft(closed: Mapping[tuple[int, int, int], Spans]) -> dict[int, list[tuple[int, int, Spans]]]:
    """Return the closed links of each craft."""
    found: dict[int, list[tuple[int, int, Spans]]] = {}
    for (craft, a, b), spans in closed.items():
        found.setdefault(craft, []).append((a, b, spans))
    return found


@dataclass(frozen=True)
class Reach:
    """Earliest minutes with berths free and craft shared by nobody: lower limits for every trip of every plan."""

    problem: DeployProblem

    @cached_property
    def craft_at_pickup_min(self) -> IntArray:
        """The earliest minute each craft can be at each pickup, on its first trip or any later one, [C, P]."""
        problem = self.problem
        ready = np.broadcast_to(problem.craft_ready_min[:, None], problem.position_min.shape).copy()
        for (c, p), spans in problem.closed_positions.items():
            ready[c, p] = next_open(int(ready[c, p]), spans)
        earliest: IntArray = np.minimum(ready + problem.position_min, UNREACHABLE)
        while True:
            landed = self._landed(earliest[:, :, None]).min(axis=1, initial=UNREACHABLE)
            off = np.broadcast_to(landed[:, :, None], problem.return_min.shape).copy()
            for (c, landing, p), spans in problem.closed_returns.items():
                off[c, landing, p] = next_open(int(off[c, landing, p]), spans)
            back = (off + problem.return_min).min(axis=1, initial=UNREACHABLE)
            if problem.has_calls:
                back = np.stack([self.with_calls(c, np.minimum(back[c], earliest[c])) for c in range(len(back))])
            if not (back < earliest).any():
                return earliest
            np.minimum(earliest, back, out=earliest)

    def with_calls(self, craft: int, alongside_min: IntArray) -> IntArray:
        """Return when a craft can be at each pickup, [P], coming straight or by an earlier call on the same trip."""
        problem = self.problem
        if not problem.has_calls:
            return alongside_min
        off = np.repeat((alongside_min + problem.load_min[craft])[:, None], problem.num_pickups, axis=1)
        for a, b, spans in self._closed_shifts_of.get(craft, ()):
            off[a, b] = next_open(int(off[a, b]), spans)
        by_call = (off + problem.shift_min[craft]).min(axis=0, initial=UNREACHABLE)
        soonest: IntArray = np.minimum(alongside_min, by_call)
        return soonest

    def _landed(self, board: IntArray) -> IntArray:
        """Return when a loading begun at ``board[C, P, 1]`` stands ashore, [C, P, L]."""
        problem = self.problem
        depart = np.broadcast_to(board + problem.load_min[:, None, None], problem.haul_min.shape).copy()
        for (c, p, landing), spans in problem.closed_hauls.items():
            depart[c, p, landing] = next_open(int(depart[c, p, landing]), spans)
        landed: IntArray = np.minimum(depart + problem.haul_min + problem.unload_min[:, None, None], UNREACHABLE)
        return landed

    def landed_by(self, craft: int) -> IntArray:
        """Return the earliest minute each group stands ashore by one craft, pickup and landing, [G, P, L]."""
        problem = self.problem
        landed = self.landed_from(craft, self.craft_at_pickup_min[craft])
        fits = (problem.strength <= problem.seats[craft]) & (problem.group_slots <= problem.craft_slots[craft])
        landed[~fits] = UNREACHABLE
        return landed

    def landed_from(self, craft: int, alongside_min: IntArray) -> IntArray:
        """Return the earliest minute each group boarding at a pickup stands ashore, [G, P, L], seats aside.

        ``alongside_min[P]`` is when the craft can be at each pickup. A group may board at an earlier call of the trip;
        only where that can be quicker than the straight way is it looked at.
        """
        problem = self.problem
        board = np.maximum(np.minimum(problem.group_at_pickup_min, UNREACHABLE), alongside_min)
        landed = self._crossed(craft, board)
        if craft in self._quicker_by_call:
            depart = board + problem.load_min[craft]
            for a, b in np.argwhere(problem.shift_min[craft] < UNREACHABLE).tolist():
                spans = problem.closed_shifts.get((craft, a, b), ())
                there = all_opened(depart[:, a], spans) + problem.shift_min[craft, a, b]
                by_call = self._crossed(craft, there[:, None], slice(b, b + 1))[:, 0]
                np.minimum(landed[:, a], by_call, out=landed[:, a])
        return landed

    def _crossed(self, craft: int, board: IntArray, pickups: slice = slice(None)) -> IntArray:
        """Return when loadings begun at ``board[G, P]`` at some pickups stand ashore, [G, P, L]."""
        problem = self.problem
        depart = np.broadcast_to(
            board[..., None] + problem.load_min[craft], (*board.shape, problem.num_landings)
        ).copy()
        first = pickups.start or 0
        for p, landing, spans in self.closed_hauls_of.get(craft, ()):
            if first <= p < first + board.shape[1]:
                depart[:, p - first, landing] = all_opened(depart[:, p - first, landing], spans)
        crossing = problem.haul_min[craft, pickups] + problem.unload_min[craft]
        landed: IntArray = np.minimum(depart + crossing, UNREACHABLE)
        return landed

    @cached_property
    def _quicker_by_call(self) -> frozenset[int]:
        """The craft that may bring a group ashore sooner by a second pickup: closed spans, or no straight way."""
        problem = self.problem
        if not problem.has_calls:
            return frozenset()
        closed = {key[0] for key in problem.closed_hauls}
        for craft in range(problem.num_craft):
            shift = problem.shift_min[craft][:, :, None] + problem.load_min[craft]
            by_call = (shift + problem.haul_min[craft][None]).min(axis=1, initial=UNREACHABLE)
            if bool((by_call < problem.haul_min[craft]).any()):
                closed.add(craft)
        return frozenset(c for c in closed if bool((problem.shift_min[c] < UNREACHABLE).any()))

    @cached_property
    def landed_min(self) -> IntArray:
        """``landed_by`` every craft, [G, C, P, L]: large where groups, craft and places all are many."""
        craft = [self.landed_by(c) for c in range(self.problem.num_craft)]
        if not craft:
            shape = self.problem.num_groups, 0, self.problem.num_pickups, self.problem.num_landings
            return np.full(shape, UNREACHABLE, dtype=np.int64)
        return np.stack(craft, axis=1)

    @cached_property
    def closed_hauls_of(self) -> dict[int, list[tuple[int, int, Spans]]]:
        """The closed (pickup, landing) crossings of each craft."""
        return by_craft(self.problem.closed_hauls)

    @cached_property
    def _closed_shifts_of(self) -> dict[int, list[tuple[int, int, Spans]]]:
        return by_craft(self.problem.closed_shifts)

    @cached_property
    def by_craft_min(self) -> IntArray:
        """The earliest minute each group arrives at each incident by each craft, [G, C, I]."""
        problem = self.problem
        best = np.full((problem.num_groups, problem.num_craft, problem.num_incidents), UNREACHABLE, dtype=np.int64)
        for craft in range(problem.num_craft):
            ashore = self.landed_by(craft).min(axis=1, initial=UNREACHABLE)
            for landing in range(problem.num_landings):
                np.minimum(
                    best[:, craft], ashore[:, landing, None] + problem.last_mile_min[landing], out=best[:, craft]
                )
        return best

    @cached_property
    def arrive_min(self) -> IntArray:
        """The earliest minute each group arrives at each incident by anything at all, [G, I]."""
        by_craft = self.by_craft_min.min(axis=1, initial=UNREACHABLE)
        earliest: IntArray = np.minimum(by_craft, self.problem.group_direct_min)
        return earliest

    @cached_property
    def has_detours(self) -> bool:
        """Whether some craft could reach a pickup sooner by a trip in between than by going there.

        Travel times that are shortest ways never allow it; closed spans on positioning or returning may.
        """
        problem = self.problem
        if problem.closed_returns or problem.closed_positions:
            return True
        handling = (problem.load_min + problem.unload_min)[:, None, None]
        for start in (problem.position_min[:, None, :], problem.return_min):
            across = (start[:, :, :, None] + problem.haul_min[:, None]).min(axis=2, initial=UNREACHABLE) + handling
            back = (across[..., None] + problem.return_min[:, None]).min(axis=2, initial=UNREACHABLE)
            if bool((back < np.minimum(start, UNREACHABLE)).any()):
                return True
        return False

    def is_anything_possible(self) -> bool:
        """Say whether a single person who counts can reach any incident within the horizon."""
        problem = self.problem
        for e, need in enumerate(problem.echelons):
            comes = self.arrive_min[:, need.incident] <= problem.horizon_min
            may_go = (problem.station < 0) | (problem.spare_groups[problem.station] > 0)
            if bool((comes & may_go & (problem.counts_for[:, e] > 0)).any()):
                return True
        return False
