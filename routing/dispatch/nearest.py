"""The nearest suitable units of one incident, and why each nearer one does not go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routing.dispatch.problem import Block, Codes, DispatchProblem, IntArray, fault

# How many times the units asked for are looked at before all: most stations can spare their nearest.
FIRST_LOOK = 4


@dataclass(frozen=True)
class NearestUnits:
    """Units that can go together, nearest first, and the units nearer than the last of them that cannot.

    Where fewer than ``asked`` can go, ``passed`` holds every other unit. ``nearer_by_block[n, b]`` is how many units
    nearer than the n-th chosen are held back by Block b.
    """

    problem: DispatchProblem
    incident: int
    asked: int
    units: IntArray
    passed: IntArray
    passed_block: Codes

    @property
    def is_short(self) -> bool:
        """Whether fewer units can go than were asked for."""
        return len(self.units) < self.asked

    @cached_property
    def seconds(self) -> IntArray:
        """Travel seconds of the chosen units."""
        found: IntArray = self.problem.travel_s[self.incident, self.units]
        return found

    @cached_property
    def nearer_by_block(self) -> IntArray:
        """Counts of nearer units held back, [chosen, Block]."""
        travel_s, count = self.problem.travel_s[self.incident], self.problem.num_units
        chosen_keys = travel_s[self.units] * count + self.units
        passed_keys = travel_s[self.passed] * count + self.passed
        after = np.searchsorted(chosen_keys, passed_keys)  # the first chosen unit behind each unit passed over
        size = (len(self.units) + 1) * len(Block)
        table = np.bincount(after * len(Block) + self.passed_block, minlength=size).reshape(-1, len(Block))
        nearer: IntArray = table[: len(self.units)].cumsum(axis=0)
        return nearer

    def nearest_passed(self, count: int) -> list[tuple[int, int, Block]]:
        """Return unit, travel seconds and Block of the nearest units passed over."""
        keys = self.problem.travel_s[self.incident, self.passed] * self.problem.num_units + self.passed
        order = _smallest(keys, count)
        travel_s = self.problem.travel_s[self.incident]
        return [
            (int(unit), int(travel_s[unit]), Block(int(block)))
            for unit, block in zip(self.passed[order], self.passed_block[order], strict=True)
        ]


def nearest_units(problem: DispatchProblem, incident: int, count: int) -> NearestUnits:
    """Return the ``count`` nearest units that can go to an incident together, standing cover kept.

    Of equally near units the one named first goes. Raises DispatchFaultError for an incident there is not, or a
    count below 1.
    """
    if not 0 <= incident < problem.num_incidents:
        raise fault(
            f"incident: {incident} does not exist ({problem.num_incidents} incidents)",
            f"incident：没有第 {incident} 起警情（共 {problem.num_incidents} 起）",
        )
    if count < 1:
        raise fault(f"count: must be 1 or more, is {count}", f"count：须为 1 以上，现为 {count}")
    travel_s, blocks = problem.travel_s[incident], problem.blocks[incident]
    free = np.flatnonzero(blocks == Block.FREE)
    keys = travel_s[free] * problem.num_units + free
    look = FIRST_LOOK * count
    while True:
        near = free[_smallest(keys, look)]
        may_leave = _may_leave(problem, near)
        going = np.flatnonzero(may_leave)[:count]
        if len(going) == count or look >= len(free):
            break
        look *= FIRST_LOOK
    units = near[going]
    short = len(units) < count
    last = len(near) if short else int(going[-1]) + 1
    kept = near[:last][~may_leave[:last]]
    if short:
        held = np.flatnonzero(blocks != Block.FREE)
    else:
        last_s = travel_s[units[-1]]
        nearer = (travel_s < last_s) | ((travel_s == last_s) & (np.arange(problem.num_units) < units[-1]))
        held = np.flatnonzero(nearer & (blocks != Block.FREE))
    return NearestUnits(
        problem=problem,
        incident=incident,
        asked=count,
        units=units,
        passed=np.concatenate([held, kept]),
        passed_block=np.concatenate([blocks[held], np.full(len(kept), Block.COVER, np.uint8)]),
    )


def _smallest(keys: IntArray, count: int) -> IntArray:
    """Return the places of the smallest keys, smallest first."""
    if count < len(keys):
        part = np.argpartition(keys, count - 1)[:count]
        chosen: IntArray = part[np.argsort(keys[part])]
        return chosen
    order: IntArray = np.argsort(keys)
    return order


def _may_leave(problem: DispatchProblem, near: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return for units in order whether their station can still spare each after those before it."""
    station = problem.station[near]
    order = np.argsort(station, kind="stable")
    ordered = station[order]
    starts = np.searchsorted(ordered, ordered)  # where each unit's station begins
    turn = np.empty(len(near), np.int64)
    turn[order] = np.arange(len(near)) - starts
    if not len(problem.keep_units):
        return np.ones(len(near), np.bool_)
    return np.asarray((station < 0) | (turn < problem.spare_units[np.maximum(station, 0)]))
