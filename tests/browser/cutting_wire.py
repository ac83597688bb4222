"""The wire between a browser and its console: passed on byte by byte until it is cut."""

from __future__ import annotations

import contextlib
import socket
import threading

UPGRADE = b"Upgrade: websocket\r\n"  # as a browser asks for one


class Wire:
    """Listens on a loopback port and passes everything on to another.

    ``cut`` drops all and takes nothing new, ``cut_sockets`` only websockets; ``mend`` passes everything on again.
    """

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._upgraded: set[socket.socket] = set()
        self._takes_sockets = True
        self._whole = threading.Event()
        self._whole.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Drop every connection and every new one."""
        self._whole.clear()
        for one in tuple(self._open):
            self._drop(one)

    def cut_sockets(self) -> None:
        """Drop every websocket and every new one; pages and files still come through."""
        self._takes_sockets = False
        for one in tuple(self._upgraded):
            self._drop(one)

    def mend(self) -> None:
        """Pass on again what comes from now on."""
        self._takes_sockets = True
        self._whole.set()

    def close(self) -> None:
        """Stop for good."""
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to_port)) if self._whole.is_set() else None
            except OSError:
                far = None
            if far is None:
                near.close()
                continue
            self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if UPGRADE in data:
                    self._upgraded.add(source)
                    if not self._takes_sockets:
                        break
                sink.sendall(data)
        self._drop(source)
        self._drop(sink)

    def _drop(self, one: socket.socket) -> None:
        self._open.discard(one)
        self._upgraded.discard(one)
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
