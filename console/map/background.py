"""Slow answers of the network, worked out off the server's loop and kept for the process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

log = logging.getLogger(__name__)


class KeptAnswers:
    """Answers by key, the oldest let go beyond ``most``; one thread works them out one after the other.

    The thread is a daemon: a server that stops does not wait for an answer nobody will see.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Hashable, Any] = {}
        self._waiting: dict[Hashable, list[Callable[[], None]]] = {}
        self._lock = Lock()
        self._queue: SimpleQueue[tuple[Hashable, Callable[[], Any]]] = SimpleQueue()
        self._thread: Thread | None = None

    def get(self, key: Hashable, work: Callable[[], Any], when_done: Callable[[], None] | None = None) -> Any:
        """Return the answer if it is there, else None and start the work; ``when_done`` is called in its thread.

        Without ``when_done`` the work is done at once and its answer returned. Work that fails is logged,
        and its answer stays None until the key changes.
        """
        with self._lock:
            if key in self._kept:
                return self._kept[key]
            if when_done is not None:
                if key not in self._waiting:
                    self._queue.put((key, work))
                self._waiting.setdefault(key, []).append(when_done)
                if self._thread is None:
                    self._thread = Thread(target=self._work_on, name="map", daemon=True)
                    self._thread.start()
                return None
        return self._work(key, work)

    def _work(self, key: Hashable, work: Callable[[], Any]) -> Any:
        answer: Any = None
        try:
            answer = work()
        except Exception:
            log.exception("the map's %s could not be worked out", key)
        with self._lock:
            while len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = answer
            waiting = self._waiting.pop(key, ())
        for tell in waiting:
            try:
                tell()
            except Exception:  # a page that is gone must not end the thread
                log.exception("a map could not be told of %s", key)
        return answer

    def _work_on(self) -> None:
        while True:
            self._work(*self._queue.get())
