"""Hear of what other consoles wrote: NOTIFY wakes, reading above the last number tells."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg
from psycopg import sql

from data.errors import TongzhouError
from data.journal.postgis.connections import Connections, hang_up

POLL_S = 2.0
_BACKOFF_S = (0.1, 0.3, 1.0, 2.0)
_log = logging.getLogger(__name__)


class Ear:
    """A thread that listens on a connection of its own and calls ``look`` when there may be something to read.

    It looks once it listens, at every NOTIFY, and every two seconds whatever it heard; a connection that breaks
    is made again, and what was missed meanwhile is read then. ``look`` must not raise anything but
    psycopg.Error and TongzhouError for a store that is silent.
    """

    def __init__(self, connections: Connections, look: Callable[[], None]) -> None:
        self._connections, self._look = connections, look
        self._stopped = threading.Event()
        self._connection: psycopg.Connection | None = None
        self._failed = 0  # times in a row
        self._thread = threading.Thread(target=self._run, name=f"news of {connections.schema}", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Hear no more; returns when the thread has ended, unless it is the one that asks."""
        self._stopped.set()
        if (connection := self._connection) is not None:
            hang_up(connection)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except (psycopg.Error, TongzhouError) as error:
                if not self._stopped.is_set():
                    _log.info("The store is silent; listening again soon: %s", error)
            except Exception:
                _log.exception("Listening to the store failed; it is begun again")
            self._stopped.wait(_BACKOFF_S[min(self._failed, len(_BACKOFF_S) - 1)])
            self._failed += 1

    def _listen(self) -> None:
        with self._connections.single() as connection:
            self._connection = connection
            try:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._connections.schema)))
                while not self._stopped.is_set():
                    self._look()
                    self._failed = 0
                    for _ in connection.notifies(timeout=POLL_S, stop_after=1):
                        pass
            finally:
                self._connection = None
