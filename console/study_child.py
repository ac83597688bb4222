"""The process that works out studies: one after the other, cancelled between the steps of its work."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from data.errors import TongzhouError
from data.situation import Situation
from data.text import Text

if TYPE_CHECKING:
    from data.array_cache import ArrayCache
    from data.geography import Region
    from routing.network.network import Network

# Behind the page, beside the solver of plans.
NICENESS = 5
# Better answers are shown at most this often.
TELL_EVERY_S = 0.5
Kept = TypeVar("Kept")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ask:
    """One study to work out; ``work`` is 'module:function', ``given`` its further arguments."""

    number: int
    work: str
    situation: Situation
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Drop:
    """A study nobody looks at any more."""

    number: int


@dataclass(frozen=True)
class Found:
    """What a study has come to, better answers after the first while ``last`` is False."""

    number: int
    value: Any
    took_s: float
    last: bool


@dataclass(frozen=True)
class Failed:
    """A study that could not be worked out, and why in words; ``text`` None where it was dropped."""

    number: int
    text: Text | None


class DroppedError(Exception):
    """Ends a study that nobody looks at any more."""


class Bench:
    """What a study works with: the region the console serves, its network once the first study asks for it."""

    def __init__(self, region: Region, cache_folder: Path, desk: _Desk) -> None:
        self.region, self._cache_folder, self._desk = region, cache_folder, desk
        self._kept: dict[str, Any] = {}
        self._told_s = -TELL_EVERY_S

    @cached_property
    def cache(self) -> ArrayCache:
        """The arrays kept on disk."""
        from data.array_cache import ArrayCache

        return ArrayCache(self._cache_folder)

    @cached_property
    def network(self) -> Network:
        """Its network, from the cache where it lies there."""
        from routing.network.network import Network

        return Network.build(self.region, self.cache)

    def keep(self, name: str, make: Callable[[], Kept]) -> Kept:
        """Return what was made under a name before, or make it now: what does not change with the situation."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]  # type: ignore[no-any-return]

    def cancelled(self) -> bool:
        """Tell whether nobody looks at the study under way any more."""
        return self._desk.is_dropped()

    def tell(self, value: Any) -> None:
        """Show an answer that will still be bettered, unless one was shown just before or nobody looks any more."""
        if not self.cancelled() and perf_counter() - self._told_s >= TELL_EVERY_S:
            self._told_s = perf_counter()
            self._desk.say_found(value, last=False)


class _Desk:
    """The queue of the process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._waiting: deque[Ask] = deque()
        self._dropped: set[int] = set()
        self._now: Ask | None = None
        self._begun_s = 0.0
        self.over = False

    def run(self, bench: Bench) -> None:
        """Work until the console is gone."""
        while not self.over:
            self._listen(None if not self._waiting else 0.0)
            if self._waiting and not self.over:
                self._work(self._waiting.popleft(), bench)

    def is_dropped(self) -> bool:
        """Tell whether the study under way was dropped meanwhile."""
        self._listen(0.0)
        return self.over or (self._now is not None and self._now.number in self._dropped)

    def say_found(self, value: Any, *, last: bool) -> None:
        """Send an answer of the study under way."""
        if self._now is not None:
            self._say(Found(self._now.number, value, perf_counter() - self._begun_s, last))

    def _listen(self, wait_s: float | None) -> None:
        try:
            while not self.over and self._pipe.poll(wait_s):
                message = self._pipe.recv()
                if isinstance(message, Ask):
                    self._waiting.append(message)
                elif isinstance(message, Drop):
                    self._dropped.add(message.number)
                wait_s = 0.0
        except (EOFError, OSError):
            self.over = True

    def _work(self, ask: Ask, bench: Bench) -> None:
        self._now, self._begun_s = ask, perf_counter()
        try:
            if self.is_dropped():
                raise DroppedError
            module, _, function = ask.work.partition(":")
            value = getattr(import_module(module), function)(bench, ask.situation, **ask.given)
            self.say_found(value, last=True)
        except DroppedError:
            self._say(Failed(ask.number, None))
        except TongzhouError as error:
            self._say(Failed(ask.number, error.text or Text(str(error), str(error))))
        except Exception as error:
            log.exception("the study %s could not be worked out", ask.work)
            name = type(error).__name__
            self._say(
                Failed(
                    ask.number,
                    Text(
                        f"计算中出现内部错误（{name}），已写入日志。条件变化后会重新计算；如再次出现，请上报。",
                        f"An internal error ({name}) stopped it and is in the log. It is worked out again when "
                        "something changes; report it if it comes back.",
                    ),
                )
            )
        finally:
            self._dropped.discard(ask.number)
            self._now = None

    def _say(self, message: Found | Failed) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send(message)


def serve(pipe: Connection, region: Region, cache_folder: Path) -> None:
    """Run the process until the console closes the pipe; Ctrl-C is the console's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICENESS)
    desk = _Desk(pipe)
    desk.run(Bench(region, cache_folder, desk))
    # Nothing here is left to save, and the solver libraries take seconds to wind down: the console must not wait.
    logging.shutdown()
    os._exit(0)
