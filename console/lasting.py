"""A fault that lasts is said once, and once more when it is over: a log that repeats itself hides what is new."""

from __future__ import annotations

import logging
import threading
from collections.abc import Hashable

Name = Hashable


class Lasting:
    """The faults that stand now, each under the name of what met it; from any thread."""

    def __init__(self, log: logging.Logger, over: str) -> None:
        """Say faults to ``log``, and ``over`` when none of them stands any more."""
        self._log, self._over = log, over
        self._standing: dict[Name, str] = {}
        self._lock = threading.Lock()

    def met(self, name: Name, words: str, error: Exception, *, expected: bool) -> None:
        """Say a fault if it is new; an unexpected one with its traceback, and again where it becomes another."""
        kind = "" if expected else repr(error)
        with self._lock:
            is_new = self._standing.get(name) != kind
            self._standing[name] = kind
        if not is_new:
            return
        if expected:
            self._log.warning("%s: %s", words, error)
        else:
            self._log.error(words, exc_info=error)

    def passed(self, *names: Name) -> None:
        """Note that these went well; says so where nothing is left of what was said."""
        with self._lock:
            before = bool(self._standing)
            for name in names:
                self._standing.pop(name, None)
            is_over = before and not self._standing
        if is_over:
            self._log.warning(self._over)
