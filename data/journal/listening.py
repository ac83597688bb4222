"""Listeners of a journal: entering, leaving, and telling them so that none can hurt the writer."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

_TURN_LIMIT_S = 1.0


def enlisted(listeners: list[Any], listener: Any) -> Callable[[], None]:
    """Add a listener and return the function that takes it off again; that may be called twice."""
    listeners.append(listener)

    def leave() -> None:
        if listener in listeners:
            listeners.remove(listener)

    return leave


def tell(listeners: list[Any], news: tuple[Any, ...]) -> None:
    """Call each listener with news that is already written: a listener's fault must not undo that for the writer."""
    if not news:
        return
    for listener in list(listeners):
        try:
            listener(news)
        except Exception:
            logging.getLogger(__name__).exception("A listener failed on news of the journal")


class OrderedNews:
    """Tells listeners of news in the order it was put in, from whichever writer comes by.

    A writer puts its news in under the lock it writes with and calls ``tell`` without it. A listener may write:
    that news follows once all have heard what it was told. A listener must not wait for a lock that a writer
    holds; where one does, the writer goes on after a second at most and the news is told later, still in order.
    """

    def __init__(self) -> None:
        self.listeners: list[Any] = []
        self._waiting: deque[tuple[Any, ...]] = deque()
        self._turn = threading.Lock()
        self._teller = 0

    def put(self, news: tuple[Any, ...]) -> None:
        """Line news up."""
        self._waiting.append(news)

    def tell(self, within_s: float = _TURN_LIMIT_S) -> None:
        """Tell what is lined up, once whoever is telling now has done; left to that one where it takes longer."""
        me = threading.get_ident()
        if self._teller == me or not self._turn.acquire(timeout=min(within_s, _TURN_LIMIT_S)):
            return
        try:
            self._teller = me
            while self._waiting:
                tell(self.listeners, self._waiting.popleft())
        finally:
            self._teller = 0
            self._turn.release()
