"""A table of fixes as one Parquet file in memory: what a backup keeps the positions of an hour in."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.journal.fixes import FixTable, fix_table

_COLUMNS = ("unit", "world_us", "lon_deg", "lat_deg", "heading_deg", "speed_mps")


def fixes_to_bytes(table: FixTable) -> bytes:
    """Return a table as Parquet: unit by name, time in microseconds since 1970, heading missing where unknown."""
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(table.unit), pa.array(table.unit_ids, pa.string())),
        pa.array(table.world_us),
        pa.array(table.lon_deg),
        pa.array(table.lat_deg),
        pa.array(table.heading_deg, mask=np.isnan(table.heading_deg)),
        pa.array(table.speed_mps),
    ]
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=list(_COLUMNS)), target, compression="zstd")
    return target.getvalue()


def fixes_from_bytes(content: bytes) -> FixTable:
    """Return the table written by ``fixes_to_bytes``; raises pyarrow.ArrowException or KeyError for anything else."""
    return fixes_of_arrow(pq.read_table(io.BytesIO(content), read_dictionary=["unit"]), "world_us")


def fixes_of_arrow(table: Any, time_column: str) -> FixTable:
    """Return the fixes of a table of Arrow with its unit ids in a dictionary; time in microseconds since 1970, UTC."""
    if not len(table):
        return fix_table(())
    table = table.unify_dictionaries().combine_chunks()
    unit = table["unit"].chunk(0)
    return FixTable(
        unit_ids=tuple(unit.dictionary.to_pylist()),
        unit=unit.indices.to_numpy().astype(np.int32),
        world_us=table[time_column].cast(pa.int64()).to_numpy(),
        lon_deg=table["lon_deg"].to_numpy(),
        lat_deg=table["lat_deg"].to_numpy(),
        heading_deg=table["heading_deg"].to_numpy(),
        speed_mps=table["speed_mps"].to_numpy(),
    )
