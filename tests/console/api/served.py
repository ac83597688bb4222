"""The API on a real server, for real clients."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from tests.console.api.caller import Caller

TOKEN = "a-token-of-the-tests"


class TokenDoor:
    """Lets in who brings the token, in the name of the caller; everybody else comes as nobody."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            sent = dict(scope["headers"]).get(b"authorization", b"").decode()
            scope["principal"] = self._caller.principal() if sent == f"Bearer {TOKEN}" else None
        await self._caller.app(scope, receive, send)


@contextmanager
def served(caller: Caller) -> Iterator[str]:
    """Serve the API until the block ends, and give its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(TokenDoor(caller), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run([listening]), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
