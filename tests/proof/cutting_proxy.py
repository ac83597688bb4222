"""A line to a PostgreSQL server that is cut at COMMIT, as a pulled cable would, by a seeded chance."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections import Counter
from pathlib import Path

# before: the server never hears the COMMIT. after: it does, and nobody hears the answer.
# late: the client is cut off at once, and the COMMIT arrives while it is already trying again.
_KINDS = ("before", "after", "late")
_LATE_S = 0.15


class CuttingProxy:
    """Listens on a port of 127.0.0.1 and passes everything on to a server's socket, but for what it cuts.

    ``cuts`` counts them by kind.
    """

    def __init__(self, upstream: Path, *, seed: int, share: float) -> None:
        self._upstream, self._share = upstream, share
        self._chance, self._lock = random.Random(seed), threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts: Counter[str] = Counter()
        self._threads: list[threading.Thread] = []
        self._lines: list[socket.socket] = []

    def __enter__(self) -> CuttingProxy:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        _hang_up(*self._lines)
        for thread in self._threads:
            thread.join(5)

    def _run(self, work: object, *words: object) -> None:
        thread = threading.Thread(target=work, args=words, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._upstream))
                self._lines += [client, server]
                self._run(self._pass_on, client, server)
                self._run(self._pass_back, server, client)

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _hang_up(server, client)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                kind = self._drawn() if b"COMMIT" in data else None
                if kind == "late":
                    _hang_up(client)
                    time.sleep(_LATE_S)
                if kind != "before":
                    server.sendall(data)
                if kind:
                    break
        _hang_up(client)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)  # what was sent still arrives

    def _drawn(self) -> str | None:
        with self._lock:
            if self._chance.random() >= self._share:
                return None
            kind = self._chance.choice(_KINDS)
            self.cuts[kind] += 1
            return kind


def _hang_up(*lines: socket.socket) -> None:
    for line in lines:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()
