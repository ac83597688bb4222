"""Reads a stream as a server would send it: by hand, so that a test decides how fast."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from console.api.openapi import API_PATH
from tests.console.api.caller import Caller


class Reader:
    """One open stream; ``text`` is what arrived, ``taking`` whether more is taken in."""

    def __init__(self, caller: Caller, query: str = "", headers: dict[str, str] | None = None) -> None:
        self.text = ""
        self.status = 0
        self.is_over = False
        self.taking = asyncio.Event()
        self.taking.set()
        self._arrived = asyncio.Event()
        self._left = asyncio.Event()
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": f"{API_PATH}/stream",
            "raw_path": f"{API_PATH}/stream".encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "server": ("console", 80),
        }
        self.task = asyncio.ensure_future(caller(self.scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        await self.taking.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self.text += message.get("body", b"").decode()
        self.is_over = not message.get("more_body", False)
        self._arrived.set()

    def frames(self) -> list[dict[str, Any]]:
        """Return what arrived: each with ``event``, ``data`` and, where it has one, ``id``."""
        found = []
        for block in self.text.split("\n\n"):
            lines = [line.partition(": ") for line in block.splitlines() if line and not line.startswith(":")]
            if lines:
                one: dict[str, Any] = {name: value for name, _, value in lines}
                found.append({**one, "data": json.loads(one["data"])})
        return found

    def seqs(self) -> list[int]:
        return [int(one["id"]) for one in self.frames() if one["event"] == "event"]

    async def until(self, holds: Callable[[Reader], bool]) -> None:
        """Wait until something holds; fails after ten seconds."""
        async with asyncio.timeout(10):
            while not holds(self):
                self._arrived.clear()
                await self._arrived.wait()

    async def leave(self) -> None:
        """Close the connection from the reader's side."""
        self._left.set()
        async with asyncio.timeout(10):
            await self.task
