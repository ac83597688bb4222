"""What consoles on one database share: who leads, the clock's beat, who is on."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from data.journal.interface import Journal, JournalStoreError
from data.journal.postgis.attempts import asked
from data.journal.postgis.connections import ANSWER_S, Connection, Connections, answering
from data.journal.postgis.faults import unreachable
from data.journal.postgis.journal import id_of
from data.journal.shared import ClockBeat, SeatSeen

HEARD_S = 10


class PostgisShared:
    """Fills ``data.journal.shared.Shared``; the lead is a lock of a connection, so it ends with its console."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._teller = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._line: Connection | None = None
        self._leads = False
        self._seats_told = False

    def lead(self) -> bool:
        """Take the lead if it is free and tell whether this console has it.

        Raises StoreUnreachableError when the database does not answer: the lead is then lost and sought again.
        """
        with self._lock:
            if self._line is not None:
                try:
                    return self._asked(self._line)
                except psycopg.Error:
                    self._let_go()
            self._line = self._connections.single()
            try:
                return self._asked(self._line)
            except psycopg.Error as error:
                self._let_go()
                raise unreachable(self._connections.shown) from error

    def beat(self, journal: Journal, world_at: datetime, speed: float) -> None:
        """Tell the others the clock of a journal."""
        query = """
            INSERT INTO beat (journal_id, world_at, speed, told_at) VALUES (%s, %s, %s, clock_timestamp())
            ON CONFLICT (is_the_one) DO UPDATE SET journal_id = EXCLUDED.journal_id, world_at = EXCLUDED.world_at,
            speed = EXCLUDED.speed, told_at = EXCLUDED.told_at
        """
        told = (id_of(journal), world_at, speed)
        asked(self._connections, lambda link: link.execute(query, told))

    def last_beat(self, journal: Journal) -> ClockBeat | None:
        """Return the clock as last told, its age by the database's own clock; None where none is of this journal."""
        query = """
            SELECT world_at, speed, extract(epoch FROM clock_timestamp() - told_at)::float8 FROM beat
            WHERE journal_id = %s
        """
        wanted = (id_of(journal),)
        found = asked(self._connections, lambda link: link.execute(query, wanted).fetchone())
        if found is None:
            return None
        return ClockBeat(world_at=found[0].astimezone(UTC), speed=found[1], age_s=max(found[2], 0.0))

    def announce_seats(self, seats: Sequence[SeatSeen]) -> None:
        """Tell which seats are on at this console; those not in the list are gone."""
        rows = [
            (
                self._teller,
                seat.seat_id,
                seat.name,
                seat.role,
                seat.console,
                seat.incident_id,
                seat.since,
                seat.seen_at,
            )
            for seat in {seat.seat_id: seat for seat in seats}.values()
        ]

        def announce(link: Connection) -> None:
            with link.transaction(), link.pipeline():
                link.execute(
                    "DELETE FROM seat WHERE teller = %s OR heard_at < clock_timestamp() - interval '1 minute'",
                    (self._teller,),
                )
                if rows:
                    link.cursor().executemany(
                        "INSERT INTO seat VALUES (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())", rows
                    )

        asked(self._connections, announce)
        self._seats_told = bool(rows)

    def seats(self) -> tuple[SeatSeen, ...]:
        """Return the seats on at every console heard of in the last 10 seconds, oldest first."""
        query = f"""
            SELECT seat_id, name, role, console, incident_id, since, seen_at FROM seat
            WHERE heard_at > clock_timestamp() - interval '{HEARD_S} seconds' ORDER BY since, seat_id
        """
        found = asked(self._connections, lambda link: link.execute(query).fetchall())
        return tuple(
            SeatSeen(
                seat_id=row[0],
                name=row[1],
                role=row[2],
                console=row[3],
                incident_id=row[4],
                since=row[5].astimezone(UTC),
                seen_at=row[6].astimezone(UTC),
            )
            for row in found
        )

    def close(self) -> None:
        """Give the lead back and take this console's seats off, now or, where the database is silent, by its clock."""
        with self._lock:
            self._let_go()
        if self._seats_told:
            with contextlib.suppress(JournalStoreError):
                self.announce_seats(())

    def _asked(self, line: Connection) -> bool:
        """Seek the lead on a connection, or see that it still holds it; raises psycopg.Error."""
        with answering(line, ANSWER_S):
            if self._leads:
                line.execute("SELECT")
            else:
                found = line.execute(
                    "SELECT pg_try_advisory_lock(hashtext('tongzhou lead'), hashtext(%s))", (self._connections.schema,)
                ).fetchone()
                self._leads = bool(found and found[0])
        return self._leads

    def _let_go(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line, self._leads = None, False
