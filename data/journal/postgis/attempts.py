"""Try again for a short while where the database went away in the middle of something."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

from data.journal.postgis.connections import ANSWER_S, Connection, Connections
from data.journal.postgis.faults import fault, is_passing

Result = TypeVar("Result")
PERSIST_S = 3.0
# Whoever presses waits for this one, and with it every seat of the console: all are told within two seconds.
ACT_S = 1.5
_PAUSES_S = (0.0, 0.05, 0.2, 0.5)


def asked(
    connections: Connections,
    task: Callable[[Connection], Result],
    within_s: float = ANSWER_S,
    persist_s: float | None = None,
) -> Result:
    """Return what a task gets from a connection of the pool; the task must be harmless to repeat.

    Where the connection breaks it is tried again on another for ``persist_s`` in all, or about three seconds. Raises
    StoreUnreachableError when that does not help, another JournalStoreError at once when it cannot.
    """
    deadline = time.monotonic() + (PERSIST_S if persist_s is None else persist_s)
    attempt = 0
    while True:
        try:
            left_s = max(deadline - time.monotonic(), 0.1)
            with connections.lent(within_s if within_s > ANSWER_S else left_s) as connection:
                return task(connection)
        except Exception as error:
            pause_s = _PAUSES_S[min(attempt, len(_PAUSES_S) - 1)]
            if is_passing(error) and time.monotonic() + pause_s < deadline:
                attempt += 1
                time.sleep(pause_s)
                continue
            if isinstance(error, psycopg.Error):
                raise fault(error, connections.shown) from error
            raise
