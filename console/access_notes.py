"""Write reads of what is sensitive, and refusals, into the journal so that nobody can flood it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from console.commands import NoteAccess
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

GATHER_S = 60.0
# Kinds of notes one name, and all names together, may have open in a minute; what is beyond is counted as one.
OPEN_OF_ONE = 16
OPEN_OF_ALL = 128
SEVERAL = "*"
LONGEST_SUBJECT = 120

_log = logging.getLogger(__name__)


class _Key(NamedTuple):
    who: str
    what: str
    subject: str
    refused: bool


class _Open(msgspec.Struct):
    since_s: float
    detail: Text
    again: int = 0


class AccessNotes:
    """Notes of who read or was refused what; the same within a minute is counted and written at its end.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, world: World, clock: Callable[[], float] = time.monotonic) -> None:
        self._world, self._clock = world, clock
        self._open: dict[_Key, _Open] = {}
        self._lock = threading.Lock()

    def note(self, who: str, what: str, subject: str, detail: Text, refused: bool) -> None:
        """Write a note, or count it where the same was written less than a minute ago."""
        self.settle()
        now_s = self._clock()
        with self._lock:
            key = self._bounded(_Key(who, what, _plain(subject), refused))
            standing = self._open.get(key)
            if standing is not None:
                standing.again += 1
                return
            self._open[key] = _Open(now_s, detail)
        self._write(key, detail, 1)

    def settle(self, *, everything: bool = False) -> None:
        """Write the counts of the minutes that are over; all of them when the console ends."""
        now_s = self._clock()
        with self._lock:
            over = [key for key, one in self._open.items() if everything or now_s - one.since_s >= GATHER_S]
            due = [(key, self._open.pop(key)) for key in over]
        for key, one in due:
            if one.again:
                self._write(key, one.detail, one.again)

    def _bounded(self, key: _Key) -> _Key:
        """Many different subjects or names in a minute become one note that counts them."""
        if key in self._open:
            return key
        if sum(one.who == key.who for one in self._open) >= OPEN_OF_ONE:
            key = key._replace(subject=SEVERAL)
        if key not in self._open and len(self._open) >= OPEN_OF_ALL:
            key = key._replace(who=SEVERAL, subject=SEVERAL)
        return key

    def _write(self, key: _Key, detail: Text, count: int) -> None:
        command = NoteAccess(what=key.what, subject=key.subject, detail=detail, refused=key.refused, count=count)
        outcome = self._world.execute(command, key.who)
        if not outcome.ok:
            _log.error("an access by %s could not be journalled: %s", key.who, outcome.refusal and outcome.refusal.en)


def _plain(subject: str) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in subject[:LONGEST_SUBJECT])
