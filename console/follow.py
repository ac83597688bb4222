"""What a journal tells, from whatever thread, gathered so that it is folded once and in order of seq."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from data.journal.events import Recorded
from data.journal.interface import Fix, Journal

News = tuple[Recorded, ...]
Fixes = tuple[Fix, ...]


@dataclass(frozen=True)
class _Batch:
    """One thing heard: events or positions."""

    events: News = ()
    fixes: Fixes = ()


class Following:
    """The news of one journal since it was subscribed to, those of every console on its store.

    ``on_news`` is called, from any thread, when there is something to take; what is taken never skips an
    event and never gives one twice, whatever the journal repeats or leaves out.
    """

    def __init__(self, journal: Journal, on_news: Callable[[], None]) -> None:
        self.journal = journal
        self._on_news = on_news
        self._heard: deque[_Batch] = deque()
        self._leave = (journal.subscribe(self._events), journal.subscribe_fixes(self._fixes))

    def __bool__(self) -> bool:
        """Tell whether there is something to take."""
        return bool(self._heard)

    def leave(self) -> None:
        """Hear no more of this journal; what was heard and not taken is dropped."""
        for leave in self._leave:
            leave()
        self._heard.clear()

    def add(self, events: News) -> None:
        """Take events in that were read rather than heard."""
        if events:
            self._heard.append(_Batch(events=events))

    def taken(self, seq: int) -> Iterator[tuple[News, Fixes]]:
        """Yield what is new after event ``seq``, in the order heard; a gap is filled from the journal.

        Raises StoreUnreachableError where a gap cannot be read now; what was heard is then kept.
        """
        while self._heard:
            batch = self._heard[0]
            fresh = tuple(sorted((one for one in batch.events if one.seq > seq), key=lambda one: one.seq))
            if fresh and [one.seq for one in fresh] != list(range(seq + 1, seq + 1 + len(fresh))):
                fresh = tuple(self.journal.read(after_seq=seq))
            if fresh:
                seq = fresh[-1].seq
            self._heard.popleft()
            if fresh or batch.fixes:
                yield fresh, batch.fixes

    def _events(self, events: News) -> None:
        self._heard.append(_Batch(events=events))
        self._on_news()

    def _fixes(self, fixes: Fixes) -> None:
        self._heard.append(_Batch(fixes=fixes))
        self._on_news()
