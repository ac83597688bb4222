"""Write restored rows into a schema as they were, with the columns derived from them made afresh."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime

import psycopg
from psycopg import sql

from data.journal.chain import GENESIS_HASH, Row, recorded_from
from data.journal.events import UnknownEvent
from data.journal.fixes import FixTable
from data.journal.places import place_of, plans_in
from data.journal.postgis.appending import EVENT_COLUMNS, rows_after, values_of
from data.journal.postgis.columns import enter_columns
from data.journal.postgis.connections import BULK_S, Connection
from data.journal.postgis.faults import fault
from data.journal.postgis.migrate import current_version
from data.journal.postgis.positions import Positions
from data.journal.postgis.store import RESTORING, PostgisStore, begin_restore, finish_restore
from data.journal.restore import CHUNK_ROWS, not_empty, restoring_now, unfinished
from data.plans import Plan

_COPY = f"COPY event (journal_id, {EVENT_COLUMNS}, kind, geom) FROM STDIN"


class PostgisImporter:
    """Fills ``data.journal.restore.RowImporter`` for a database; its user has to own the schema."""

    def __init__(self, store: PostgisStore) -> None:
        self._store = store
        self._link: Connection | None = None
        self._journal_id = 0
        self._is_first = True
        self._last: Row | None = None
        self._plans: dict[str, Plan] = {}
        self._positions: Positions | None = None

    def begin(self, replace_unfinished: bool) -> None:
        """Mark the schema, made where it is missing; raises JournalStoreError where it is not empty."""
        with self._worded():
            link = self._connect()
            is_there = current_version(link, self._store.schema) is not None
            if is_there and self._is_marked(link):
                if not replace_unfinished:
                    raise unfinished(self._store.shown)
                link.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(self._store.schema)))
            self._store.migrate()
            self._ready(link)
            with link.transaction():
                # A console that has the empty journal open waits here, and then finds the head elsewhere.
                link.execute("SELECT 1 FROM head FOR UPDATE")
                if link.execute("SELECT 1 FROM event UNION ALL SELECT 1 FROM put_aside LIMIT 1").fetchone():
                    raise not_empty(self._store.shown)
                begin_restore(link)

    def begin_journal(self) -> None:
        """Take the first journal, or begin the next: the one before was put aside."""
        with self._worded():
            link = self._open()
            if not self._is_first:
                link.execute(
                    "WITH begun AS (INSERT INTO journal DEFAULT VALUES RETURNING journal_id) UPDATE head SET "
                    "journal_id = begun.journal_id, seq = 0, hash = %s, world_at = NULL, mode = NULL FROM begun",
                    (GENESIS_HASH,),
                )
            found = link.execute("SELECT journal_id FROM head").fetchone()
            self._journal_id = int(found[0]) if found else 0
            self._is_first, self._last, self._plans = False, None, {}
            self._positions = Positions(self._store.schema, self._journal_id, secrets.randbits(62))

    def import_rows(self, rows: Iterable[Row]) -> None:
        """Write a chunk of rows in one transaction."""
        chunk = list(rows)
        with self._worded():
            link = self._open()
            with link.transaction(), link.cursor().copy(_COPY) as copy:
                for row in chunk:
                    copy.write_row(self._values(row))

    def import_fixes(self, table: FixTable) -> None:
        """Write a chunk of positions in one transaction."""
        assert self._positions is not None
        with self._worded():
            self._positions.record(self._open(), tuple(table.fixes()), self._store.schema)

    def rows(self) -> Iterator[Row]:
        """Yield the rows written, read back in chunks."""
        after = 0
        while chunk := self._read(after):
            yield from chunk
            after = chunk[-1].seq

    def end_journal(self, aside: tuple[str, datetime] | None) -> None:
        """Enter the commands and the head, and put the journal aside unless it is the one in use."""
        with self._worded():
            link = self._open()
            with link.transaction():
                link.execute(
                    "INSERT INTO command SELECT journal_id, command_id, min(seq), max(seq) FROM event "
                    "WHERE journal_id = %s GROUP BY journal_id, command_id",
                    (self._journal_id,),
                )
                if self._last is not None:
                    last = self._last
                    link.execute(
                        "UPDATE head SET seq = %s, hash = %s, world_at = %s, mode = %s",
                        (last.seq, last.hash, last.world_at, last.mode),
                    )
                if aside is not None:
                    link.execute("INSERT INTO put_aside VALUES (%s, %s, %s)", (self._journal_id, *aside))

    def finish(self) -> None:
        """Take the mark away."""
        with self._worded():
            finish_restore(self._open())

    def close(self) -> None:
        """Release the connection."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _connect(self) -> Connection:
        self._link = self._store.connections.single(BULK_S)
        self._link.execute("SET statement_timeout = 0")
        found = self._link.execute(
            "SELECT pg_try_advisory_lock(hashtext('tongzhou restore'), hashtext(%s))", (self._store.schema,)
        ).fetchone()
        if found is None or not found[0]:
            raise restoring_now(self._store.shown)
        return self._link

    def _ready(self, link: Connection) -> None:
        """Let names mean those of a schema that may just have been made."""
        link.execute(
            "SELECT set_config('search_path', quote_ident(%s) || ', ' || quote_ident(n.nspname) || ', pg_temp', false) "
            "FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'",
            (self._store.schema,),
        )
        enter_columns(link.adapters)

    def _is_marked(self, link: Connection) -> bool:
        table = sql.Identifier(self._store.schema, "setting")
        found = link.execute(sql.SQL("SELECT 1 FROM {} WHERE key = %s").format(table), (RESTORING,))
        return found.fetchone() is not None

    def _values(self, row: Row) -> tuple[object, ...]:
        if self._last is None or row.command_id != self._last.command_id:
            self._plans = {}  # an order's plan was accepted by the same command
        self._last = row
        event = recorded_from(row).event
        if isinstance(event, UnknownEvent):
            kind, place = event.kind, None
        else:
            self._plans |= plans_in((event,))
            kind, place = str(event.__struct_config__.tag), place_of(event, self._plans)
        return (self._journal_id, *values_of(row), kind, None if place is None else _with_srid(place))

    def _read(self, after: int) -> tuple[Row, ...]:
        with self._worded():
            return rows_after(self._open(), self._journal_id, after, None, CHUNK_ROWS)

    def _open(self) -> Connection:
        if self._link is None:
            raise RuntimeError("no restore was begun")
        return self._link

    def _worded(self) -> _Worded:
        return _Worded(self._store.shown)


class _Worded:
    """Say in words why the database refused."""

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        if isinstance(error, psycopg.Error):
            raise fault(error, self._shown) from error


def _with_srid(wkb: bytes) -> str:
    """Return little-endian WKB as the hexadecimal EWKB that COPY takes, in WGS 84."""
    kind = int.from_bytes(wkb[1:5], "little") | 0x20000000
    return (wkb[:1] + kind.to_bytes(4, "little") + (4326).to_bytes(4, "little") + wkb[5:]).hex()
