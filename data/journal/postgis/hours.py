"""Hours of positions seen to beside the intake: the next one made ahead, one that is over indexed by place."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
from psycopg import errors

from data.journal.postgis.attempts import asked
from data.journal.postgis.connections import Connection, Connections
from data.journal.postgis.faults import fault

_HOUR = timedelta(hours=1)
# While an index is built its snapshot keeps every older place of a moving unit from being cleared away, so the time
# is short, and an hour that would take longer is not begun: 3 to 5 s a million rows, 80 bytes a row.
BUILD_S = 30
MOST_BYTES = 500_000_000
# A writer gives up after two seconds of waiting: it is noticed long before.
_LOOK_S = 0.2

# The hour after one that nobody writes to is not made: a fleet that keeps silent would leave an empty table an hour.
_MAKE_NEXT = """
SELECT make_hour(p.journal_id, %(next)s) FROM position_hour p
WHERE p.journal_id = %(journal)s AND p.hour = %(hour)s AND p.batch > 0
    AND NOT EXISTS (SELECT FROM position_hour n WHERE n.journal_id = p.journal_id AND n.hour = %(next)s)
"""
_DROP_UNUSED = """
SELECT forget_hour_as_of(journal_id, hour, 0) FROM position_hour
WHERE journal_id = %(journal)s AND batch = 0 AND hour < %(hour)s
"""
_WITHOUT_PLACES = """
SELECT p.hour, coalesce(pg_table_size(to_regclass(n.name)), 0) FROM position_hour p, LATERAL (
    SELECT format('position_%%s_%%s', p.journal_id, to_char(p.hour AT TIME ZONE 'UTC', 'YYYYMMDDHH24')) AS name) n
WHERE p.journal_id = %(journal)s AND p.batch > 0 AND p.hour <= %(last)s AND to_regclass(n.name || '_place') IS NULL
ORDER BY p.hour
"""
_IS_WAITED_FOR = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid)))"
_log = logging.getLogger(__name__)


class HourTending:
    """Sees to the hours of one journal; called now and then by the console that leads, from one thread at a time."""

    def __init__(self, connections: Connections, journal_id: int) -> None:
        self._connections, self._journal_id = connections, journal_id
        self._left_out: set[datetime] = set()

    def tend(self, hour: datetime, closed_before: datetime) -> None:
        """Make the hour after one ready, drop what was made ahead in vain, index one hour that ended by a moment.

        An hour too large to be indexed in so short a time is left out, once said in the log.
        """
        given = {"journal": self._journal_id, "hour": hour, "next": hour + _HOUR}
        asked(self._connections, lambda link: link.execute(_MAKE_NEXT, given))
        asked(self._connections, lambda link: link.execute(_DROP_UNUSED, given))
        given["last"] = closed_before - _HOUR
        for closed, size in asked(self._connections, lambda link: link.execute(_WITHOUT_PLACES, given).fetchall()):
            if size > MOST_BYTES:
                self._leave_out(closed)
            elif closed not in self._left_out:
                self._index(closed)
                return

    def _index(self, hour: datetime) -> None:
        """Index an hour by place, unless somebody comes to wait for it: it is then tried again another time."""
        with self._connections.single() as builder, self._connections.single() as watcher:
            builder.execute(f"SET statement_timeout = '{BUILD_S}s'; SET lock_timeout = '{int(_LOOK_S * 1000)}ms'")
            try:
                with self._giving_way(builder, watcher) as gave_way:
                    builder.execute("SELECT index_hour(%s, %s)", (self._journal_id, hour))
            except errors.LockNotAvailable:
                pass
            except errors.QueryCanceled:
                if not gave_way.is_set():
                    self._leave_out(hour)
            except psycopg.Error as error:
                raise fault(error, self._connections.shown) from error

    @contextlib.contextmanager
    def _giving_way(self, builder: Connection, watcher: Connection) -> Iterator[threading.Event]:
        """Cancel what the builder does as soon as anybody waits for it, as a vacuum does, or nobody could tell."""
        done, gave_way = threading.Event(), threading.Event()

        def watch() -> None:
            while not done.wait(_LOOK_S):
                try:
                    found = watcher.execute(_IS_WAITED_FOR, (builder.info.backend_pid,)).fetchone()
                    is_free = found is not None and not found[0] and not self._connections.is_closed
                except psycopg.Error:
                    is_free = False
                if not is_free and not done.is_set():
                    gave_way.set()
                    builder.cancel()
                    return

        thread = threading.Thread(target=watch, name="tongzhou gives way", daemon=True)
        thread.start()
        try:
            yield gave_way
        finally:
            done.set()
            thread.join()

    def _leave_out(self, hour: datetime) -> None:
        if hour not in self._left_out:
            self._left_out.add(hour)
            _log.warning("Positions of %s are too many to be indexed by place beside the intake", hour)
