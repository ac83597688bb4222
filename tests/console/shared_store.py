"""A store that several consoles of one test share, in memory but for one SQLite file, with faults on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from data.journal.chain import Row
from data.journal.events import Recorded
from data.journal.fixes import FixTable
from data.journal.interface import Entry, EventListener, Fix, FixListener, Head, StoreUnreachableError, SupersededError
from data.journal.shared import ClockBeat, SeatSeen
from data.journal.sqlite import SqliteJournal
from data.situation import WorldMode


@dataclass
class Database:
    """What all consoles reach: the journals, the lead, the beat and the store's own clock in seconds."""

    folder: Path
    journals: list[SqliteJournal] = field(default_factory=list)
    leader: object | None = None
    beat: tuple[datetime, float, float] | None = None
    beat_of: object = None
    clock_s: float = 0.0

    def newest(self) -> SqliteJournal:
        """Return the journal in use, beginning one where there is none."""
        if not self.journals:
            self.begin()
        return self.journals[-1]

    def begin(self) -> SqliteJournal:
        """Begin another journal."""
        self.journals.append(SqliteJournal(self.folder / f"{len(self.journals)}.journal"))
        return self.journals[-1]

    def console(self) -> ConsoleStore:
        """Return the store as one more console sees it."""
        return ConsoleStore(self)

    def close(self) -> None:
        """Release the files."""
        for journal in self.journals:
            journal.close()


class ConsoleStore:
    """Fills ``data.journal.store.Store`` for one console; ``down`` cuts it off, ``cut_at_commit`` loses one answer."""

    shown = "the store of this test"

    def __init__(self, database: Database) -> None:
        self.database = database
        self.down = False
        self.cut_at_commit = False
        self.deaf = False

    @property
    def shared(self) -> ConsoleStore:
        """What this console shares is here too."""
        return self

    def reach(self) -> Database:
        """Return the database, or fail as a silent one does."""
        if self.down:
            raise StoreUnreachableError("The database does not answer.")
        return self.database

    def open_journal(self) -> ConsoleJournal:
        """Return the journal in use as this console sees it."""
        return ConsoleJournal(self, self.reach().newest())

    def begin_another(self, journal: Any, name: str, at: datetime) -> ConsoleJournal:
        """Begin another journal unless somebody was first."""
        if not self.is_current(journal):
            raise SupersededError("Another journal was begun.")
        return ConsoleJournal(self, self.reach().begin())

    def is_current(self, journal: Any) -> bool:
        """Tell whether a journal is the one in use."""
        return self.reach().newest() is journal.base

    def lead(self) -> bool:
        """Take the lead if it is free."""
        database = self.reach()
        if database.leader is None:
            database.leader = self
        return database.leader is self

    def beat(self, journal: Any, world_at: datetime, speed: float) -> None:
        """Tell the clock of a journal."""
        database = self.reach()
        database.beat_of = journal.base
        database.beat = (world_at, speed, database.clock_s)

    def last_beat(self, journal: Any) -> ClockBeat | None:
        """Return the clock of a journal as last told, by the database's own clock."""
        database = self.reach()
        if database.beat is None or database.beat_of is not journal.base:
            return None
        world_at, speed, at_s = database.beat
        return ClockBeat(world_at=world_at, speed=speed, age_s=database.clock_s - at_s)

    def announce_seats(self, seats: Sequence[SeatSeen]) -> None:
        """Nobody looks at seats here."""

    def seats(self) -> tuple[SeatSeen, ...]:
        """Return none."""
        return ()

    def close(self) -> None:
        """Give the lead back, as the end of a process does."""
        if self.database.leader is self:
            self.database.leader = None


class ConsoleJournal:
    """Fills ``data.journal.interface.Journal`` for one console over a file all of them share."""

    def __init__(self, store: ConsoleStore, base: SqliteJournal) -> None:
        self.store, self.base = store, base
        self._leave: list[Callable[[], None]] = []

    @property
    def mode(self) -> WorldMode | None:
        """The mode of the shared journal."""
        return self.base.mode

    def reach(self) -> SqliteJournal:
        """Return the shared journal, or fail as a silent database does."""
        self.store.reach()
        return self.base

    def head(self) -> Head:
        """Return the head."""
        return self.reach().head()

    def append(
        self, entries: Sequence[Entry], *, command_id: str, actor: str, world_at: datetime, recorded_at: datetime
    ) -> tuple[Recorded, ...]:
        """Append; the answer is lost after the commit where that was asked for."""
        base = self.reach()
        if self.store.database.newest() is not base:
            raise SupersededError("Another journal was begun.")
        cut = self.store.cut_at_commit and actor not in ("console", "simulator")
        self.store.deaf = self.store.deaf or cut
        recorded = base.append(entries, command_id=command_id, actor=actor, world_at=world_at, recorded_at=recorded_at)
        if cut:
            self.store.cut_at_commit, self.store.deaf, self.store.down = False, False, True
            raise StoreUnreachableError("The connection was cut at COMMIT.")
        return recorded

    def recorded_by(self, command_id: str) -> tuple[Recorded, ...]:
        """Return what a command recorded."""
        return self.reach().recorded_by(command_id)

    def read(self, after_seq: int = 0, until: datetime | None = None) -> Iterable[Recorded]:
        """Return events."""
        return self.reach().read(after_seq, until)

    def rows(self, after_seq: int = 0) -> Iterator[Row]:
        """Return rows."""
        return self.reach().rows(after_seq)

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Tell the listener what any console commits, unless this one is cut off or deaf."""

        def heard(events: tuple[Recorded, ...]) -> None:
            if not self.store.down and not self.store.deaf:
                listener(events)

        return self.base.subscribe(heard)

    def record_positions(self, fixes: Sequence[Fix]) -> None:
        """Store positions."""
        self.reach().record_positions(fixes)

    def subscribe_fixes(self, listener: FixListener) -> Callable[[], None]:
        """Tell the listener of positions."""
        return self.base.subscribe_fixes(listener)

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return positions."""
        return self.reach().positions_at(moment)

    def fixes_between(self, start: datetime, end: datetime) -> FixTable:
        """Return fixes."""
        return self.reach().fixes_between(start, end)

    def fix_hours(self) -> tuple[datetime, ...]:
        """Return hours."""
        return self.reach().fix_hours()

    def hour_mark(self, hour: datetime) -> int:
        """Return the mark of an hour."""
        return self.reach().hour_mark(hour)

    def forget_hour(self, hour: datetime, mark: int | None = None) -> bool:
        """Forget an hour."""
        return self.reach().forget_hour(hour, mark)

    def tend_hours(self, now: datetime, closed_before: datetime) -> None:
        """See to the hours."""
        self.reach().tend_hours(now, closed_before)

    def last_world_at(self) -> datetime | None:
        """Return the latest moment."""
        return self.reach().last_world_at()

    def verify(self) -> int:
        """Check the chain."""
        return self.reach().verify()

    def close(self) -> None:
        """The file stays open for the other consoles."""
