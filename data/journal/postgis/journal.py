"""One journal of a PostGIS store, as several consoles use it at once."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import takewhile

from data.errors import TongzhouError
from data.journal.chain import Row, recorded_from, verified
from data.journal.events import Recorded
from data.journal.fixes import FixTable, hour_of, micros_of
from data.journal.interface import Entry, EventListener, Fix, FixListener, Head, Journal, StoreUnreachableError
from data.journal.listening import OrderedNews, enlisted
from data.journal.postgis import appending
from data.journal.postgis.attempts import ACT_S, asked
from data.journal.postgis.columns import enter_columns
from data.journal.postgis.connections import BULK_S, Connection, Connections
from data.journal.postgis.faults import outcome_unknown
from data.journal.postgis.hours import HourTending
from data.journal.postgis.news import Ear
from data.journal.postgis.positions import Positions
from data.situation import WorldMode

_READ_CHUNK = 2000
# So long a writer whose time is over still tries to tell what it wrote by itself.
_LEAST_S = 0.1
_log = logging.getLogger(__name__)


class PostgisJournal:
    """An append-only journal in one schema; fills ``data.journal.interface.Journal``.

    Every append is committed before it returns. Where the database goes away in the middle, the command id is
    looked up and, if it is not known, the same is tried again for about a second and a half.
    """

    def __init__(self, connections: Connections, journal_id: int) -> None:
        self.journal_id = journal_id
        self._connections = connections
        self._events, self._fixes = OrderedNews(), OrderedNews()
        self._positions = Positions(connections.schema, journal_id, secrets.randbits(62))
        self._tending = HourTending(connections, journal_id)
        self._ear: Ear | None = None
        self._order = threading.Lock()
        self._state = threading.Lock()
        self._mode: WorldMode | None = None
        self._told_seq = self.head().seq
        self._told_batch = asked(connections, self._positions.batch)

    @property
    def mode(self) -> WorldMode | None:
        """The mode fixed by the first event; None while empty."""
        if self._mode is None:
            found = asked(
                self._connections,
                lambda link: link.execute(
                    "SELECT mode FROM event WHERE journal_id = %s AND seq = 1", (self.journal_id,)
                ).fetchone(),
            )
            self._mode = found[0] if found else None
        return self._mode

    def head(self) -> Head:
        """Return the number and hash of the last event."""
        query = "SELECT seq, hash FROM event WHERE journal_id = %s ORDER BY seq DESC LIMIT 1"
        found = asked(self._connections, lambda link: link.execute(query, (self.journal_id,)).fetchone())
        return Head(seq=found[0], hash=found[1]) if found else Head(seq=0, hash="0" * 64)

    def append(
        self, entries: Sequence[Entry], *, command_id: str, actor: str, world_at: datetime, recorded_at: datetime
    ) -> tuple[Recorded, ...]:
        """Append all entries in one transaction, or none; an earlier ``world_at`` becomes that of the last event.

        A command id seen before returns what it recorded then and writes nothing. Raises ConflictError when a
        stream is not at its expected version, SupersededError when another journal was begun,
        StoreUnreachableError when the database does not answer, JournalStoreError when it cannot be written.
        """
        if all(entry.event is None for entry in entries):
            return ()
        for moment in (world_at, recorded_at):
            micros_of(moment)  # refuses one without a zone
        wish = appending.Wish(entries, command_id, actor, world_at, recorded_at)
        until_s = time.monotonic() + ACT_S
        try:
            written = asked(
                self._connections,
                lambda link: appending.append(link, self.journal_id, wish, self._connections.schema),
                persist_s=ACT_S,
            )
        except StoreUnreachableError as error:
            raise outcome_unknown(error) from error
        self._hear(written.rows, max(until_s - time.monotonic(), _LEAST_S))
        return tuple(recorded_from(row) for row in written.rows)

    def recorded_by(self, command_id: str) -> tuple[Recorded, ...]:
        """Return what a command recorded, in order; nothing if it is not known."""
        rows = asked(
            self._connections,
            lambda link: appending.rows_of_command(link, self.journal_id, command_id),
            persist_s=ACT_S,
        )
        return tuple(recorded_from(row) for row in rows)

    def read(self, after_seq: int = 0, until: datetime | None = None) -> Iterator[Recorded]:
        """Yield events with ``seq`` above ``after_seq`` in order, up to world time ``until``."""
        for row in self._rows(after_seq, until):
            yield recorded_from(row)

    def rows(self, after_seq: int = 0) -> Iterator[Row]:
        """Yield the stored rows with ``seq`` above ``after_seq`` in order, unverified."""
        yield from self._rows(after_seq, None)

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Call the listener with each event once, in order of ``seq``, from a writer's or the listening thread."""
        leave = enlisted(self._events.listeners, listener)
        self._prick_up()
        return leave

    def subscribe_fixes(self, listener: FixListener) -> Callable[[], None]:
        """Call the listener with own batches as recorded, and with where other consoles moved units."""
        leave = enlisted(self._fixes.listeners, listener)
        self._prick_up()
        return leave

    def record_positions(self, fixes: Sequence[Fix]) -> None:
        """Store a batch of positions; a second fix of a unit at the same moment replaces the first."""
        if not fixes:
            return
        for fix in fixes:
            micros_of(fix.world_at)

        def record(link: Connection) -> None:
            enter_columns(link.adapters)
            self._positions.record(link, fixes, self._connections.schema)

        asked(self._connections, record)
        self._fixes.put(tuple(fixes))
        self._fixes.tell()

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a world time, as far as the store still holds it."""
        return asked(self._connections, lambda link: self._positions.at(link, moment))

    def fixes_between(self, start: datetime, end: datetime) -> FixTable:
        """Return the fixes with ``start <= world_at < end``, ordered by time."""
        return asked(self._connections, lambda link: self._positions.between(link, start, end), BULK_S)

    def fix_hours(self) -> tuple[datetime, ...]:
        """Return the UTC hours of which the store holds positions, oldest first."""
        return asked(self._connections, self._positions.hours)

    def hour_mark(self, hour: datetime) -> int:
        """Return the number of the last batch, of any console, that wrote to an hour; 0 where none did."""
        return asked(self._connections, lambda link: self._positions.mark(link, hour_of(hour)))

    def forget_hour(self, hour: datetime, mark: int | None = None) -> bool:
        """Drop the positions of one hour, unless a batch has written to it since the mark was taken."""
        return asked(self._connections, lambda link: self._positions.forget(link, hour_of(hour), mark))

    def tend_hours(self, now: datetime, closed_before: datetime) -> None:
        """Make the hour after a moment ready, and index one that ended by another by place; no batch waits for it."""
        self._tending.tend(hour_of(now), closed_before)

    def last_world_at(self) -> datetime | None:
        """Return the latest world time seen in events or positions; None while empty."""
        query = """
            SELECT greatest((SELECT max(world_at) FROM event WHERE journal_id = %(id)s),
                            (SELECT world_at FROM position_head WHERE journal_id = %(id)s))
        """
        found = asked(self._connections, lambda link: link.execute(query, {"id": self.journal_id}).fetchone())
        return None if found is None or found[0] is None else found[0]

    def verify(self) -> int:
        """Check the whole hash chain and return the number of events; raises BrokenChainError."""
        return sum(1 for _ in verified(self._rows(0, None)))

    def close(self) -> None:
        """Stop listening; what was appended is already on the disk, and may still be read."""
        with self._state:
            ear, self._ear = self._ear, None
        if ear is not None:
            ear.stop()

    def _rows(self, after_seq: int, until: datetime | None) -> Iterator[Row]:
        """Read in chunks, so that a slow reader holds no connection."""
        while True:
            chunk = self._chunk(after_seq, until)
            yield from chunk
            if len(chunk) < _READ_CHUNK:
                return
            after_seq = chunk[-1].seq

    def _chunk(self, after_seq: int, until: datetime | None) -> tuple[Row, ...]:
        return asked(
            self._connections, lambda link: appending.rows_after(link, self.journal_id, after_seq, until, _READ_CHUNK)
        )

    def _prick_up(self) -> None:
        """Listen to other consoles from the first listener on."""
        with self._state:
            if self._ear is None:
                self._ear = Ear(self._connections, self._look)
                self._ear.start()

    def _look(self) -> None:
        """Tell what other consoles wrote since the last look."""
        self._put(tuple(self._rows(self._told_seq, None)))
        self._events.tell()
        batch = asked(self._connections, self._positions.batch)
        if batch > self._told_batch:
            after = self._told_batch
            fixes = asked(self._connections, lambda link: self._positions.told_since(link, after, batch))
            self._told_batch = batch
            if fixes:
                self._fixes.put(fixes)
                self._fixes.tell()

    def _hear(self, rows: tuple[Row, ...], within_s: float) -> None:
        """Tell own rows, and before them what other consoles wrote first, as far as that can be read in time."""
        after = self._told_seq
        missed: tuple[Row, ...] = ()
        if rows[0].seq > after + 1:
            try:
                read = asked(
                    self._connections,
                    lambda link: appending.rows_after(link, self.journal_id, after, None, _READ_CHUNK),
                    persist_s=within_s,
                )
            except TongzhouError as error:
                # It is written, so its writer has to hear so; the listening thread tells it, in order, when it can.
                _log.warning("News of the journal waits: %s", error)
                return
            missed = tuple(takewhile(lambda row: row.seq < rows[0].seq, read))
            if not missed or missed[-1].seq + 1 < rows[0].seq:  # too many for one who waits: the thread reads them
                return
        self._put((*missed, *rows))
        self._events.tell(within_s)

    def _put(self, rows: tuple[Row, ...]) -> None:
        """Put news in order behind what was told; rows read from there on may overlap it, and never leave a gap.

        Nothing is read while the order is held: whoever writes would wait for the reader's database.
        """
        with self._order:
            fresh = tuple(recorded_from(row) for row in rows if row.seq > self._told_seq)
            if fresh:
                self._told_seq = fresh[-1].seq
                self._events.put(fresh)


def id_of(journal: Journal) -> int:
    """Return the number of a journal in its store; raises TypeError for one of another kind of store."""
    if not isinstance(journal, PostgisJournal):
        raise TypeError(f"{type(journal).__name__} is no journal of a PostGIS store")
    return journal.journal_id
