"""Who is told what happens in a world, always in the server's loop, and the way into that loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, TypeVar

from console.health import Answer, Health
from data.errors import CommandRefusedError, worded
from data.journal.events import Recorded
from data.journal.interface import Fix
from data.journal.listening import enlisted

_log = logging.getLogger(__name__)
Listener = Callable[[tuple[Recorded, ...]], None]
FixListener = Callable[[tuple[Fix, ...]], None]
HealthListener = Callable[[Health, Health], None]
AnswerListener = Callable[[Answer], None]
End = Callable[[], None]
Given = TypeVar("Given")
CALL_LIMIT_S = 30.0  # another thread waits no longer than this for its turn in the loop


class Audience:
    """The listeners of one world. Where no loop runs, as in a test, they are called at once."""

    def __init__(self) -> None:
        self._events: list[Listener] = []
        self._fixes: list[FixListener] = []
        self._healths: list[HealthListener] = []
        self._answers: list[AnswerListener] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0

    def subscribe(self, listener: Listener) -> End:
        """Call the listener in the server's loop with each event once; returns the function that ends it."""
        return enlisted(self._events, listener)

    def subscribe_fixes(self, listener: FixListener) -> End:
        """Call the listener with each batch of new positions; returns the function that ends it."""
        return enlisted(self._fixes, listener)

    def subscribe_health(self, listener: HealthListener) -> End:
        """Call the listener with the health before and after each change; returns the function that ends it."""
        return enlisted(self._healths, listener)

    def subscribe_answers(self, listener: AnswerListener) -> End:
        """Call the listener with what is found about commands of unknown outcome; returns the function to end it."""
        return enlisted(self._answers, listener)

    def enter_loop(self) -> None:
        """From now on listeners are called in the loop that runs here."""
        self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()

    def leave_loop(self) -> None:
        """The loop is about to end."""
        self._loop = None

    def in_executor(self, task: Callable[..., None], *given: Any) -> None:
        """Do a task in another thread; not at all where there is no loop."""
        if self._loop is not None:
            self._loop.run_in_executor(None, task, *given)

    def call_in_loop(self, task: Callable[[], None]) -> None:
        """Run a task in the server's loop, from whatever thread; at once where there is no loop."""
        loop = self._loop
        if loop is not None and threading.get_ident() != self._loop_thread:
            with suppress(RuntimeError):  # the loop closed while the server was stopping
                loop.call_soon_threadsafe(task)
            return
        task()

    def answer_of(self, task: Callable[[], Given]) -> Given:
        """Do a task in the server's loop and return what it gives, from whatever thread.

        Raises CommandRefusedError where the loop does not come to it in time; it is then never done.
        """
        loop = self._loop
        if loop is None or threading.get_ident() == self._loop_thread:
            return task()
        given: Future[Given] = Future()

        def do() -> None:
            if not given.set_running_or_notify_cancel():
                return
            try:
                given.set_result(task())
            except BaseException as error:
                given.set_exception(error)

        try:
            loop.call_soon_threadsafe(do)
        except RuntimeError as error:  # the loop closed while the server was stopping
            raise _not_done() from error
        if not wait((given,), CALL_LIMIT_S).done and given.cancel():
            raise _not_done()
        return given.result()  # once begun it may be recorded, so its outcome has to be heard

    def tell(self, events: tuple[Recorded, ...], fixes: tuple[Fix, ...]) -> None:
        """Tell of events and positions."""
        if events:
            self._call(self._events, events)
        if fixes:
            self._call(self._fixes, fixes)

    def tell_health(self, before: Health, after: Health) -> None:
        """Tell of a change of the store's health."""
        self._call(self._healths, before, after)

    def tell_answer(self, answer: Answer) -> None:
        """Tell what was found about a command."""
        self._call(self._answers, answer)

    def _call(self, listeners: list[Any], *news: Any) -> None:
        current = list(listeners)
        self.call_in_loop(lambda: _call_each(current, news))


def _not_done() -> CommandRefusedError:
    return worded(
        CommandRefusedError("The console is too busy, or is stopping: this was not done. Try again."),
        zh="指挥台过于繁忙或正在停止，未执行。请重试。",
    )


def _call_each(listeners: list[Any], news: tuple[Any, ...]) -> None:
    for listener in listeners:
        try:
            listener(*news)
        except Exception:  # one seat's fault must not keep the news from the others
            _log.exception("A view failed on news of the world")
