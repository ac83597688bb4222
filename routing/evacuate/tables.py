"""Lay an evacuation problem out as one flat array for the compiled code, and the room it works in as another.

One array each, because compiled functions count references to every array they are handed: with the tables apart, the
search tried a tenth of the changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.evacuate.problem import UNREACHABLE, EvacuationProblem, Spans

Int32Array = npt.NDArray[np.int32]
MOST_TRIPS_A_VESSEL = 300
# The head of the table array: sizes, then where each part starts in it (tables) or in the room.
(
    VESSELS, DOCKS, DROPS, GROUPS, PLACES,
    GROUP_AT, PLACE_AT, DOCK_AT, DROP_AT, VESSEL_AT, TO_DOCK_AT, HAUL_AT, SHUT_AT, SPAN_AT,
    LEFT_AT, FIRST_AT, UNCLAIMED_AT, SPACE_AT, DOCK_FREE_AT, DROP_FREE_AT, STATE_AT, SIZES_AT, LOG_AT, LOADS_AT,
    PATIENCE, HEAD,
) = range(26)  # fmt: skip
# Columns of a group, a dock, a drop, a vessel.
PERSONS, READY, TOGETHER, WEIGHT, GROUP_COLUMNS = range(5)
PLACE, BERTHS, DOCK_COLUMNS = range(3)
DROP_BERTHS, CAPACITY, DROP_COLUMNS = range(3)
SEATS, START, LOAD, LOAD_S, UNLOAD, UNLOAD_S, VESSEL_COLUMNS = range(7)
STATE_COLUMNS, LOG_COLUMNS, LOAD_COLUMNS = 12, 12, 3


@dataclass(frozen=True)
class EvacuationTables:
    """The problem in 32 bits, a room to work in, and the group each row of the tables stands for."""

    table: Int32Array
    room: Int32Array
    order: tuple[int, ...]
    most_trips: int

    def part(self, start: int, count: int, columns: int) -> list[list[int]]:
        """Return rows of the room."""
        at = int(self.table[start])
        rows: list[list[int]] = self.room[at : at + count * columns].reshape(count, columns).tolist()
        return rows


def lay_out(problem: EvacuationProblem, extra_trips: int = 0) -> EvacuationTables:
    """Return the tables of a problem; a dock or drop without berths is one no vessel goes to."""
    v, p, q = problem.haul_min.shape
    groups = np.lexsort((np.arange(problem.num_groups), problem.ready_min, problem.priority, problem.location))
    haul = problem.haul_min.copy()
    haul[:, problem.dock_berths == 0, :] = UNREACHABLE
    haul[:, :, problem.drop_berths == 0] = UNREACHABLE
    to_dock = np.concatenate((problem.return_min, problem.first_min[:, None, :]), axis=1)
    shut_at, spans = _shut_table(problem)
    parts = {
        GROUP_AT: np.stack(
            (problem.persons, problem.ready_min, problem.together.astype(np.int64), problem.weight), axis=1
        )[groups],
        PLACE_AT: np.searchsorted(problem.location[groups], np.arange(problem.num_locations + 1)),
        DOCK_AT: np.stack((problem.dock_location, np.minimum(problem.dock_berths, v)), axis=1),
        DROP_AT: np.stack((np.minimum(problem.drop_berths, v), problem.drop_capacity), axis=1),
        VESSEL_AT: np.stack(
            (
                problem.seats, problem.start_min, problem.load_min, problem.load_s, problem.unload_min,
                problem.unload_s,
            ),
            axis=1,
        ),
        TO_DOCK_AT: to_dock,
        HAUL_AT: haul,
        SHUT_AT: shut_at,
        SPAN_AT: spans,
    }  # fmt: skip
    head = np.zeros(HEAD, np.int64)
    head[[VESSELS, DOCKS, DROPS, GROUPS, PLACES]] = v, p, q, problem.num_groups, problem.num_locations
    head[PATIENCE] = problem.patience_min
    at = HEAD
    for name, values in parts.items():
        head[name] = at
        at += np.asarray(values).size
    trips = most_trips(problem) + extra_trips
    at = 0
    for name, size in (
        (LEFT_AT, problem.num_groups), (FIRST_AT, problem.num_locations), (UNCLAIMED_AT, problem.num_locations),
        (SPACE_AT, q), (DOCK_FREE_AT, p * v), (DROP_FREE_AT, q * v), (STATE_AT, v * STATE_COLUMNS), (SIZES_AT, 2),
        (LOG_AT, v * trips * LOG_COLUMNS), (LOADS_AT, (v * trips + 2 * problem.num_groups + 1) * LOAD_COLUMNS),
    ):  # fmt: skip
        head[name] = at
        at += size
    flat = np.concatenate([head, *(np.asarray(values, np.int64).ravel() for values in parts.values())])
    return EvacuationTables(flat.astype(np.int32), np.zeros(at, np.int32), tuple(groups.tolist()), trips)


def most_trips(problem: EvacuationProblem) -> int:
    """Return a number of trips no vessel of the search goes beyond."""
    cycle = problem.load_min + problem.unload_min + problem.haul_min.min(axis=(1, 2))
    cycle = cycle + problem.return_min.min(axis=(1, 2))
    return int(min(MOST_TRIPS_A_VESSEL, problem.horizon_min // max(1, int(cycle.min())) + 2))


def _shut_table(problem: EvacuationProblem) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where each link's closed spans start, and the spans; links run vessel by vessel as ``link`` numbers them.

    The links of a vessel: lying at each dock, at each drop, legs to docks [Q + 1, P] (the last row from its start),
    legs to drops [P, Q].
    """
    v, p, q = problem.haul_min.shape
    links = p + q + (q + 1) * p + p * q
    spans: dict[int, Spans] = {}
    kinds: tuple[tuple[Mapping[Any, Spans], int, tuple[int, ...]], ...] = (
        (problem.closed_docks, 0, (p,)),
        (problem.closed_drops, p, (q,)),
        (problem.closed_returns, p + q, (q, p)),
        (problem.closed_firsts, p + q + q * p, (p,)),
        (problem.closed_hauls, p + q + (q + 1) * p, (p, q)),
    )
    for closed, at, shape in kinds:
        for (vessel, *ends), some in closed.items():
            spans[vessel * links + at + int(np.ravel_multi_index(tuple(ends), shape))] = some
    starts, flat = [0], []
    for k in range(v * links):
        flat += [edge for span in joined(spans.get(k, ())) for edge in span]
        starts.append(len(flat) // 2)
    return np.array(starts), np.array(flat or [0, 0])


def joined(spans: Spans) -> list[tuple[int, int]]:
    """Return spans sorted, those that touch or overlap made one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted((int(a), int(b)) for a, b in spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out
