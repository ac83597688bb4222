"""Fold the picture of any earlier moment quickly, from snapshots kept on the way."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime

from data.geography import Region
from data.journal.events import Recorded
from data.journal.interface import Fix
from data.journal.picture import Picture

SNAPSHOT_EVERY = 200
KEPT_MOMENTS = 16


class Replay:
    """Pictures of the past as they were known then: events up to the moment, and positions then.

    Events must come with world times that never go back, as the world records them. ``unread_at`` gives the hours
    without whose positions ``positions_at`` answered; such a picture is made anew each time, for a file may return.
    """

    def __init__(
        self,
        region: Region,
        positions_at: Callable[[datetime], dict[str, Fix]],
        unread_at: Callable[[datetime], tuple[datetime, ...]],
    ) -> None:
        self._region, self._positions_at, self._unread_at = region, positions_at, unread_at
        self._events: list[Recorded] = []
        self._moments: list[datetime] = []
        self._snapshots: list[Picture] = [Picture(region)]
        self._recent: OrderedDict[datetime, Picture] = OrderedDict()

    def add(self, recorded: Iterable[Recorded]) -> None:
        """Take in events as they are committed."""
        for one in recorded:
            self._events.append(one)
            self._moments.append(one.world_at)
        self._recent.clear()

    def picture_at(self, moment: datetime) -> Picture:
        """Return the picture at a moment; callers share it and must not change it."""
        if moment in self._recent:
            self._recent.move_to_end(moment)
            return self._recent[moment]
        count = bisect_right(self._moments, moment)
        picture = self._folded(count)
        picture.apply_fixes(self._positions_at(moment).values())
        picture.world_at = moment
        picture.unread_hours = self._unread_at(moment)
        if picture.unread_hours:
            return picture
        self._recent[moment] = picture
        if len(self._recent) > KEPT_MOMENTS:
            self._recent.popitem(last=False)
        return picture

    def _folded(self, count: int) -> Picture:
        """Return a picture of the first ``count`` events that nobody else holds."""
        while len(self._snapshots) * SNAPSHOT_EVERY <= count:
            following = self._snapshots[-1].copy()
            start = (len(self._snapshots) - 1) * SNAPSHOT_EVERY
            for recorded in self._events[start : start + SNAPSHOT_EVERY]:
                following.apply(recorded)
            self._snapshots.append(following)
        nearest = count // SNAPSHOT_EVERY
        picture = self._snapshots[nearest].copy()
        for recorded in self._events[nearest * SNAPSHOT_EVERY : count]:
            picture.apply(recorded)
        return picture
