"""Connections to one schema of a database: a small pool, and single ones; none may keep anybody waiting for ever."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from data.journal.postgis.faults import connecting_fault, store_closed

ANSWER_S = 3.0
BULK_S = 300.0
# A machine that is gone, or a cable that is cut, is noticed within seconds by both ends.
_DEFAULTS: dict[str, str] = {
    "application_name": "tongzhou",
    "client_encoding": "utf8",
    "connect_timeout": "3",
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",
}
# pg_temp comes last so that nobody's temporary table can stand in for one of ours. An administrator's stronger
# synchronous_commit is kept; "off" is not, since what is acknowledged has to be on the disk.
_SETTINGS = """
SELECT set_config('search_path', quote_ident(%(schema)s) || coalesce((
           SELECT ', ' || quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
           WHERE e.extname = 'postgis'), '') || ', pg_temp', false),
       set_config('TimeZone', 'UTC', false),
       set_config('statement_timeout', %(statement_ms)s, false),
       set_config('lock_timeout', '2000', false),
       set_config('idle_in_transaction_session_timeout', '5000', false),
       set_config('default_transaction_isolation', 'read committed', false),
       set_config('jit', 'off', false),
       set_config('tcp_keepalives_idle', '3', false),
       set_config('tcp_keepalives_interval', '1', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
                  ELSE current_setting('synchronous_commit') END, false)
"""
Connection = psycopg.Connection[Any]
# A silent database is told in words by this room, once; the pool would add a line at every attempt.
logging.getLogger("psycopg").setLevel(logging.ERROR)


def hang_up(connection: Connection) -> None:
    """End a connection from another thread: whoever waits on it meets an OperationalError at once."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=_duplicate(connection)) as line:
        line.shutdown(socket.SHUT_RDWR)


def _duplicate(connection: Connection) -> int:
    return os.dup(connection.pgconn.socket)


@contextlib.contextmanager
def answering(connection: Connection, within_s: float) -> Iterator[None]:
    """Hang up on a server that has not done what is inside within so many seconds."""
    watch = threading.Timer(within_s, hang_up, (connection,))
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


class Connections:
    """The connections of one store; ``schema`` is the one its statements find their tables in."""

    def __init__(self, address: str, shown: str, schema: str) -> None:
        given = conninfo_to_dict(address)
        self.shown, self.schema = shown, schema
        self._conninfo = make_conninfo(address, **{key: value for key, value in _DEFAULTS.items() if key not in given})
        self._pool: ConnectionPool[Connection] | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Tell whether these connections were closed for good."""
        return self._is_closed

    def single(self, within_s: float = ANSWER_S) -> Connection:
        """Return a connection of its own in autocommit mode; raises JournalStoreError in words, also once closed."""
        if self._is_closed:
            raise store_closed(self.shown)
        try:
            connection: Connection = psycopg.connect(self._conninfo, autocommit=True)
            try:
                with answering(connection, within_s):
                    self._configure(connection)
            except BaseException:
                connection.close()
                raise
        except psycopg.Error as error:
            raise connecting_fault(error, self.shown) from error
        return connection

    @contextlib.contextmanager
    def lent(self, within_s: float = ANSWER_S) -> Iterator[Connection]:
        """Lend a connection of the pool in autocommit mode, for so many seconds at most.

        Raises JournalStoreError once closed: a thread that is late must not open what nobody would close again.
        """
        pool = self._open_pool()
        with pool.connection(timeout=min(within_s, ANSWER_S)) as connection, answering(connection, within_s):
            yield connection

    def close(self) -> None:
        """Close the pool for good; a later use is refused in words."""
        with self._lock:
            self._is_closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _open_pool(self) -> ConnectionPool[Connection]:
        with self._lock:
            if self._is_closed:
                raise store_closed(self.shown)
            if self._pool is None:
                self._pool = ConnectionPool(
                    self._conninfo,
                    min_size=1,
                    max_size=4,
                    open=True,
                    kwargs={"autocommit": True},
                    configure=self._configure,
                    timeout=ANSWER_S,
                    # Given up soon, so that the next use tries at once instead of after a long pause.
                    reconnect_timeout=1.0,
                    num_workers=2,
                    name=f"tongzhou {self.schema}",
                )
            return self._pool

    def _configure(self, connection: Connection) -> None:
        connection.execute(_SETTINGS, {"schema": self.schema, "statement_ms": str(int(ANSWER_S * 1000))})
