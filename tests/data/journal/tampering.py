"""Change a journal's file behind its back, as somebody with the rights to the disk could."""

from __future__ import annotations

from pathlib import Path

import apsw
import msgspec

from data.journal.chain import GENESIS_HASH, row_hash
from data.journal.folder_store import JOURNAL_NAME
from data.journal.sqlite_rows import row_from

TRIGGERS = "DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete;"


def tamper(folder: Path, statements: str) -> None:
    """Run statements on the closed file with its triggers taken away and put back."""
    database = apsw.Connection(str(folder / JOURNAL_NAME))
    kept = [row[0] for row in database.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")]
    database.execute(TRIGGERS + statements)
    for trigger in kept:
        database.execute(trigger)
    database.close()


def rehash(folder: Path) -> None:
    """Seal every event afresh, as somebody would who knows how the chain is made."""
    database = apsw.Connection(str(folder / JOURNAL_NAME))
    rows = database.execute("SELECT * FROM event ORDER BY seq").fetchall()
    database.close()
    before, statements = GENESIS_HASH, []
    for found in rows:
        row = msgspec.structs.replace(row_from(found), prev_hash=before, hash="")
        own = row_hash(row)
        statements.append(f"UPDATE event SET prev_hash = '{before}', hash = '{own}' WHERE seq = {row.seq}")
        before = own
    tamper(folder, "; ".join(statements))
