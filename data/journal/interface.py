"""The one interface every journal back end fills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from data.errors import TongzhouError
from data.journal.events import Event, Recorded
from data.journal.fixes import Fix, FixTable
from data.situation import WorldMode

if TYPE_CHECKING:
    from data.journal.chain import Row

__all__ = ["BrokenChainError", "ConflictError", "Entry", "Fix", "Head", "Journal", "JournalStoreError"]

EventListener = Callable[[tuple[Recorded, ...]], None]
FixListener = Callable[[tuple[Fix, ...]], None]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event to append; ``expected_version`` None means 'whatever it is now'.

    Without an event nothing is written: the others are then appended only if the stream is at that version.
    """

    stream: str
    event: Event | None
    expected_version: int | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a journal: the number and hash of its last event (0 and GENESIS_HASH while empty)."""

    seq: int
    hash: str


class JournalStoreError(TongzhouError):
    """The store cannot be opened or written; says what to do about it."""


class StoreUnreachableError(JournalStoreError):
    """The store does not answer now. What was asked may have been recorded; asking again by its command id tells."""


class StoreReadOnlyError(JournalStoreError):
    """The store may be read but not written: it is of a newer program, half restored, or its disk is full."""


class SupersededError(JournalStoreError):
    """Another journal was begun in this store; this one is of the past and takes no more events."""


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
    """Append-only store of events plus a high-rate table of positions, kept by UTC hour."""

    @property
    def mode(self) -> WorldMode | None:
        """The mode fixed by the first event; None while empty."""

    def head(self) -> Head:
        """Return the number and hash of the last event."""

    def append(
        self, entries: Sequence[Entry], *, command_id: str, actor: str, world_at: datetime, recorded_at: datetime
    ) -> tuple[Recorded, ...]:
        """Append all entries in one transaction, or none; it is on the disk when this returns.

        World time never goes back: an earlier ``world_at`` becomes that of the last event. A command id seen
        before returns what it recorded then and writes nothing, also when the first attempt is still under way.
        Where no entry holds an event nothing is looked at.
        Raises ConflictError when a stream is not at its expected version, StoreUnreachableError when the store
        does not answer, SupersededError when another journal was begun, JournalStoreError when it cannot be written.
        """

    def recorded_by(self, command_id: str) -> tuple[Recorded, ...]:
        """Return what a command recorded, in order; nothing if it is not known."""

    def read(self, after_seq: int = 0, until: datetime | None = None) -> Iterable[Recorded]:
        """Yield events with ``seq`` above ``after_seq`` in order, up to world time ``until``."""

    def rows(self, after_seq: int = 0) -> Iterator[Row]:
        """Yield the stored rows with ``seq`` above ``after_seq`` in order, unverified."""

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Call the listener with each event once, in order of ``seq``; returns the function that ends it.

        It hears own commits before ``append`` returns, and those of other consoles soon after, from any thread.
        """

    def record_positions(self, fixes: Sequence[Fix]) -> None:
        """Store a batch of positions; a second fix of a unit at the same moment replaces the first."""

    def subscribe_fixes(self, listener: FixListener) -> Callable[[], None]:
        """Call the listener with each batch of positions recorded, here or by another console, from any thread.

        Where batches come faster than they are read, only the latest fix of each unit is told.
        """

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a world time, as far as the store still holds it."""

    def fixes_between(self, start: datetime, end: datetime) -> FixTable:
        """Return the fixes with ``start <= world_at < end``, ordered by time."""

    def fix_hours(self) -> tuple[datetime, ...]:
        """Return the UTC hours of which the store holds positions, oldest first."""

    def hour_mark(self, hour: datetime) -> int:
        """Return a number that changes with each batch that writes to an hour; it holds while the store is open."""

    def forget_hour(self, hour: datetime, mark: int | None = None) -> bool:
        """Drop the positions of one hour from the store; nothing if it holds none.

        With the mark of an hour: returns False and drops nothing when a batch has written to it since.
        """

    def tend_hours(self, now: datetime, closed_before: datetime) -> None:
        """Make the hour after a moment ready, and let one that ended by another be searched by place.

        No batch waits for it, and nothing needs it: an hour that nobody made ready is made by its first batch. A
        store with nothing to gain does nothing.
        """

    def last_world_at(self) -> datetime | None:
        """Return the latest world time seen in events or positions; None while empty."""

    def verify(self) -> int:
        """Check the whole hash chain and return the number of events; raises BrokenChainError."""

    def close(self) -> None:
        """Flush and release the store."""
