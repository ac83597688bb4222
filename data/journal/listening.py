"""Listeners of a journal: entering, leaving, and telling them so that none can hurt the writer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any


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
