"""The proving process: bounds by columns and plans from them, one task at a time, until the pipe ends."""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing.connection import Connection

from routing.deploy.columns.engine import ColumnEngine, warm_up
from routing.deploy.draft import Candidate
from routing.deploy.prover_messages import Begin, Better, Ended, Found, Raised, Stop

NICENESS = 5


class _Desk:
    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._next: Begin | None = None
        self._better: Candidate | None = None
        self._number = 0
        self._is_over = False

    def run(self) -> None:
        """Work until the pipe ends."""
        while True:
            if self._next is None:
                self._take(self._pipe.recv())
                continue
            begin, self._next = self._next, None
            self._number, self._is_over, self._better = begin.number, False, None
            self._work(begin)

    def _work(self, begin: Begin) -> None:
        number = begin.number
        engine = ColumnEngine(
            begin.task,
            lambda bound: self._pipe.send(Raised(number, bound)),
            lambda plan: self._pipe.send(Found(number, plan)),
            lambda: self._look(engine),
        )
        bound = engine.run()
        self._pipe.send(Ended(number, bound, engine.bound.earliest))

    def _look(self, engine: ColumnEngine) -> bool:
        while self._pipe.poll():
            self._take(self._pipe.recv())
        if self._better is not None:
            engine.offer(self._better)
            self._better = None
        return self._is_over

    def _take(self, message: object) -> None:
        if isinstance(message, Begin):
            self._next, self._is_over = message, True
        elif isinstance(message, Better) and message.number == self._number:
            self._better = message.plan
        elif isinstance(message, Stop) and message.number == self._number:
            self._is_over = True
        elif isinstance(message, Stop) and self._next is not None and message.number == self._next.number:
            self._next = None


def main(handle: int) -> None:
    """Serve the pipe of a file handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asked; the pipe's end ends this process
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    warm_up()
    try:
        _Desk(Connection(handle)).run()
    except (EOFError, OSError):
        os._exit(0)  # whoever asked is gone; the solver libraries take long to wind down


if __name__ == "__main__":
    main(int(sys.argv[1]))
