"""A store whose journal holds an event of a program that is newer than this one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from data.journal.chain import Row, row_hash
from data.journal.inventory import opened
from data.journal.restore import importer_for
from data.journal.store import open_store
from data.situation import WorldMode

KIND, BODY = "SonarContact", '{"kind":"SonarContact","depth_m":12,"name":"回声"}'


def followed_by_newer(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return rows with one more event, soundly chained, of a kind this program does not know."""
    last = rows[-1]
    newer = msgspec.structs.replace(
        last,
        seq=last.seq + 1,
        stream="sonar",
        version=1,
        world_at=last.world_at + timedelta(seconds=1),
        actor="newer",
        command_id="newer",
        body=BODY,
        prev_hash=last.hash,
    )
    return (*rows, msgspec.structs.replace(newer, hash=row_hash(newer)))


def put(rows: tuple[Row, ...], address: str | Path, mode: WorldMode = "drill") -> None:
    """Write rows as they are into an empty store of either kind."""
    store = open_store(address, mode)
    importer = importer_for(store)
    importer.begin(False)
    importer.begin_journal()
    importer.import_rows(rows)
    importer.end_journal(None)
    importer.finish()
    importer.close()
    store.close()


def rows_in(address: str | Path, mode: WorldMode = "drill") -> tuple[Row, ...]:
    """The stored rows of the journal in use."""
    with opened(open_store(address, mode)) as journal:
        return tuple(journal.rows())
