"""Who may change a world's picture now, when what is heard is folded in, and when views are told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from console.follow import Fixes, News


class Turns:
    """One holder at a time; what is heard meanwhile is folded in by the holder, and views are told at the end.

    ``fold`` folds in what was heard, adds it to ``untold`` and returns False where that cannot be done now;
    ``is_behind`` tells whether something was heard that is not folded; ``tell`` tells the views.
    """

    def __init__(
        self, fold: Callable[[], bool], is_behind: Callable[[], bool], tell: Callable[[News, Fixes], None]
    ) -> None:
        self._fold, self._is_behind, self._tell = fold, is_behind, tell
        self.untold: list[tuple[News, Fixes]] = []
        self.lock = threading.RLock()
        self._held = False

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold the world; the outermost holder takes in what was heard when it is done."""
        within = True
        try:
            with self.lock:
                within, self._held = self._held, True
                try:
                    yield
                finally:
                    self._held = within
        finally:
            if not within:
                self.take_in()

    def take_in(self) -> None:
        """Fold in what was heard and tell the views; where somebody holds the world, that one does it afterwards.

        Never waits: the caller may be the journal, holding what the world's holder is waiting for.
        """
        whole = True
        while whole and not self._held and (self._is_behind() or self.untold) and self.lock.acquire(blocking=False):
            try:
                whole = self._fold()
                told, self.untold = self.untold, []
            finally:
                self.lock.release()
            for events, fixes in told:
                self._tell(events, fixes)
