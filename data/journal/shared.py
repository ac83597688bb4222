"""What consoles on one store share beside the journal: who leads, the clock's beat, who is on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from data.roles import Role

if TYPE_CHECKING:
    from data.journal.interface import Journal


class SeatSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One seat that is on: who sits there, at which console, and which incident it holds since when.

    A seat holds the incident it has selected; ``since`` is when it did so. Times are the machine's, UTC.
    """

    seat_id: str
    name: str
    role: Role
    console: str
    incident_id: str | None
    since: datetime
    seen_at: datetime


class ClockBeat(msgspec.Struct, frozen=True, kw_only=True):
    """The leading console's clock as it last told it, ``age_s`` seconds ago by the store's own clock."""

    world_at: datetime
    speed: float
    age_s: float


class Shared(Protocol):
    """Filled in memory for a store that one console owns, by the database for several."""

    def lead(self) -> bool:
        """Take the lead if it is free and tell whether this console has it; asked every second.

        Exactly one console leads: it runs the simulator, the alarms and the archive. The lead of a console
        that dies is free within seconds.
        """

    def beat(self, journal: Journal, world_at: datetime, speed: float) -> None:
        """Tell the others the clock of a journal; only the leader does."""

    def last_beat(self, journal: Journal) -> ClockBeat | None:
        """Return the clock as last told; None where nobody ever did, or the last was of another journal."""

    def announce_seats(self, seats: Sequence[SeatSeen]) -> None:
        """Tell which seats are on at this console; those not in the list are gone."""

    def seats(self) -> tuple[SeatSeen, ...]:
        """Return the seats on at every console heard of in the last 10 seconds, oldest first."""

    def close(self) -> None:
        """Give the lead back and take this console's seats off."""
