"""State an evacuation: groups at pick-up places, docks with berths, vessels, drops; trips and a proven bound out.

Everything is a plain matrix in whole minutes from the plan's start, so that a problem can be built without geography.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.deploy.problem_input import (
    MAX_HORIZON_MIN,
    MOST_COUNTED,
    UNREACHABLE,
    ProblemFaultError,
    Spans,
    check_spans,
    fault,
    whole_array,
    whole_number,
)
from routing.evacuate.answer import (
    EvacuationSolution,
    EvacuationTiming,
    Lists,
    Load,
    Progress,
    SolveOptions,
    Status,
    Trip,
)

__all__ = [
    "MAX_HORIZON_MIN",
    "NO_LIMIT",
    "UNREACHABLE",
    "BoolArray",
    "EvacuationProblem",
    "EvacuationSolution",
    "EvacuationTiming",
    "IntArray",
    "Lists",
    "Load",
    "ProblemFaultError",
    "Progress",
    "SolveOptions",
    "Spans",
    "Status",
    "Trip",
    "ride_minutes",
]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Berths, a queue or a shelter without a limit worth modelling.
NO_LIMIT = 1_000_000
MOST_SITES = 200
MOST_RIDE_S = 3_600
# What a minute of waiting counts for, by boarding order: the first two classes before the rest.
PRIORITY_WEIGHTS = (8, 4, 2, 1)


def ride_minutes(fixed_min: int, per_person_s: int, persons: int) -> int:
    """Return the whole minutes to load or unload so many persons."""
    return fixed_min + -(-per_person_s * persons // 60)


@dataclass(frozen=True)
class EvacuationProblem:
    """Groups G at pick-up locations L, docks P and drops Q with berths, vessels V; whole minutes from the start.

    A group of ``persons`` stands at ``location`` from ``ready_min`` (its walk included), boards by ``priority`` (0
    first) and, where ``together``, on one trip. ``queue_capacity[L]`` is how many may wait at a pick-up. Dock P serves
    location ``dock_location[P]``. Legs: ``first_min[V, P]`` from the vessel's start at ``start_min[V]``,
    ``haul_min[V, P, Q]`` with people, ``return_min[V, Q, P]`` back; UNREACHABLE where a vessel cannot go or berth.
    Loading takes ``load_min[V]`` and ``load_s[V]`` seconds a person; unloading likewise. A closed span (from, to) of a
    dock or drop keeps a vessel from lying there, of a leg from departing, at from <= minute < to. Nobody waits aboard
    longer than ``patience_min``, before the departure or off the drop.
    Raises ProblemFaultError naming the field and what is wrong with it.
    """

    persons: IntArray
    location: IntArray
    priority: IntArray
    ready_min: IntArray
    together: BoolArray
    queue_capacity: IntArray
    dock_location: IntArray
    dock_berths: IntArray
    drop_berths: IntArray
    drop_capacity: IntArray
    seats: IntArray
    start_min: IntArray
    first_min: IntArray
    haul_min: IntArray
    return_min: IntArray
    load_min: IntArray
    load_s: IntArray
    unload_min: IntArray
    unload_s: IntArray
    horizon_min: int = 1_440
    patience_min: int = 120
    closed_docks: Mapping[tuple[int, int], Spans] = field(default_factory=dict)
    closed_drops: Mapping[tuple[int, int], Spans] = field(default_factory=dict)
    closed_firsts: Mapping[tuple[int, int], Spans] = field(default_factory=dict)
    closed_hauls: Mapping[tuple[int, int, int], Spans] = field(default_factory=dict)
    closed_returns: Mapping[tuple[int, int, int], Spans] = field(default_factory=dict)

    def __post_init__(self) -> None:
        counts = {
            name: len(np.atleast_1d(np.asarray(getattr(self, name))))
            for name in ("persons", "queue_capacity", "dock_location", "drop_berths", "seats")
        }
        for name, count in counts.items():
            if count == 0 and name in ("queue_capacity", "dock_location", "drop_berths", "seats"):
                words, words_zh = _NEEDED[name]
                raise fault(f"{name}: there is no {words}; give one at least", f"{name}：没有{words_zh}；至少给一个")
            if count > MOST_SITES * (50 if name == "persons" else 1):
                raise fault(f"{name}: {count} entries are too many", f"{name}：{count} 项过多")
        g, places, p, q, v = counts.values()
        whole_number("horizon_min", self.horizon_min, 1, MAX_HORIZON_MIN)
        whole_number("patience_min", self.patience_min, 0, MAX_HORIZON_MIN)
        shapes: dict[str, tuple[tuple[int, ...], int, int]] = {
            "persons": ((g,), 1, MOST_COUNTED),
            "location": ((g,), 0, places - 1),
            "priority": ((g,), 0, len(PRIORITY_WEIGHTS) - 1),
            "ready_min": ((g,), 0, UNREACHABLE),
            "queue_capacity": ((places,), 1, NO_LIMIT),
            "dock_location": ((p,), 0, places - 1),
            "dock_berths": ((p,), 0, NO_LIMIT),
            "drop_berths": ((q,), 0, NO_LIMIT),
            "drop_capacity": ((q,), 0, NO_LIMIT),
            "seats": ((v,), 1, MOST_COUNTED),
            "start_min": ((v,), 0, UNREACHABLE),
            "first_min": ((v, p), 0, UNREACHABLE),
            "haul_min": ((v, p, q), 0, UNREACHABLE),
            "return_min": ((v, q, p), 0, UNREACHABLE),
            "load_min": ((v,), 0, MAX_HORIZON_MIN),
            "load_s": ((v,), 0, MOST_RIDE_S),
            "unload_min": ((v,), 0, MAX_HORIZON_MIN),
            "unload_s": ((v,), 0, MOST_RIDE_S),
        }
        for name, (shape, low, high) in shapes.items():
            object.__setattr__(self, name, whole_array(name, getattr(self, name), shape, low, high))
        object.__setattr__(self, "together", _flags("together", self.together, g))
        for name, ends in (
            ("closed_docks", (v, p)), ("closed_drops", (v, q)), ("closed_firsts", (v, p)),
            ("closed_hauls", (v, p, q)), ("closed_returns", (v, q, p)),
        ):  # fmt: skip
            check_spans(name, getattr(self, name), ends)
        self._refuse_endless_trips()
        self._refuse_too_many_at_once()

    @classmethod
    def from_matrices(
        cls,
        *,
        demand: Any,
        seats: Any,
        first_min: Any,
        haul_min: Any,
        return_min: Any,
        load_min: Any,
        dock_location: Any | None = None,
        start_min: Any | None = None,
        unload_min: Any | None = None,
        horizon_min: int = MAX_HORIZON_MIN,
    ) -> EvacuationProblem:
        """Return a problem as published island evacuations state them: demand by location, berths without limit.

        ``demand[L]`` people stand ready and may be shared among vessels; ``load_min[V]`` holds whatever the number
        aboard. Legs are UNREACHABLE where a vessel does not suit a dock. Raises ProblemFaultError as the class does.
        """
        people = np.atleast_1d(np.asarray(demand))
        first, haul = np.asarray(first_min), np.asarray(haul_min)
        v, p = (*first.shape, 0, 0)[:2]
        q = haul.shape[2] if haul.ndim == 3 else 0
        there = np.flatnonzero(people > 0)
        nil = np.zeros(v, np.int64)
        return cls(
            persons=people[there],
            location=there,
            priority=np.full(len(there), len(PRIORITY_WEIGHTS) - 1),
            ready_min=np.zeros(len(there), np.int64),
            together=np.zeros(len(there), bool),
            queue_capacity=np.full(len(people), NO_LIMIT),
            dock_location=np.arange(p) if dock_location is None else dock_location,
            dock_berths=np.full(p, NO_LIMIT),
            drop_berths=np.full(q, NO_LIMIT),
            drop_capacity=np.full(q, NO_LIMIT),
            seats=seats,
            start_min=nil if start_min is None else start_min,
            first_min=first,
            haul_min=haul,
            return_min=return_min,
            load_min=load_min,
            load_s=nil,
            unload_min=nil if unload_min is None else unload_min,
            unload_s=nil,
            horizon_min=horizon_min,
        )

    @property
    def num_groups(self) -> int:
        """The number of groups."""
        return len(self.persons)

    @property
    def num_locations(self) -> int:
        """The number of pick-up locations."""
        return len(self.queue_capacity)

    @property
    def num_docks(self) -> int:
        """The number of docks people board at."""
        return len(self.dock_location)

    @property
    def num_drops(self) -> int:
        """The number of drops."""
        return len(self.drop_berths)

    @property
    def num_vessels(self) -> int:
        """The number of vessels."""
        return len(self.seats)

    @property
    def total(self) -> int:
        """How many people there are."""
        return int(self.persons.sum())

    @cached_property
    def weight(self) -> IntArray:
        """What a minute of waiting of one person of each group counts for, [G]."""
        return np.array(PRIORITY_WEIGHTS, np.int64)[self.priority]

    @cached_property
    def demand(self) -> IntArray:
        """People at each location, [L]."""
        people: IntArray = np.zeros(self.num_locations, np.int64)
        np.add.at(people, self.location, self.persons)
        return people

    @cached_property
    def first_ready_min(self) -> IntArray:
        """The minute from which anybody stands at each location, [L]; UNREACHABLE where nobody ever does."""
        ready: IntArray = np.full(self.num_locations, UNREACHABLE)
        np.minimum.at(ready, self.location, self.ready_min)
        return ready

    def can_serve(self, vessel: int, dock: int, drop: int) -> bool:
        """Say whether a vessel can take people from a dock to a drop at all, its way to the dock aside."""
        berths = self.dock_berths[dock] > 0 and self.drop_berths[drop] > 0
        return bool(berths and self.haul_min[vessel, dock, drop] < UNREACHABLE)

    def _refuse_endless_trips(self) -> None:
        """Refuse vessels that would cross in no time: a plan could make any number of such trips."""
        least = self.load_min + self.unload_min + self.haul_min.min(axis=(1, 2)) + self.return_min.min(axis=(1, 2))
        if (least < 1).any():
            vessel = int(np.flatnonzero(least < 1)[0])
            raise fault(
                f"haul_min[{vessel}]: the vessel crosses, loads and returns in no time; give one minute at least",
                f"haul_min[{vessel}]：该船往返与装卸用时为零；至少给一分钟",
            )

    def _refuse_too_many_at_once(self) -> None:
        """Refuse a group that must stay together on fewer seats than it has people, naming the seats there are."""
        for g in np.flatnonzero(self.together):
            docks = self.dock_location == self.location[g]
            comes = (self.haul_min[:, docks, :] < UNREACHABLE).any(axis=(1, 2))
            most = int(self.seats[comes].max()) if comes.any() else None
            if most is not None and self.persons[g] > most:
                raise fault(
                    f"together[{g}]: the group of {self.persons[g]} stays together, but the largest vessel that can "
                    f"come has {most} seats; split the group or let it be shared",
                    f"together[{g}]：该组 {self.persons[g]} 人须同行，但能到的最大船只有 {most} 座；请拆分或允许分乘",
                )


_NEEDED = {
    "queue_capacity": ("pick-up location", "上客地点"),
    "dock_location": ("dock to board at", "上客泊位点"),
    "drop_berths": ("drop", "下客点"),
    "seats": ("vessel", "船"),
}


def _flags(name: str, value: Any, count: int) -> BoolArray:
    given = np.asarray(value)
    if given.shape != (count,) or (given.size and given.dtype != np.bool_):
        raise fault(
            f"{name}: needs {count} entries true or false, has {given.dtype} {given.shape}",
            f"{name}：须为 {count} 个真假值，现为 {given.dtype} {given.shape}",
        )
    flags: BoolArray = np.array(given, bool)
    flags.setflags(write=False)
    return flags
