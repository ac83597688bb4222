"""Journals with a fault planted in them: a proof that cannot see these proves nothing.

Each stands before a sound journal of either back end and spoils one promise of it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from data.journal.events import Recorded
from data.journal.interface import Entry, Fix, Journal, JournalStoreError, StoreUnreachableError


class Faulty:
    """A journal that does as the one behind it, but for its fault."""

    def __init__(self, journal: Journal) -> None:
        self._sound = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sound, name)


class AcknowledgesFirst(Faulty):
    """Says 'recorded' at once and writes a little later, from another thread."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._due: queue.SimpleQueue[tuple[Sequence[Entry], dict[str, Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._write_later, daemon=True).start()

    def append(self, entries: Sequence[Entry], **how: Any) -> tuple[Recorded, ...]:
        self._due.put((entries, how))
        return ()

    def _write_later(self) -> None:
        while True:
            entries, how = self._due.get()
            time.sleep(0.005)
            self._sound.append(entries, **how)


class CommitsEachEvent(Faulty):
    """Writes the events of an append one by one, each in a transaction of its own."""

    def append(self, entries: Sequence[Entry], *, command_id: str, **how: Any) -> tuple[Recorded, ...]:
        found: list[Recorded] = []
        for number, entry in enumerate(entries):
            found += self._sound.append([entry], command_id=f"{command_id}.{number}", **how)
        return tuple(found)


class ForgetsCommandIds(Faulty):
    """Sends each try as a new command, so that one that was recorded unheard is recorded twice."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._tries = 0

    def append(self, entries: Sequence[Entry], *, command_id: str, **how: Any) -> tuple[Recorded, ...]:
        self._tries += 1
        return self._sound.append(entries, command_id=f"{command_id}#{time.monotonic_ns()}.{self._tries}", **how)


class IgnoresVersions(Faulty):
    """Appends whatever version the writer saw."""

    def append(self, entries: Sequence[Entry], **how: Any) -> tuple[Recorded, ...]:
        return self._sound.append([msgspec.structs.replace(one, expected_version=None) for one in entries], **how)


class WritesStreamByStream(Faulty):
    """Appends each event with the version it expects, but not all of them together."""

    def append(self, entries: Sequence[Entry], *, command_id: str, **how: Any) -> tuple[Recorded, ...]:
        found: list[Recorded] = []
        for entry in entries:
            found += self._sound.append([entry], command_id=f"{command_id}.{entry.stream}", **how)
        return tuple(found)


class SwallowsErrors(Faulty):
    """Takes a write that failed for one that was done."""

    def append(self, entries: Sequence[Entry], **how: Any) -> tuple[Recorded, ...]:
        try:
            return self._sound.append(entries, **how)
        except StoreUnreachableError:
            raise
        except JournalStoreError:
            return ()


class SplitsBatches(Faulty):
    """Stores a batch of positions in two halves."""

    def record_positions(self, fixes: Sequence[Fix]) -> None:
        half = len(fixes) // 2
        self._sound.record_positions(fixes[:half])
        self._sound.record_positions(fixes[half:])


class TellsTwice(Faulty):
    """Tells a listener its own commits twice, as a store does that does not look what it told already."""

    def subscribe(self, listener: Callable[[tuple[Recorded, ...]], None]) -> Callable[[], None]:
        def twice(news: tuple[Recorded, ...]) -> None:
            listener(news)
            listener(news[-1:])

        return self._sound.subscribe(twice)


PLANTS: dict[str, Callable[[Journal], Any]] = {
    "acknowledges first": AcknowledgesFirst,
    "commits each event": CommitsEachEvent,
    "forgets command ids": ForgetsCommandIds,
    "ignores versions": IgnoresVersions,
    "writes stream by stream": WritesStreamByStream,
    "swallows errors": SwallowsErrors,
    "splits batches": SplitsBatches,
    "tells twice": TellsTwice,
}
