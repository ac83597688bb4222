"""Backups: every journal of a store in one portable file, the same for every back end.

A backup is a zip of ``manifest.json`` and, for each journal, the stored rows exactly as they were hashed, the
positions the store still holds by UTC hour, and the archived hours that lie beside it as the chain names them.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from data.errors import TongzhouError, worded
from data.journal.chain import Mark, Row, recorded_from, verified
from data.journal.events import PositionsArchived
from data.journal.fix_files import fixes_to_bytes
from data.journal.interface import Head, Journal, JournalStoreError
from data.journal.inventory import Stored, each_journal
from data.journal.store import Store
from data.situation import WorldMode
from data.text import Text

FORMAT = 1
SUFFIX = ".tzbackup"
MANIFEST = "manifest.json"
_HOUR = timedelta(hours=1)
_CHUNK_BYTES = 1 << 20
_LISTED = 5


class BackupFaultError(TongzhouError):
    """A backup file is damaged, no backup, or of a newer program; or one cannot be written."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One file inside a backup."""

    name: str
    size: int
    sha256: str


class BackedUpJournal(msgspec.Struct, frozen=True, kw_only=True):
    """One journal in a backup; ``name`` and ``at`` are those it was put aside under, None for the one in use.

    ``journal`` is the hash of its first event, ``seq`` and ``hash`` are its head. ``archive`` names the files of
    archived hours that were at hand; ``lacking`` are the hours the chain names whose file was not, or was changed.
    """

    folder: str
    name: str | None
    at: datetime | None
    journal: str
    seq: int
    hash: str
    fixes: int
    hours: tuple[datetime, ...]
    archive: tuple[str, ...] = ()
    lacking: tuple[datetime, ...] = ()


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself; the last of ``journals`` is the one in use."""

    format: int
    program: str
    mode: WorldMode
    made_at: datetime
    journals: tuple[BackedUpJournal, ...]
    members: tuple[Member, ...]


def hour_member(folder: str, hour: datetime) -> str:
    """Return the name of the file with the positions of an hour."""
    return f"{folder}/positions/{hour:%Y%m%dT%HZ}.parquet"


def archive_name(hour: datetime, sha256: str) -> str:
    """Return the name of the file of an archived hour, as ``data.journal.archive`` gives it."""
    return f"{hour:%Y%m%dT%HZ}-{sha256[:16]}.parquet"


def write_backup(
    store: Store, journal: Journal, target: Path, *, program: str, at: datetime, positions: Path | None = None
) -> Manifest:
    """Write a backup of a store while it is in use, and return its manifest once it is whole on the disk.

    ``journal`` is the one in use; ``positions`` the folder of archived hours. What is written after this begins is
    left out. Raises BackupFaultError when the file is there or cannot be written, BrokenChainError when an event
    was changed: a backup of that would hide it; JournalStoreError for a store with nothing in it.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists():
            raise FileExistsError(17, "it is there already", str(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                os.chmod(temporary, 0o600)
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                    manifest = _Writing(archive, positions).whole(store, journal, program, at)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, target)
            sync_folder(target.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise worded(
            BackupFaultError(
                f"The backup {target} cannot be written: {error.strerror}. Nothing is left of it. Name another file, "
                "or free some space."
            ),
            zh=f"备份 {target} 无法写入（{error.strerror}），未留下任何内容。请换一个文件名，或腾出空间。",
        ) from error
    return manifest


def lacking_words(manifest: Manifest) -> Text | None:
    """Say which archived hours a backup lacks; None where it holds every one its journals name."""
    hours = sorted(hour for one in manifest.journals for hour in one.lacking)
    if not hours:
        return None
    named, more = [f"{hour:%Y-%m-%d %H:00}Z" for hour in hours[:_LISTED]], len(hours) - _LISTED
    zh, en = "、".join(named), ", ".join(named)
    if more > 0:
        zh, en = f"{zh} 等，另有 {more} 个", f"{en} and {more} more"
    return Text(
        f"备份中缺少 {len(hours)} 个小时的定位归档：{zh}。文件缺失、被改动或不在本机。"
        "请放回文件，或在有该文件的机器上备份。",
        f"The backup lacks {len(hours)} archived hours of positions: {en}. Their files are missing, changed or not on "
        "this machine. Bring them back, or back up at the machine that has them.",
    )


def sync_folder(folder: Path) -> None:
    """Let a rename in a folder be on the disk."""
    if os.name == "nt":  # Windows opens no folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Writing:
    """A backup being written."""

    def __init__(self, archive: zipfile.ZipFile, positions: Path | None) -> None:
        self._archive, self._positions = archive, positions
        self._members: list[Member] = []

    def whole(self, store: Store, journal: Journal, program: str, at: datetime) -> Manifest:
        mode = journal.mode
        if mode is None:
            raise worded(
                JournalStoreError(f"The store {store.shown} is empty: there is nothing to back up."),
                zh=f"存储 {store.shown} 是空的，没有可备份的内容。",
            )
        found = [self._journal(one, f"journals/{number}") for number, one in enumerate(each_journal(store, journal))]
        manifest = Manifest(
            format=FORMAT,
            program=program,
            mode=mode,
            made_at=at,
            journals=tuple(one for one in found if one is not None),
            members=tuple(self._members),
        )
        self._archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        return manifest

    def _journal(self, stored: Stored, folder: str) -> BackedUpJournal | None:
        journal = stored.journal
        until = journal.last_world_at()
        if until is None:
            return None
        # Positions before events: an hour that is archived and dropped meanwhile is then named by an event read later.
        fixes, hours = 0, []
        for hour in journal.fix_hours():
            table = journal.fixes_between(hour, min(hour + _HOUR, until + timedelta(microseconds=1)))
            if len(table):
                self._member(hour_member(folder, hour), iter((fixes_to_bytes(table),)))
                fixes += len(table)
                hours.append(hour)
        head = journal.head()
        archived: dict[datetime, str] = {}
        first = self._events(journal, head, f"{folder}/events.jsonl", archived)
        names, lacking = self._archived(first, archived, folder)
        return BackedUpJournal(
            folder=folder,
            name=stored.name,
            at=stored.at,
            journal=first,
            seq=head.seq,
            hash=head.hash,
            fixes=fixes,
            hours=tuple(hours),
            archive=tuple(names),
            lacking=tuple(lacking),
        )

    def _events(self, journal: Journal, head: Head, name: str, archived: dict[datetime, str]) -> str:
        first = ""

        def lines() -> Iterator[bytes]:
            nonlocal first
            for row in verified(_up_to(journal, head.seq), mark):
                first = first or row.hash
                if '"PositionsArchived"' in row.body:
                    event = recorded_from(row).event
                    if isinstance(event, PositionsArchived):
                        archived[event.hour] = event.sha256
                yield msgspec.json.encode(row) + b"\n"

        mark = Mark()
        self._member(name, lines())
        return first

    def _archived(self, journal: str, archived: dict[datetime, str], folder: str) -> tuple[list[str], list[datetime]]:
        """Copy the archived hours that lie beside the store as the chain names them; return them and those lacking."""
        names, lacking = list[str](), list[datetime]()
        for hour, sha256 in sorted(archived.items()):
            name = archive_name(hour, sha256)
            if self._positions is None or not _is_whole(self._positions / journal[:16] / name, sha256):
                lacking.append(hour)
                continue
            self._member(f"{folder}/archive/{name}", _chunks(self._positions / journal[:16] / name))
            names.append(name)
        return names, lacking

    def _member(self, name: str, chunks: Iterator[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as target:
            for chunk in chunks:
                target.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self._members.append(Member(name=name, size=size, sha256=digest.hexdigest()))


def _up_to(journal: Journal, seq: int) -> Iterator[Row]:
    for row in journal.rows():
        if row.seq > seq:
            return
        yield row


def _is_whole(file: Path, sha256: str) -> bool:
    """Tell whether a file can be read and has the hash the chain names."""
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk
