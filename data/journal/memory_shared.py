"""What consoles share, for a store that one console owns: kept in memory."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from data.journal.interface import Journal
from data.journal.shared import ClockBeat, SeatSeen


class MemoryShared:
    """The only console of a store: always the leader; fills ``data.journal.shared.Shared``."""

    def __init__(self) -> None:
        self._beat: tuple[Journal, datetime, float, float] | None = None
        self._seats: tuple[SeatSeen, ...] = ()

    def lead(self) -> bool:
        """Nobody else can."""
        return True

    def beat(self, journal: Journal, world_at: datetime, speed: float) -> None:
        """Remember the clock."""
        self._beat = (journal, world_at, speed, time.monotonic())

    def last_beat(self, journal: Journal) -> ClockBeat | None:
        """Return the clock as last told; None in a console just started, or where it was of another journal."""
        if self._beat is None or self._beat[0] is not journal:
            return None
        _, world_at, speed, at_s = self._beat
        return ClockBeat(world_at=world_at, speed=speed, age_s=time.monotonic() - at_s)

    def announce_seats(self, seats: Sequence[SeatSeen]) -> None:
        """Remember the seats."""
        self._seats = tuple(sorted(seats, key=lambda seat: seat.since))

    def seats(self) -> tuple[SeatSeen, ...]:
        """Return the seats on."""
        return self._seats

    def close(self) -> None:
        """Take the seats off."""
        self._seats = ()
