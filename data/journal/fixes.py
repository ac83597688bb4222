"""Positions: one fix, and a table of many as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

HOUR_US = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """One position of one unit; ``heading_deg`` clockwise from north, None where unknown."""

    unit_id: str
    world_at: datetime
    lon_deg: float
    lat_deg: float
    heading_deg: float | None
    speed_mps: float


def micros_of(moment: datetime) -> int:
    """Return microseconds since 1970; raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"the moment {moment} has no time zone")
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """Return the UTC moment so many microseconds after 1970 began."""
    return _EPOCH + timedelta(microseconds=int(micros))


def hour_of(moment: datetime) -> datetime:
    """Return the UTC hour a moment lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class FixTable:
    """Many fixes as columns of equal length, ordered by ``world_us`` (microseconds since 1970, UTC).

    ``unit`` indexes ``unit_ids``, which may name units without a row. ``lon_deg`` and ``lat_deg`` are WGS 84;
    ``heading_deg`` is NaN where unknown. Heading and speed are kept in single precision here.
    """

    unit_ids: tuple[str, ...]
    unit: npt.NDArray[np.int32]
    world_us: npt.NDArray[np.int64]
    lon_deg: npt.NDArray[np.float64]
    lat_deg: npt.NDArray[np.float64]
    heading_deg: npt.NDArray[np.float32]
    speed_mps: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.unit)

    def fix(self, row: int) -> Fix:
        """Return one row as a fix."""
        heading = float(self.heading_deg[row])
        return Fix(
            self.unit_ids[self.unit[row]],
            moment_of(int(self.world_us[row])),
            float(self.lon_deg[row]),
            float(self.lat_deg[row]),
            None if np.isnan(heading) else heading,
            float(self.speed_mps[row]),
        )

    def fixes(self) -> Iterator[Fix]:
        """Yield each row as a fix."""
        for row in range(len(self)):
            yield self.fix(row)

    def rows(self, chosen: slice | npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> FixTable:
        """Return the rows chosen by a slice, a mask or their numbers."""
        return FixTable(
            self.unit_ids,
            self.unit[chosen],
            self.world_us[chosen],
            self.lon_deg[chosen],
            self.lat_deg[chosen],
            self.heading_deg[chosen],
            self.speed_mps[chosen],
        )

    def between(self, start: datetime, end: datetime) -> FixTable:
        """Return the fixes with ``start <= world_at < end``."""
        low, high = np.searchsorted(self.world_us, [micros_of(start), micros_of(end)])
        return self.rows(slice(int(low), int(high)))

    def latest(self) -> dict[str, Fix]:
        """Return the last fix of each unit."""
        return {fix.unit_id: fix for fix in self.last_of_each().fixes()}

    def last_of_each(self) -> FixTable:
        """Return the last row of each unit."""
        last = np.full(len(self.unit_ids), -1, dtype=np.intp)
        last[self.unit] = np.arange(len(self))  # where a unit comes twice, its later row stays
        return self.rows(np.sort(last[last >= 0]))

    def same_as(self, other: FixTable) -> bool:
        """Tell whether two tables in standard order hold the same fixes."""
        return self.unit_ids == other.unit_ids and all(
            np.array_equal(own, others, equal_nan=own.dtype.kind == "f")
            for own, others in zip(self._columns(), other._columns(), strict=True)
        )

    def _columns(self) -> tuple[npt.NDArray[Any], ...]:
        return self.unit, self.world_us, self.lon_deg, self.lat_deg, self.heading_deg, self.speed_mps


def fix_table(fixes: Iterable[Fix] | Sequence[Fix]) -> FixTable:
    """Return fixes as a table ordered by time, those of one moment in the order given."""
    rows = list(fixes)
    unit_ids = tuple(dict.fromkeys(fix.unit_id for fix in rows))
    numbers = {unit_id: number for number, unit_id in enumerate(unit_ids)}
    world_us = np.array([micros_of(fix.world_at) for fix in rows], dtype=np.int64)
    order = np.argsort(world_us, kind="stable")
    return FixTable(
        unit_ids=unit_ids,
        unit=np.array([numbers[fix.unit_id] for fix in rows], dtype=np.int32)[order],
        world_us=world_us[order],
        lon_deg=np.array([fix.lon_deg for fix in rows], dtype=np.float64)[order],
        lat_deg=np.array([fix.lat_deg for fix in rows], dtype=np.float64)[order],
        heading_deg=np.array(
            [np.nan if fix.heading_deg is None else fix.heading_deg for fix in rows], dtype=np.float32
        )[order],
        speed_mps=np.array([fix.speed_mps for fix in rows], dtype=np.float32)[order],
    )


def joined(tables: Sequence[FixTable]) -> FixTable:
    """Return the rows of several tables as one, each table's times not before those of the one before it."""
    if not tables:
        return fix_table(())
    if len(tables) == 1:
        return tables[0]
    numbers: dict[str, int] = {}
    units = []
    for table in tables:
        own = np.array([numbers.setdefault(unit_id, len(numbers)) for unit_id in table.unit_ids], dtype=np.int32)
        units.append(own[table.unit])
    columns = [np.concatenate(parts) for parts in zip(*(table._columns()[1:] for table in tables), strict=True)]
    return FixTable(tuple(numbers), np.concatenate(units), *columns)


def in_standard_order(table: FixTable) -> FixTable:
    """Return a table ordered by time and unit, naming only units with a row, in alphabetical order.

    The same fixes give the same table, whichever store they come from.
    """
    named = np.flatnonzero(np.bincount(table.unit, minlength=len(table.unit_ids)))
    ordered = sorted(named.tolist(), key=lambda number: table.unit_ids[number])
    numbers = np.zeros(len(table.unit_ids), dtype=np.int32)
    numbers[ordered] = np.arange(len(ordered), dtype=np.int32)
    unit = numbers[table.unit]
    unit_ids = tuple(table.unit_ids[number] for number in ordered)
    return replace(table, unit_ids=unit_ids, unit=unit).rows(np.lexsort((unit, table.world_us)))


def merged(older: FixTable, newer: FixTable) -> FixTable:
    """Return the fixes of both in standard order; of the same unit and moment only the newer's."""
    both = in_standard_order(joined((older, newer)))  # the sort is stable: the newer's row comes second
    is_last = np.ones(len(both), dtype=bool)
    is_last[:-1] = (both.world_us[1:] != both.world_us[:-1]) | (both.unit[1:] != both.unit[:-1])
    return both.rows(is_last)
