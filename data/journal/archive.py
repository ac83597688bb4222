"""Closed hours of positions in Parquet: one self-contained file a UTC hour, vouched for by the journal's chain."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa

from data.errors import TongzhouError, worded
from data.journal.fixes import Fix, FixTable, fix_table, joined, micros_of
from data.journal.hour_file import FORMAT, metadata_of, read_between, read_carried, read_last, write_hour_file
from data.situation import WorldMode

_LABEL = b"tongzhou.positions"


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
        """Write an hour's fixes after the last fix before it of each unit; the same fixes give the same bytes.

        ``slices`` are parts of the hour in order of time, no moment in two of them, of which one at a time is held. The
        file is on the disk when this returns; it counts once its hash is in the chain. Raises ArchiveFaultError when
        the folder cannot be written.
        """
        label = _Label(format=FORMAT, mode=self._mode, journal=self._journal_hash, hour=hour)
        temporary = self.folder / f".{hour:%Y%m%dT%HZ}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            metadata = {_LABEL: msgspec.json.encode(label)}
            rows = write_hour_file(temporary, slices, fix_table(carried.values()), metadata)
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
        return read_carried(self._checked(hour)).latest()

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a moment, from the last hour archived by then.

        Empty where none is; raises ArchiveFaultError.
        """
        hours = [hour for hour in self.hours() if hour <= moment]
        return read_last(self._checked(hours[-1]), micros_of(moment) + 1).latest() if hours else {}

    def fixes_between(self, start: datetime, end: datetime) -> FixTable:
        """Return the archived fixes with ``start <= world_at < end``, ordered by time; raises ArchiveFaultError."""
        chosen = [hour for hour in self.hours() if hour < end and start < hour + timedelta(hours=1)]
        low_us, end_us = micros_of(start), micros_of(end)
        return joined([read_between(self._checked(hour), low_us, end_us) for hour in chosen])

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


def _label(file: Path) -> _Label:
    return msgspec.json.decode(metadata_of(file)[_LABEL], type=_Label)


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
