"""Keep a process that bounds deployments by columns on a core of its own, started once and warm after that."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from routing.deploy.prover_messages import Begin, Better, Ended, Found, Raised, Stop

if TYPE_CHECKING:
    from routing.deploy.columns.engine import ColumnTask
    from routing.deploy.draft import Candidate

Heard = Callable[[Raised | Found | Ended | None], None]
STOP_WAIT_S = 2.0


class ProverTask:
    """A task under way; ``close`` ends it. Messages come from a reader thread, None last where the process died."""

    def __init__(self, prover: Prover, number: int) -> None:
        self._prover, self._number = prover, number

    def better(self, plan: Candidate) -> None:
        """Tell of a better plan."""
        self._prover.send(Better(self._number, plan))

    def close(self) -> None:
        """End the task; nothing more is heard of it."""
        self._prover.end(self._number)


class Prover:
    """The process and what it is working on; one task at a time, a new one ends the one before."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._number = 0
        self._heard: Heard | None = None

    @property
    def process_id(self) -> int | None:
        """The process, None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> bool:
        """Start the process and return at once; says whether there is one. A second call does nothing while it lives.

        Only where handles can be handed to a child: elsewhere there is none, and bounds are worked out in line.
        """
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return True
            if os.name != "posix":
                return False
            ours, theirs = Pipe(duplex=True)
            words = [sys.executable, "-m", "routing.deploy.prover_child", str(theirs.fileno())]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            self._process = subprocess.Popen(
                words, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
            theirs.close()
            self._pipe = ours
            threading.Thread(target=self._read, args=(ours,), name="prover-replies", daemon=True).start()
            return True

    def begin(self, task: ColumnTask, heard: Heard) -> ProverTask | None:
        """Begin a task, or return None where there is no process."""
        with self._lock:
            if not self.start():
                return None
            self._number += 1
            self._heard = heard
            return ProverTask(self, self._number) if self.send(Begin(self._number, task)) else None

    def send(self, message: Begin | Better | Stop) -> bool:
        """Send a message; says whether the process was there to take it."""
        with self._lock:
            if self._pipe is None:
                return False
            try:
                self._pipe.send(message)
            except OSError:
                return False
            return True

    def end(self, number: int) -> None:
        """End a task by its number."""
        with self._lock:
            if number == self._number:
                self._heard = None
                self.send(Stop(number))

    def stop(self) -> None:
        """End the process; its reader sees the pipe end and closes it."""
        with self._lock:
            process = self._process
            self._process = self._pipe = self._heard = None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _read(self, pipe: Connection) -> None:
        while True:
            try:
                message = pipe.recv()
            except (EOFError, OSError):
                message = None
            with self._lock:
                heard = self._heard if pipe is self._pipe else None
                is_own = message is None or message.number == self._number
                gone = None
                if message is None and pipe is self._pipe:
                    gone = self._process
                    self._pipe = self._process = self._heard = None
            if heard is not None and is_own:
                heard(message)
            if message is None:
                pipe.close()
                if gone is not None:
                    gone.wait()
                return


PROVER = Prover()
atexit.register(PROVER.stop)
