"""Read a backup file, trusting nothing in it before its hashes and its chain were checked."""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec
import pyarrow as pa

from data.errors import worded
from data.journal.backup import (
    FORMAT,
    MANIFEST,
    BackedUpJournal,
    BackupFaultError,
    Manifest,
    archive_name,
    hour_member,
)
from data.journal.chain import Row, chain_report, recorded_from
from data.journal.events import PositionsArchived
from data.journal.fix_files import fixes_from_bytes
from data.journal.fixes import FixTable
from data.journal.interface import BrokenChainError

_CHUNK_BYTES = 1 << 20
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_row_decoder = msgspec.json.Decoder(Row)


class _Format(msgspec.Struct, frozen=True):
    """As much of a manifest as every program can read."""

    format: int


class BackupFile:
    """An open backup; every read raises BackupFaultError where the file is damaged."""

    def __init__(self, path: Path) -> None:
        """Open a backup and read its manifest; raises BackupFaultError, FileNotFoundError."""
        self.path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._damaged(f"it cannot be read ({error.strerror})", f"无法读取（{error.strerror}）") from error
        except _UNREADABLE as error:
            raise self._damaged("it is no backup, or was cut short", "它不是备份，或不完整") from error
        try:
            self.manifest = self._manifest()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> BackupFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._archive.close()

    def check(self) -> None:
        """Check every member's hash, every journal's chain against its head, and the archived hours against the chain.

        Raises BackupFaultError.
        """
        for member in self.manifest.members:
            digest, size = hashlib.sha256(), 0
            for chunk in self.chunks(member.name):
                digest.update(chunk)
                size += len(chunk)
            if (size, digest.hexdigest()) != (member.size, member.sha256):
                raise self._damaged(f"'{member.name}' in it was changed", f"其中的“{member.name}”被改动")
        for one in self.manifest.journals:
            self._check_chain(one)

    def rows(self, journal: BackedUpJournal) -> Iterator[Row]:
        """Yield the stored rows of a journal, in order."""
        name = f"{journal.folder}/events.jsonl"
        try:
            with self._archive.open(name) as source:
                for line in source:
                    yield _row_decoder.decode(line)
        except (*_UNREADABLE, msgspec.DecodeError) as error:
            raise self._damaged(f"'{name}' in it cannot be read", f"其中的“{name}”无法读取") from error

    def fixes(self, journal: BackedUpJournal) -> Iterator[FixTable]:
        """Yield the positions of a journal hour by hour."""
        for hour in journal.hours:
            name = hour_member(journal.folder, hour)
            try:
                yield fixes_from_bytes(b"".join(self.chunks(name)))
            except (pa.ArrowException, KeyError) as error:
                raise self._damaged(f"'{name}' in it cannot be read", f"其中的“{name}”无法读取") from error

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of one member."""
        try:
            with self._archive.open(name) as source:
                yield from _read(source)
        except _UNREADABLE as error:
            raise self._damaged(f"'{name}' in it cannot be read", f"其中的“{name}”无法读取") from error

    def _manifest(self) -> Manifest:
        content = b"".join(self.chunks(MANIFEST))
        try:
            found = msgspec.json.decode(content, type=_Format).format
            if found > FORMAT:
                raise worded(
                    BackupFaultError(
                        f"The backup {self.path} has format {found}, this program reads {FORMAT}. Use the newer "
                        "program that wrote it."
                    ),
                    zh=f"备份 {self.path} 的格式为 {found}，本程序只读 {FORMAT}。请用写它的较新程序。",
                )
            manifest = msgspec.json.decode(content, type=Manifest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._damaged("its manifest cannot be read", "其清单无法读取") from error
        named = {member.name for member in manifest.members}
        for one in manifest.journals:
            wanted = [f"{one.folder}/events.jsonl", *(hour_member(one.folder, hour) for hour in one.hours)]
            wanted += [f"{one.folder}/archive/{name}" for name in one.archive]
            if missing := [name for name in wanted if name not in named]:
                raise self._damaged(f"its manifest lacks '{missing[0]}'", f"其清单缺少“{missing[0]}”")
        if not manifest.journals or manifest.journals[-1].name is not None:
            raise self._damaged("it names no journal in use", "其中没有正在使用的日志")
        return manifest

    def _check_chain(self, one: BackedUpJournal) -> None:
        named: dict[str, str] = {}
        report = chain_report(_heeding_archived(self.rows(one), named))
        if report.fault is not None:
            raise worded(
                BackupFaultError(f"The backup {self.path} is not sound: {report.fault}"),
                zh=f"备份 {self.path} 有误：{report.fault.said('zh')}",
            ) from report.fault
        if (report.events, report.head_hash) != (one.seq, one.hash):
            raise self._damaged(
                f"it holds {report.events} events where its manifest says {one.seq}",
                f"其中有 {report.events} 条事件，而清单为 {one.seq} 条",
            )
        hashes = {member.name: member.sha256 for member in self.manifest.members}
        for name in one.archive:
            if named.get(name) != hashes[f"{one.folder}/archive/{name}"]:
                raise self._damaged(
                    f"the archived hour '{name}' in it is not the one its journal names",
                    f"其中的归档“{name}”与其日志所记不符",
                )

    def _damaged(self, why: str, why_zh: str) -> BackupFaultError:
        return worded(
            BackupFaultError(f"The backup {self.path} cannot be used: {why}. Nothing was written. Use another copy."),
            zh=f"备份 {self.path} 无法使用：{why_zh}。未写入任何内容。请用另一份副本。",
        )


def check_head(found: tuple[int, str], journal: BackedUpJournal) -> None:
    """Raise BrokenChainError where a store does not end as the journal it was restored from."""
    if found != (journal.seq, journal.hash):
        raise worded(
            BrokenChainError(
                f"The restored journal ends with event {found[0]} ({found[1][:12]}), the backup with {journal.seq} "
                f"({journal.hash[:12]}). The store stays closed; restore again (--replace-unfinished)."
            ),
            zh=f"恢复后的日志止于第 {found[0]} 条（{found[1][:12]}），备份止于第 {journal.seq} 条"
            f"（{journal.hash[:12]}）。存储保持关闭；请重新恢复（--replace-unfinished）。",
        )


def _heeding_archived(rows: Iterator[Row], named: dict[str, str]) -> Iterator[Row]:
    """Yield rows and note the file and hash of every hour they say was archived."""
    for row in rows:
        if '"PositionsArchived"' in row.body:
            event = recorded_from(row).event
            if isinstance(event, PositionsArchived):
                named[archive_name(event.hour, event.sha256)] = event.sha256
        yield row


def _read(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK_BYTES):
        yield chunk
