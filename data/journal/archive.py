"""Closed hours of positions in Parquet: one self-contained file a UTC hour, vouched for by the journal's chain."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import TongzhouError, worded
from data.journal.fixes import Fix, FixTable, fix_table, in_standard_order, joined, micros_of
from data.situation import WorldMode

FORMAT = 1
ROW_GROUP = 100_000
_LABEL = b"tongzhou.positions"
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


class ArchiveFaultError(TongzhouError):
    """A file of the archive is missing, damaged, of another journal or of a newer program."""


class ArchivedHour(msgspec.Struct, frozen=True, kw_only=True):
    """One hour put away: ``rows`` counts its own fixes, without those carried over from the hours before."""

    hour: datetime
    rows: int
    sha256: str
    file: Path


class _Label(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself in its metadata."""

    format: int
    mode: WorldMode
    journal: str
    hour: datetime


class HourArchive:
    """The files of one journal, in a folder of its own below ``folder``.

    ``journal_hash`` is the hash of the journal's first event. ``recorded`` gives the SHA-256 that the chain holds
    of each archived hour: only a file with that hash is ever read.
    """

    def __init__(
        self, folder: Path, *, mode: WorldMode, journal_hash: str, recorded: Callable[[], Mapping[datetime, str]]
    ) -> None:
        self.folder = folder / journal_hash[:16]
        self._mode, self._journal_hash, self._recorded = mode, journal_hash, recorded
        self._sound: dict[Path, tuple[int, int]] = {}
        self._unsound: dict[Path, tuple[tuple[int, int], ArchiveFaultError]] = {}

    def hours(self) -> tuple[datetime, ...]:
        """Return the hours the chain says are archived, oldest first."""
        return tuple(sorted(dict(self._recorded())))

    def write_hour(self, slices: Iterable[FixTable], hour: datetime, carried: Mapping[str, Fix]) -> ArchivedHour:
        """Write an hour's fixes after the last fix before it of each unit; the same slices give the same bytes.

        ``slices`` are parts of the hour in order of time, of which one at a time is held. The file is on the disk when
        this returns; it counts once its hash is in the chain. Raises ArchiveFaultError when the folder cannot be
        written.
        """
        label = _Label(format=FORMAT, mode=self._mode, journal=self._journal_hash, hour=hour)
        schema = _SCHEMA.with_metadata({_LABEL: msgspec.json.encode(label)})
        temporary, rows = self.folder / f".{hour:%Y%m%dT%HZ}.part", 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
                if carried:
                    before = in_standard_order(fix_table(carried.values()))
                    writer.write_table(_arrow(before, True, schema), row_group_size=ROW_GROUP)
                for part in map(in_standard_order, slices):
                    if len(part):
                        writer.write_table(_arrow(part, False, schema), row_group_size=ROW_GROUP)
                    rows += len(part)
            _sync(temporary)
            sha256 = _sha256(temporary)
            file = self._file(hour, sha256)
            temporary.rename(file)
            _sync(self.folder)
        except OSError as error:
            raise worded(
                ArchiveFaultError(
                    f"The positions of {hour:%Y-%m-%d %H:00}Z cannot be written to {self.folder}: {error.strerror}. "
                    "They stay in the store. Check the folder and the space on its disk."
                ),
                zh=f"{hour:%Y-%m-%d %H:00}Z 的定位无法写入 {self.folder}（{error.strerror}），仍保留在存储中。"
                "请检查文件夹和磁盘空间。",
            ) from error
        return ArchivedHour(hour=hour, rows=rows, sha256=sha256, file=file)

    def read_hour(self, hour: datetime) -> FixTable:
        """Return the fixes of an archived hour, ordered by time and unit; raises ArchiveFaultError."""
        return self.fixes_between(hour, hour + timedelta(hours=1))

    def carried(self, hour: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit before an archived hour; raises ArchiveFaultError."""
        return self._read(hour, None, hour).latest()

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a moment, from the last hour archived by then.

        Empty where none is; raises ArchiveFaultError.
        """
        hours = [hour for hour in self.hours() if hour <= moment]
        return self._read(hours[-1], None, moment + timedelta(microseconds=1)).latest() if hours else {}

    def fixes_between(self, start: datetime, end: datetime) -> FixTable:
        """Return the archived fixes with ``start <= world_at < end``, ordered by time; raises ArchiveFaultError."""
        chosen = [hour for hour in self.hours() if hour < end and start < hour + timedelta(hours=1)]
        return joined([self._read(hour, max(start, hour), end) for hour in chosen])

    def check(self, hour: datetime) -> None:
        """Read the file of an hour through and compare it with the chain; raises ArchiveFaultError."""
        file = self._file(hour, self._recorded()[hour])
        self._sound.pop(file, None)
        self._unsound.pop(file, None)
        self._checked(hour)

    def is_sound(self, hour: datetime) -> bool:
        """Tell whether the file of an archived hour is there and as the chain says; quick while it is not touched."""
        try:
            self._checked(hour)
        except ArchiveFaultError:
            return False
        return True

    def forget_before(self, moment: datetime) -> int:
        """Delete the files, superseded ones too, of hours that ended by a moment, and return how many."""
        gone = [file for hour, file in self._files() if hour + timedelta(hours=1) <= moment]
        for file in gone:
            file.unlink()
        return len(gone)

    def _file(self, hour: datetime, sha256: str) -> Path:
        return self.folder / f"{hour:%Y%m%dT%HZ}-{sha256[:16]}.parquet"

    def _files(self) -> Iterator[tuple[datetime, Path]]:
        for file in sorted(self.folder.glob("*Z-*.parquet")):
            yield datetime.strptime(file.name.split("Z-")[0], "%Y%m%dT%H").replace(tzinfo=UTC), file

    def _checked(self, hour: datetime) -> Path:
        """Return the file the chain names; it is hashed again only where it was touched since."""
        file = self._file(hour, self._recorded()[hour])
        try:
            found = file.stat()
        except FileNotFoundError as error:
            raise _fault(file, "is missing. Restore it from a copy", "不存在，请从副本恢复", hour) from error
        except OSError as error:
            raise _fault(file, "cannot be read. Restore it from a copy", "无法读取，请从副本恢复", hour) from error
        state = (found.st_size, found.st_mtime_ns)
        if self._sound.get(file) == state:
            return file
        known_state, fault = self._unsound.get(file, (None, None))
        if fault is not None and known_state == state:
            raise fault.with_traceback(None)
        try:
            self._compare(file, hour)
        except ArchiveFaultError as error:
            self._unsound[file] = state, error
            raise
        self._sound[file] = state
        return file

    def _compare(self, file: Path, hour: datetime) -> None:
        """Compare what a file says of itself, and its hash, with what the chain says; raises ArchiveFaultError."""
        try:
            label = _label(file)
            sha256 = _sha256(file)
        except (OSError, pa.ArrowException, msgspec.MsgspecError, KeyError) as error:
            raise _fault(file, "cannot be read. Restore it from a copy", "无法读取，请从副本恢复", hour) from error
        if label.format > FORMAT:
            raise _fault(file, "is of a newer program. Use that one", "由更新的程序写成，请使用该程序", hour)
        if (label.mode, label.journal, label.hour) != (self._mode, self._journal_hash, hour):
            raise _fault(
                file,
                f"is of another journal or hour ({label.mode}, {label.hour:%Y-%m-%d %H:00}Z). Bring the right one",
                f"属于另一份日志或另一小时（{label.mode}，{label.hour:%Y-%m-%d %H:00}Z），请放回正确的文件",
                hour,
            )
        if sha256 != self._recorded()[hour]:
            raise _fault(file, "was changed or damaged. Restore it from a copy", "被改动或已损坏，请从副本恢复", hour)

    def _read(self, hour: datetime, start: datetime | None, end: datetime) -> FixTable:
        """Return the rows before ``end``: from ``start`` on, or with those carried where it is None."""
        file = self._checked(hour)
        low_us = None if start is None else micros_of(start)
        with pq.ParquetFile(file, read_dictionary=["unit"]) as source:
            groups = [
                number
                for number in range(source.metadata.num_row_groups)
                if _reaches(source.metadata.row_group(number), low_us, micros_of(end))
            ]
            table = _fixes(source.read_row_groups(groups))
        low = 0 if low_us is None else int(np.searchsorted(table.world_us, low_us))
        return table.rows(slice(low, int(np.searchsorted(table.world_us, micros_of(end)))))


def _reaches(group: Any, low_us: int | None, end_us: int) -> bool:
    times = group.column(_SCHEMA.get_field_index("world_at")).statistics
    return micros_of(times.min) < end_us and (low_us is None or micros_of(times.max) >= low_us)


def _label(file: Path) -> _Label:
    return msgspec.json.decode(pq.read_schema(file).metadata[_LABEL], type=_Label)


def _arrow(table: FixTable, is_carried: bool, schema: Any) -> Any:
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(table.unit), pa.array(table.unit_ids, pa.string())),
        pa.array(table.world_us).cast(schema.field("world_at").type),
        pa.array(table.lon_deg),
        pa.array(table.lat_deg),
        pa.array(table.heading_deg, mask=np.isnan(table.heading_deg)),
        pa.array(table.speed_mps),
        pa.array(np.full(len(table), is_carried)),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _fixes(table: Any) -> FixTable:
    if not len(table):
        return fix_table(())
    table = table.unify_dictionaries().combine_chunks()
    unit = table["unit"].chunk(0)
    return FixTable(
        unit_ids=tuple(unit.dictionary.to_pylist()),
        unit=unit.indices.to_numpy(),
        world_us=table["world_at"].cast(pa.int64()).to_numpy(),
        lon_deg=table["lon_deg"].to_numpy(),
        lat_deg=table["lat_deg"].to_numpy(),
        heading_deg=table["heading_deg"].to_numpy(),
        speed_mps=table["speed_mps"].to_numpy(),
    )


def _fault(file: Path, why: str, why_zh: str, hour: datetime) -> ArchiveFaultError:
    return worded(
        ArchiveFaultError(f"The archived positions of {hour:%Y-%m-%d %H:00}Z: {file} {why}."),
        zh=f"{hour:%Y-%m-%d %H:00}Z 的定位归档：{file} {why_zh}。",
    )


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows opens no folder
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
