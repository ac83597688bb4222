"""One journal as this console has folded it: its picture, its past, and what of it is not folded yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from console.follow import Fixes, Following, News
from console.i18n import both
from console.replay import Replay
from data.errors import worded
from data.geography import Region
from data.journal.archive import HourArchive
from data.journal.history import PositionHistory
from data.journal.interface import Fix, Journal, StoreUnreachableError
from data.journal.picture import Picture, picture_from


class Folded:
    """The picture of one journal, kept in step with what the journal tells.

    ``on_news`` is called from any thread when there is something to fold. ``positions`` is the folder of its
    archived hours; None archives none.
    """

    def __init__(
        self, journal: Journal, region: Region, on_news: Callable[[], None], positions: Path | None = None
    ) -> None:
        self.journal = journal
        self._following = Following(journal, on_news)
        self.opening: News = tuple(journal.read())
        self.last_at = journal.last_world_at() or datetime.now(UTC)
        self.picture: Picture = picture_from(self.opening, region)
        self.history = PositionHistory(journal, self._archive(positions))
        self.picture.apply_fixes(self.history.positions_at(self.last_at).values())
        self.is_silent: Callable[[], bool] = lambda: False
        self.replay = Replay(region, self._positions_then, self.history.unread_at)
        self.replay.add(self.opening)

    @property
    def is_behind(self) -> bool:
        """Tell whether something was heard that is not folded yet."""
        return bool(self._following)

    def add(self, events: News) -> None:
        """Take in events that were read, or returned by an append, rather than heard."""
        self._following.add(events)

    def add_missed(self) -> None:
        """Read what the journal holds beyond the picture; raises StoreUnreachableError."""
        self.add(tuple(self.journal.read(after_seq=self.picture.seq)))

    def fresh(self) -> Iterator[tuple[News, Fixes]]:
        """Fold in what was heard and yield it, in order.

        Raises StoreUnreachableError where a gap cannot be read now; what was folded before it stays.
        """
        for events, fixes in self._following.taken(self.picture.seq):
            for one in events:
                self.picture.apply(one)
            self.replay.add(events)
            self.picture.apply_fixes(fixes)
            yield events, fixes

    def leave(self) -> None:
        """Hear no more of this journal and release it."""
        self._following.leave()
        self.history.leave()
        self.journal.close()

    def _positions_then(self, moment: datetime) -> dict[str, Fix]:
        """A silent store is not asked for the past: every seat would wait for one that looks back."""
        if self.is_silent():
            text = both("health.no_past")
            raise worded(StoreUnreachableError(text.en), zh=text.zh)
        return self.history.positions_at(moment)

    def _archive(self, folder: Path | None) -> HourArchive | None:
        if folder is None or not self.opening:
            return None
        first = self.opening[0]
        return HourArchive(folder, mode=first.mode, journal_hash=first.hash, recorded=self._recorded_hours)

    def _recorded_hours(self) -> dict[datetime, str]:
        return self.picture.archived_hours
