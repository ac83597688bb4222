"""Where journals are kept: a folder of one console, or a PostGIS database that several share."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Protocol

from data.errors import worded
from data.journal.interface import Journal, StoreReadOnlyError
from data.journal.shared import Shared
from data.situation import WorldMode


class Store(Protocol):
    """One store of one mode: the journal in use, those put aside, and what consoles share.

    ``shown`` is its address fit to be shown: without a password.
    """

    shown: str

    @property
    def shared(self) -> Shared:
        """What consoles on this store share beside the journal."""

    def open_journal(self) -> Journal:
        """Return the journal in use, an empty one where there is none.

        Raises JournalStoreError naming the fault and the remedy: another console holds it, it is of a newer
        program, a restore was not finished, the address is wrong.
        """

    def begin_another(self, journal: Journal, name: str, at: datetime) -> Journal:
        """Put a journal aside under a name and the moment ``at``, keeping everything, and return a new empty one."""

    def is_current(self, journal: Journal) -> bool:
        """Tell whether a journal is still the one in use; raises StoreUnreachableError."""

    def close(self) -> None:
        """Release what the store holds beside the journals it opened."""


def half_restored(shown: str) -> StoreReadOnlyError:
    """Return the wording of a store that is not opened since a restore into it was not finished."""
    return worded(
        StoreReadOnlyError(
            f"A restore into {shown} was begun and not finished; what it holds is not whole. Run it again, once no "
            "other runs: tongzhou store restore BACKUP ADDRESS --replace-unfinished"
        ),
        zh=f"向 {shown} 的恢复未完成，其中内容不完整。确认没有别的恢复在运行后重新执行："
        "tongzhou store restore 备份 地址 --replace-unfinished",
    )


def is_database(address: str | Path) -> bool:
    """Tell whether an address names a database rather than a folder."""
    return bool(re.match(r"postgres(ql)?://", str(address)))


def open_store(address: str | Path, mode: WorldMode) -> Store:
    """Return the store at an address: ``postgresql://...`` or a folder, made if it is not there.

    A database keeps each mode in a schema of its own (``tongzhou_live``, ``tongzhou_drill``), so that a drill
    cannot reach live data. Nothing is read yet; the first ``open_journal`` is.
    """
    if is_database(address):
        from data.journal.postgis.store import PostgisStore

        return PostgisStore(str(address), mode)
    from data.journal.folder_store import FolderStore

    return FolderStore(Path(address))
