"""Columns of numbers as PostgreSQL's binary arrays, packed and unpacked by numpy without a loop over rows."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import pq
from psycopg.adapt import AdaptersMap, Dumper

# PostgreSQL counts microseconds from 2000-01-01 UTC.
EPOCH_US = 946_684_800_000_000
_FLOAT8, _INT4, _TIMESTAMPTZ = 701, 23, 1184
_NONE = -1  # the length PostgreSQL gives a NULL


class Column:
    """One column to send: its element type by OID, and the bytes of the array."""

    def __init__(self, element_oid: int, packed: bytes) -> None:
        self.element_oid, self.packed = element_oid, packed


class _Float8s(Column):
    pass


class _Int4s(Column):
    pass


class _Moments(Column):
    pass


def float8s(values: npt.NDArray[np.float64]) -> Column:
    """Return a column of double precision; NaN becomes NULL."""
    cells = np.empty(len(values), dtype=[("length", ">i4"), ("value", ">f8")])
    cells["length"], cells["value"] = 8, values
    packed, missing = cells.tobytes(), np.flatnonzero(np.isnan(values))
    if len(missing):  # a NULL has a length and no value, so its cell is shorter
        starts = np.concatenate(([0], missing * cells.itemsize + 4 + 8)).tolist()
        ends = [*(missing * cells.itemsize).tolist(), len(packed)]
        null = struct.pack(">i", _NONE)
        packed = null.join(packed[start:end] for start, end in zip(starts, ends, strict=True))
    return _Float8s(_FLOAT8, _array(_FLOAT8, len(values), packed, holds_null=bool(len(missing))))


def int4s(values: npt.NDArray[np.int32]) -> Column:
    """Return a column of integers."""
    cells = np.empty(len(values), dtype=[("length", ">i4"), ("value", ">i4")])
    cells["length"], cells["value"] = 4, values
    return _Int4s(_INT4, _array(_INT4, len(values), cells.tobytes()))


def moments(world_us: npt.NDArray[np.int64]) -> Column:
    """Return a column of times given as microseconds since 1970."""
    cells = np.empty(len(world_us), dtype=[("length", ">i4"), ("value", ">i8")])
    cells["length"], cells["value"] = 8, world_us - EPOCH_US
    return _Moments(_TIMESTAMPTZ, _array(_TIMESTAMPTZ, len(world_us), cells.tobytes()))


def enter_columns(adapters: AdaptersMap) -> None:
    """Let a connection send columns."""
    for kind, oid in ((_Float8s, 1022), (_Int4s, 1007), (_Moments, 1185)):
        adapters.register_dumper(kind, _dumper(oid))


def _dumper(array_oid: int) -> type[Dumper]:
    class ColumnDumper(Dumper):
        format = pq.Format.BINARY
        oid = array_oid

        def dump(self, obj: Any) -> bytes:
            return bytes(obj.packed)

    return ColumnDumper


def _array(oid: int, count: int, cells: bytes, *, holds_null: bool = False) -> bytes:
    if not count:
        return struct.pack(">iiI", 0, 0, oid)
    return struct.pack(">iiIii", 1, int(holds_null), oid, count, 1) + cells
