"""A store in a PostGIS database: each mode in a schema of its own, shared by several consoles."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

import psycopg

from data.journal.chain import GENESIS_HASH
from data.journal.interface import Journal, StoreUnreachableError
from data.journal.postgis import appending
from data.journal.postgis.attempts import asked
from data.journal.postgis.connections import Connection, Connections
from data.journal.postgis.faults import check_address, fault, outcome_unknown, shown_address
from data.journal.postgis.journal import PostgisJournal, id_of
from data.journal.postgis.migrate import (
    Migrated,
    check_version,
    current_version,
    migrate,
    needs_owner,
    wait_for_migration,
)
from data.journal.postgis.shared import PostgisShared
from data.journal.store import half_restored
from data.situation import WorldMode

RESTORING = "restoring"


def schema_of(mode: WorldMode) -> str:
    """Return the schema a mode is kept in: live work apart from everything else."""
    return "tongzhou_live" if mode == "live" else "tongzhou_drill"


class PostgisStore:
    """Fills ``data.journal.store.Store``; nothing is connected before it is first asked."""

    def __init__(self, address: str, mode: WorldMode) -> None:
        """Name a database and the mode wanted of it; raises JournalStoreError when the address cannot be read."""
        check_address(address)
        self.address, self.mode = address, mode
        self.shown, self.schema = shown_address(address), schema_of(mode)
        self.connections = Connections(address, self.shown, self.schema)
        self._shared = PostgisShared(self.connections)

    @property
    def shared(self) -> PostgisShared:
        """What consoles on this store share beside the journal."""
        return self._shared

    def migrate(self) -> Migrated:
        """Make the schema, or bring it to this program's format; raises JournalStoreError in words."""
        with self.connections.single() as connection:
            try:
                return migrate(connection, self.schema, self.shown)
            except psycopg.Error as error:
                raise fault(error, self.shown) from error

    def open_journal(self) -> PostgisJournal:
        """Return the journal in use, making the store where there is none and this user may.

        Raises JournalStoreError naming the fault and the remedy: the address is wrong, the format is another,
        a restore was not finished, this user may not.
        """
        with self.connections.single() as connection:
            try:
                if not self._holds_a_store(connection):
                    migrate(connection, self.schema, self.shown)
                wait_for_migration(connection, self.shown)
                check_version(connection, self.schema, self.shown)
                if connection.execute("SELECT 1 FROM setting WHERE key = %s", (RESTORING,)).fetchone():
                    raise half_restored(self.shown)
            except psycopg.errors.InsufficientPrivilege as error:
                raise needs_owner(error, self.shown) from error
            except psycopg.Error as error:
                raise fault(error, self.shown) from error
        return self._current()

    def begin_another(self, journal: Journal, name: str, at: datetime) -> PostgisJournal:
        """Put a journal aside under a name and a moment, keeping everything, and return a new empty one.

        Raises SupersededError when another console has begun one already.
        """
        journal_id = id_of(journal)

        def begin(connection: Connection) -> None:
            with connection.transaction():
                head = connection.execute("SELECT journal_id FROM head FOR UPDATE").fetchone()
                aside = connection.execute(
                    "SELECT 1 FROM put_aside WHERE journal_id = %s AND name = %s AND at = %s", (journal_id, name, at)
                ).fetchone()
                if aside:  # the first attempt had come through
                    return
                if head is None or head[0] != journal_id:
                    raise appending.superseded()
                connection.execute("INSERT INTO put_aside VALUES (%s, %s, %s)", (journal_id, name, at))
                connection.execute(
                    "WITH begun AS (INSERT INTO journal DEFAULT VALUES RETURNING journal_id) UPDATE head SET "
                    "journal_id = begun.journal_id, seq = 0, hash = %s, world_at = NULL, mode = NULL FROM begun",
                    (GENESIS_HASH,),
                )
                connection.execute("SELECT pg_notify(%s, 'begun')", (self.schema,))

        try:
            asked(self.connections, begin)
        except StoreUnreachableError as error:
            raise outcome_unknown(error) from error
        journal.close()
        return self._current()

    def is_current(self, journal: Journal) -> bool:
        """Tell whether a journal is still the one in use; raises StoreUnreachableError."""
        return self._current_id() == id_of(journal)

    @contextlib.contextmanager
    def restoring(self) -> Iterator[None]:
        """Mark the store as half restored while what is inside runs; the mark stays where that fails."""
        asked(self.connections, begin_restore)
        yield
        asked(self.connections, finish_restore)

    def close(self) -> None:
        """Give the lead back and close the connections, for good."""
        self._shared.close()
        self.connections.close()
        self._shared.close()  # a look under way may have taken the lead between the two

    def _holds_a_store(self, connection: Connection) -> bool:
        return current_version(connection, self.schema) is not None

    def _current(self) -> PostgisJournal:
        return PostgisJournal(self.connections, self._current_id())

    def _current_id(self) -> int:
        found = asked(self.connections, lambda link: link.execute("SELECT journal_id FROM head").fetchone())
        if found is None:
            raise half_restored(self.shown)
        return int(found[0])


def begin_restore(connection: Connection) -> None:
    """Mark a store as half restored: nobody opens it until ``finish_restore``."""
    connection.execute("INSERT INTO setting VALUES (%s, 'yes') ON CONFLICT DO NOTHING", (RESTORING,))


def finish_restore(connection: Connection) -> None:
    """Take the mark of a half-done restore away."""
    connection.execute("DELETE FROM setting WHERE key = %s", (RESTORING,))
