"""Positions: one fix, and a table of many as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import numpy.typing as npt

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

    ``unit`` indexes ``unit_ids``. ``lon_deg`` and ``lat_deg`` are WGS 84; ``heading_deg`` is NaN where unknown.
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

    def fixes(self) -> Iterator[Fix]:
        """Yield each row as a fix."""
        for row in range(len(self)):
            heading = float(self.heading_deg[row])
            yield Fix(
                self.unit_ids[self.unit[row]],
                moment_of(int(self.world_us[row])),
                float(self.lon_deg[row]),
                float(self.lat_deg[row]),
                None if np.isnan(heading) else heading,
                float(self.speed_mps[row]),
            )


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
