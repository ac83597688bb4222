"""Put closed hours of positions into the archive, say so in the chain, and drop old ones from the store."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.commands import LogNote, RecordArchive
from console.retention import KEEP_HOURS
from data.journal.archive import ArchiveFaultError
from data.journal.history import HOUR, PositionHistory

if TYPE_CHECKING:
    from console.world import World

ACTOR = "console"
# So long after an hour's end its fixes are taken to be in; later ones make it archived again.
GRACE = timedelta(minutes=5)
# Hours already archived are compared with the store again no more often than each so many looks.
LOOKS_BETWEEN_LATE = 10

_log = logging.getLogger(__name__)


class Archivist:
    """Sees to the positions of one world; called each minute, off the server's loop, at the leading console.

    Each step may be the last before a crash: an hour is in a file before the chain names it, named before it is
    dropped, and the same fixes always become the same bytes. An hour in the archive is dropped from the store when it
    ended ``keep_hours`` ago.
    """

    def __init__(
        self,
        world: World,
        keep_hours: int = KEEP_HOURS,
        grace: timedelta = GRACE,
        looks_between_late: int = LOOKS_BETWEEN_LATE,
    ) -> None:
        self._world, self.keep, self._grace = world, timedelta(hours=keep_hours), grace
        self._looks_between_late, self._looks = looks_between_late, 0
        self._noted: set[str] = set()

    def look(self) -> None:
        """Archive what has closed, archive again what has changed, drop what is old and safe."""
        world, generation, history = self._world, self._world.generation, self._world.history
        if history.archive is None:
            return
        now = world.now
        for hour in history.unarchived_hours(now - self._grace):
            if not self._put_away(hour, history, generation):
                return
        if self._looks % self._looks_between_late == 0:
            for hour in history.unsettled_hours():
                if not self._settle(hour, history, generation):
                    return
        self._looks += 1
        for hour in world.journal.fix_hours():
            if hour + HOUR + self.keep <= now and hour in history.archive.hours():
                self._forget(hour, history)
        for error in tuple(history.faults.values()):
            self._tell(error)

    def tend(self) -> None:
        """See to the hours in the store beside the intake: the next made ahead, one that is over indexed by place."""
        self._world.journal.tend_hours(self._world.now, self._world.now - self._grace)

    def _put_away(self, hour: datetime, history: PositionHistory, generation: int) -> bool:
        """Write an hour and record it; tell whether to go on."""
        try:
            written = history.put_away(hour)
        except ArchiveFaultError as error:
            self._tell(error)
            return True
        for one in written:
            if self._world.generation != generation:
                return False
            outcome = self._world.execute(RecordArchive(hour=one.hour, rows=one.rows, sha256=one.sha256), ACTOR)
            if not outcome.ok:
                _log.warning("The archive of %s was not recorded: %s", one.hour, outcome.refusal)
                return False
        return True

    def _settle(self, hour: datetime, history: PositionHistory, generation: int) -> bool:
        try:
            if history.holds_no_more_than_file(hour):
                return True
        except ArchiveFaultError as error:
            self._tell(error)
            return True
        return self._put_away(hour, history, generation)

    def _forget(self, hour: datetime, history: PositionHistory) -> None:
        try:
            history.forget(hour)
        except ArchiveFaultError as error:
            self._tell(error)

    def _tell(self, error: ArchiveFaultError) -> None:
        """Write a fault into the log of the world, once, where every seat reads it."""
        text = f"{error.said('zh')} {error.said('en')}"
        if text not in self._noted:
            self._noted.add(text)
            self._world.execute(LogNote(text=text), ACTOR)
