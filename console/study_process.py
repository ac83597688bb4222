"""The child process of the studies as the console holds it: started when first asked, replaced when it has died."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue

from console.paths import cache_folder
from console.study_child import Ask, Drop, Failed, Found, serve
from data.geography import Region
from data.text import Text

log = logging.getLogger(__name__)
DIED = Text(
    "计算进程意外退出，未算完。条件变化后会重新计算。",
    "The process working it out ended unexpectedly. It is worked out again when something changes.",
)


class StudyProcess:
    """Sends studies to the child and tells what comes back.

    ``on_message`` is called from a thread of this class: hand over to your own loop at once. Sending never waits for
    the child, which reads only between the steps of its work.
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self.on_message: Callable[[Found | Failed], None] = lambda message: None
        self._outbox: SimpleQueue[Ask | Drop | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._lock = threading.Lock()
        self._open: set[int] = set()

    @property
    def process_id(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._process.pid if self._process is not None else None

    def send(self, message: Ask | Drop) -> None:
        """Hand a message to the child, which is started by the first study."""
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="study-requests", daemon=True)
            self._writer.start()
        self._outbox.put(message)

    def close(self) -> None:
        """End the child; what it works on is lost."""
        self._outbox.put(None)
        with self._lock:
            process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
            self._open.clear()
        if process is not None and process.is_alive():
            process.terminate()
            process.join(2.0)
        if pipe is not None:
            pipe.close()

    def _write(self) -> None:
        while (message := self._outbox.get()) is not None:
            if isinstance(message, Ask):
                with self._lock:
                    self._open.add(message.number)
                    if self._process is None or not self._process.is_alive():
                        self._start()
            pipe = self._pipe
            with suppress(OSError):  # its reader says that it is gone
                if pipe is not None:
                    pipe.send(message)

    def _start(self) -> None:
        context = get_context("spawn")
        ours, theirs = context.Pipe(duplex=True)
        process = context.Process(
            target=serve, args=(theirs, self._region, cache_folder()), name="tongzhou-studies", daemon=True
        )
        process.start()
        theirs.close()  # or the reader would never see the end of file when the child dies
        self._process, self._pipe = process, ours
        threading.Thread(target=self._read, args=(process, ours), name="study-replies", daemon=True).start()

    def _read(self, process: BaseProcess, pipe: Connection) -> None:
        """Hand on what the child says; when it is gone, what it worked on has failed."""
        while True:
            try:
                message = pipe.recv()
            except (EOFError, OSError):
                break
            except Exception:
                log.exception("an answer of a study could not be read")
                continue
            if isinstance(message, Failed) or message.last:
                self._open.discard(message.number)
            self._tell(message)
        with self._lock:
            if process is not self._process:
                return
            self._process = self._pipe = None
            lost, self._open = self._open, set()
        for number in lost:
            self._tell(Failed(number, DIED))

    def _tell(self, message: Found | Failed) -> None:
        try:
            self.on_message(message)
        except Exception:  # a listener's fault must not end the reader
            log.exception("an answer of a study could not be taken over")
