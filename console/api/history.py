"""Past positions a page at a time: bounded in rows given and in rows looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from console.api.shapes import PositionOut
from data.journal.fixes import FixTable, micros_of, moment_of
from data.journal.history import PositionHistory

SCAN_LIMIT = 200_000
FIRST_STEP = timedelta(seconds=5)
LONGEST_STEP = timedelta(hours=1)
STEPS_LIMIT = 500


class Cursor:
    """Where a page ended: a moment, and how many rows of that very moment are given already."""

    def __init__(self, at: datetime, skip: int = 0) -> None:
        self.at, self.skip = at, skip

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Read a cursor as a page gave it; raises ValueError for anything else."""
        at, _, skip = text.partition("-")
        if not (at.isascii() and skip.isascii() and at.isdigit() and skip.isdigit() and len(at) < 18 and len(skip) < 9):
            raise ValueError("the cursor is not one that a page gave")
        try:
            return cls(moment_of(int(at)), int(skip))
        except OverflowError as error:
            raise ValueError("the cursor is not one that a page gave") from error

    def __str__(self) -> str:
        return f"{micros_of(self.at)}-{self.skip}"


def history_page(
    history: PositionHistory, cursor: Cursor, end: datetime, unit_id: str | None, limit: int
) -> tuple[list[PositionOut], Cursor | None]:
    """Return up to ``limit`` positions from a cursor to before ``end``, and where the next page begins.

    Reads in steps that grow while little is found, and stops after SCAN_LIMIT rows looked at or STEPS_LIMIT steps:
    a question about thousands of years must not keep a thread for ever.
    """
    found: list[PositionOut] = []
    start, skip, step, looked_at, steps = cursor.at, cursor.skip, FIRST_STEP, 0, 0
    while start < end:
        until = end if end - start <= step else start + step
        steps += 1
        table = history.fixes_between(start, until)
        looked_at += len(table)
        for row in _rows_of(table, unit_id, skip):
            if len(found) == limit:
                return found, _before(table, row, unit_id)
            found.append(_position(table, row))
        start, skip = until, 0
        if (looked_at >= SCAN_LIMIT or steps >= STEPS_LIMIT) and start < end:
            return found, Cursor(start)
        if len(table) < SCAN_LIMIT // 20:
            step = min(step * 2, LONGEST_STEP)
    return found, None


def _rows_of(table: FixTable, unit_id: str | None, skip: int) -> list[int]:
    return _chosen(table, unit_id)[skip:]


def _chosen(table: FixTable, unit_id: str | None) -> list[int]:
    """The rows asked for, by time and then by unit, so that a page begins where the one before it ended."""
    if unit_id is None:
        rank = np.argsort(np.argsort(np.array(table.unit_ids))) if table.unit_ids else np.empty(0, dtype=np.int64)
        return [int(row) for row in np.lexsort((rank[table.unit], table.world_us))]
    if unit_id not in table.unit_ids:
        return []
    return [int(row) for row in np.flatnonzero(table.unit == table.unit_ids.index(unit_id))]


def _before(table: FixTable, row: int, unit_id: str | None) -> Cursor:
    """Return the cursor at a row: its moment, and how many chosen rows of that moment come before it."""
    moment_us = int(table.world_us[row])
    chosen = _chosen(table, unit_id)
    before = chosen[: chosen.index(row)]
    return Cursor(moment_of(moment_us), sum(int(table.world_us[one]) == moment_us for one in before))


def _position(table: FixTable, row: int) -> PositionOut:
    heading = float(table.heading_deg[row])
    return PositionOut(
        unit_id=table.unit_ids[table.unit[row]],
        world_at=moment_of(int(table.world_us[row])),
        lon_deg=float(table.lon_deg[row]),
        lat_deg=float(table.lat_deg[row]),
        heading_deg=None if np.isnan(heading) else heading,
        speed_mps=float(table.speed_mps[row]),
    )
