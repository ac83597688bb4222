"""How the positions of an hour lie in one Parquet file: the layout the archive's format 2 stands for.

- Columns as in ``_SCHEMA``, times in UTC. Rows are ordered by time, those of a moment by the unit's name.
- The file is a sequence of sections of ``SECTION_GROUPS`` row groups of ``ROW_GROUP`` rows, the last one shorter.
  Each section but an hour's very first begins, in row groups of its own, with the last row of each unit before it,
  marked ``carried``; those before the first section are from the hours before, and there are none where nothing
  was known. What a unit did in the hour is in the rows that are not carried, each once.
- Compressed with zstd at level 1. Units, headings and speeds are dictionary-encoded, each row group with a
  dictionary of its own that names the units in it in alphabetical order; times are DELTA_BINARY_PACKED; longitudes
  and latitudes BYTE_STREAM_SPLIT; flags plain. Every column chunk has its least and greatest value.

All this depends on the rows alone, not on the parts they came in, so the same fixes give the same bytes by the same
version of the Parquet library. Format 1 is the same with one section, row groups of any length and other encodings;
it is read in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.journal.fix_files import fixes_of_arrow
from data.journal.fixes import FixTable, in_standard_order, joined, micros_of

FORMAT = 2
ROW_GROUP = 100_000
# A picture at a time reads at most one section: a million rows are read in some 50 ms.
SECTION_GROUPS = 10
_SCHEMA = pa.schema(
    [
        pa.field("unit", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("world_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("lon_deg", pa.float64(), nullable=False),
        pa.field("lat_deg", pa.float64(), nullable=False),
        pa.field("heading_deg", pa.float32()),
        pa.field("speed_mps", pa.float32(), nullable=False),
        pa.field("carried", pa.bool_(), nullable=False),
    ]
)
_ENCODED: dict[str, Any] = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": ["unit", "heading_deg", "speed_mps"],
    "column_encoding": {
        "world_at": "DELTA_BINARY_PACKED",
        "lon_deg": "BYTE_STREAM_SPLIT",
        "lat_deg": "BYTE_STREAM_SPLIT",
        "carried": "PLAIN",
    },
    "write_statistics": True,
}


def write_hour_file(file: Path, slices: Iterable[FixTable], carried: FixTable, metadata: dict[bytes, bytes]) -> int:
    """Write the fixes of an hour after those carried over into it, and return how many are its own.

    ``slices`` are parts of the hour in order of time, no moment in two of them; one at a time is held. Raises OSError.
    """
    schema = _SCHEMA.with_metadata(metadata)
    last, rows = carried, 0
    with pq.ParquetWriter(file, schema, **_ENCODED) as writer:
        for number, group in enumerate(_regrouped(slices)):
            if number % SECTION_GROUPS == 0:
                _write(writer, in_standard_order(last), is_carried=True)
            _write(writer, group, is_carried=False)
            last = joined((last, group)).last_of_each()
            rows += len(group)
        if not rows:
            _write(writer, in_standard_order(last), is_carried=True)
    return rows


def read_between(file: Path, low_us: int, end_us: int) -> FixTable:
    """Return the hour's own rows with ``low_us <= world_us < end_us``."""
    with _opened(file) as source:
        own = (number for number in _groups(source) if not _is_carried(source, number))
        table = _read(source, [number for number in own if _reaches(source, number, low_us, end_us)])
    low, end = np.searchsorted(table.world_us, [low_us, end_us])
    return table.rows(slice(int(low), int(end)))


def read_carried(file: Path) -> FixTable:
    """Return the last row of each unit from the hours before."""
    with _opened(file) as source:
        return _read(source, list(takewhile(lambda number: _is_carried(source, number), _groups(source))))


def read_last(file: Path, end_us: int) -> FixTable:
    """Return the last row before ``end_us`` of each unit, those carried over among them.

    Read from the beginning of the one section that says them all: the last that has a row of its own before then.
    """
    with _opened(file) as source:
        chosen: list[int] = []
        begun: list[int] = []
        for number in _groups(source):
            if _is_carried(source, number):
                begun.append(number)
            elif _reaches(source, number, None, end_us):
                chosen, begun = (begun, []) if begun else (chosen, begun)
                chosen.append(number)
            else:
                break
        table = _read(source, chosen or begun)
    return table.rows(slice(int(np.searchsorted(table.world_us, end_us)))).last_of_each()


def metadata_of(file: Path) -> dict[bytes, bytes]:
    """Return what a file says of itself; raises OSError or pyarrow.ArrowException when it cannot be read."""
    return pq.read_schema(file).metadata or {}


def _regrouped(slices: Iterable[FixTable]) -> Iterator[FixTable]:
    """Yield the rows of all slices in groups of ``ROW_GROUP``, the last one shorter."""
    waiting: list[FixTable] = []
    missing = ROW_GROUP
    for part in map(in_standard_order, slices):
        start = 0
        while len(part) - start >= missing:
            yield in_standard_order(joined([*waiting, part.rows(slice(start, start + missing))]))
            start += missing
            waiting, missing = [], ROW_GROUP
        if start < len(part):
            waiting.append(part.rows(slice(start, None)))
            missing -= len(part) - start
    if waiting:
        yield in_standard_order(joined(waiting))


def _write(writer: Any, table: FixTable, *, is_carried: bool) -> None:
    if not len(table):
        return
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(table.unit), pa.array(table.unit_ids, pa.string())),
        pa.array(table.world_us).cast(writer.schema.field("world_at").type),
        pa.array(table.lon_deg),
        pa.array(table.lat_deg),
        pa.array(table.heading_deg, mask=np.isnan(table.heading_deg)),
        pa.array(table.speed_mps),
        pa.array(np.full(len(table), is_carried)),
    ]
    writer.write_table(pa.Table.from_arrays(columns, schema=writer.schema), row_group_size=ROW_GROUP)


def _opened(file: Path) -> Any:
    return pq.ParquetFile(file, read_dictionary=["unit"])


def _groups(source: Any) -> range:
    return range(source.metadata.num_row_groups)


def _extent(source: Any, number: int, column: str) -> Any:
    return source.metadata.row_group(number).column(_SCHEMA.get_field_index(column)).statistics


def _is_carried(source: Any, number: int) -> bool:
    return bool(_extent(source, number, "carried").max)


def _reaches(source: Any, number: int, low_us: int | None, end_us: int) -> bool:
    times = _extent(source, number, "world_at")
    return micros_of(times.min) < end_us and (low_us is None or micros_of(times.max) >= low_us)


def _read(source: Any, groups: list[int]) -> FixTable:
    return fixes_of_arrow(source.read_row_groups(groups), "world_at")
