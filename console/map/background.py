"""Slow answers of the network, worked out off the server's loop and kept for the process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

log = logging.getLogger(__name__)


class KeptAnswers:
    """Answers by key, the oldest let go beyond ``most``; one thread works them out one after the other."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Hashable, Any] = {}
        self._running: dict[Hashable, Future[Any]] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="map")

    def get(self, key: Hashable, work: Callable[[], Any], when_done: Callable[[], None] | None = None) -> Any:
        """Return the answer if it is there, else None and start the work; ``when_done`` is called in its thread.

        Without ``when_done`` the work is done at once and its answer returned. Work that fails is logged,
        and its answer stays None until the key changes.
        """
        with self._lock:
            if key in self._kept:
                return self._kept[key]
            if when_done is not None:
                future = self._running.get(key)
                if future is None:
                    future = self._running[key] = self._pool.submit(self._work, key, work)
                future.add_done_callback(lambda _: when_done())
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
            self._running.pop(key, None)
        return answer
