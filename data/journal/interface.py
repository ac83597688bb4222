"""The one interface every journal back end fills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from data.errors import TongzhouError
from data.journal.events import Event, Recorded
from data.situation import WorldMode


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """One position of one unit; ``heading_deg`` clockwise from north, None where unknown."""

    unit_id: str
    world_at: datetime
    lon_deg: float
    lat_deg: float
    heading_deg: float | None
    speed_mps: float


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event to append; ``expected_version`` None means 'whatever it is now'."""

    stream: str
    event: Event
    expected_version: int | None = None


class ConflictError(TongzhouError):
    """Somebody else wrote to the stream first; ``winner`` is the latest event in it."""

    def __init__(self, stream: str, expected: int, actual: int, winner: Recorded | None) -> None:
        self.stream, self.expected, self.actual, self.winner = stream, expected, actual, winner
        who = f" by {winner.actor}" if winner else ""
        super().__init__(
            f"'{stream}' has changed{who} (version {actual}, you saw {expected}). Look again, then decide."
        )


class BrokenChainError(TongzhouError):
    """The hash chain does not hold; names the first bad event."""


class Journal(Protocol):
    """Append-only store of events plus a high-rate table of positions."""

    @property
    def mode(self) -> WorldMode | None:
        """The mode fixed by the first event; None while empty."""

    def append(
        self, entries: Sequence[Entry], *, command_id: str, actor: str, world_at: datetime, recorded_at: datetime
    ) -> tuple[Recorded, ...]:
        """Append all entries in one transaction, or none.

        A command id seen before returns what it recorded then and writes nothing.
        Raises ConflictError when a stream is not at its expected version.
        """

    def recorded_by(self, command_id: str) -> tuple[Recorded, ...]:
        """Return what a command recorded, in order; nothing if it is not known."""

    def read(self, after_seq: int = 0, until: datetime | None = None) -> Iterable[Recorded]:
        """Yield events with ``seq`` above ``after_seq`` in order, up to world time ``until``."""

    def subscribe(self, listener: Callable[[tuple[Recorded, ...]], None]) -> Callable[[], None]:
        """Call the listener after each commit; returns the function that ends it."""

    def record_positions(self, fixes: Sequence[Fix]) -> None:
        """Store a batch of positions."""

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a world time."""

    def last_world_at(self) -> datetime | None:
        """Return the latest world time seen in events or positions; None while empty."""

    def verify(self) -> int:
        """Check the whole hash chain and return the number of events; raises BrokenChainError."""

    def close(self) -> None:
        """Flush and release the store."""
