"""Consoles that start at the same moment on one database make its accounts once."""

from __future__ import annotations

import threading
import time

import psycopg

from data.accounts import postgis


def test_two_consoles_that_start_at_once_make_the_schema_once(postgis_store_address: str) -> None:
    steps: list[int | BaseException] = []

    def second() -> None:
        try:
            with psycopg.connect(postgis_store_address, autocommit=True) as connection:
                postgis._format(connection)  # it has looked before, and found nothing
                steps.append(postgis.migrate(connection))
        except psycopg.Error as error:
            steps.append(error)

    with psycopg.connect(postgis_store_address, autocommit=True) as first:
        with first.transaction():
            first.execute("SELECT pg_advisory_xact_lock(%s)", (postgis._MAKING_LOCK,))
            starting = threading.Thread(target=second)
            starting.start()
            waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            deadline = time.monotonic() + 20
            while not first.execute(waiting).fetchone() and time.monotonic() < deadline:
                time.sleep(0.02)
            assert postgis.migrate(first) == postgis.FORMAT
        starting.join(20)
    assert steps == [0], "the second finds it made"
