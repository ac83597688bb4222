"""Repairs of bokeh-fastapi 0.1.8, until Panel moves to Bokeh's own ASGI server.

A test fails on any other version: look then whether each repair is still needed.
1. The receive loop never saw a quiet client leave, so its session was never destroyed.
2. Close codes 10000 and 10001 are not legal websocket codes.
3. Two coroutines could write into one message's frames.
4. A session that fails to open left its socket open and silent.
5. A page that said goodbye kept its session as long as one that lost its socket.
6. The token's life was fixed at 300 s: a page older than that never came back after a dropped socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any

import panel.io.fastapi as panel_fastapi
from bokeh_fastapi.handler import WSHandler
from starlette.websockets import WebSocketDisconnect

REPAIRED_VERSION = "0.1.8"
SAID_GOODBYE = frozenset({1000, 1001})  # a tab closed or reloaded never comes back for this page; a lost socket does
log = logging.getLogger(__name__)


async def _receive_loop(self: Any) -> None:
    while True:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            self.on_close(received.get("code", 1006), received.get("reason") or "")
            return
        fragment = received.get("text")
        message = await self._receive(received.get("bytes") if fragment is None else fragment)
        if not message:
            continue
        try:
            if work := await self._handle(message):
                await self.send_message(work)
        except Exception:
            log.exception("a page's message could not be handled")
            await self._internal_error("server failed to handle a message")
            return


def _on_close(self: Any, code: int, reason: str) -> None:
    connection, self.connection = self.connection, None
    if connection is None:
        return
    if code in SAID_GOODBYE:
        connection.session.request_expiration()
    self.application.client_lost(connection)


async def _close(self: Any, code: int, reason: str) -> None:
    with contextlib.suppress(RuntimeError):  # the other side was faster
        await self._socket.close(code, reason[:120])
    self.on_close(code, reason)


async def _internal_error(self: Any, message: str) -> None:
    await _close(self, 1011, message)


async def _protocol_error(self: Any, message: str) -> None:
    await _close(self, 1002, message)


async def _send_message(self: Any, message: Any) -> int:
    lock = self.__dict__.setdefault("_write_lock", asyncio.Lock())
    sent = 0
    async with lock:
        if self._socket.application_state.name != "CONNECTED":
            return sent
        try:
            for text in (message.header_json, message.metadata_json, message.content_json):
                await self._socket.send_text(text)
                sent += len(text)
            for buffer in message._buffers:
                header, payload = json.dumps(buffer.ref), buffer.to_bytes()
                await self._socket.send_text(header)
                await self._socket.send_bytes(payload)
                sent += len(header) + len(payload)
        except (WebSocketDisconnect, RuntimeError):
            self.on_close(1006, "gone while being written to")
    return sent


def repair(token_life_s: int) -> None:
    """Put the repairs in place; may be called again with another token life."""
    opened = getattr(WSHandler._async_open, "repaired_from", WSHandler._async_open)

    async def _async_open(self: Any, socket: Any, token: str) -> None:
        try:
            await opened(self, socket, token)
        except Exception:
            log.exception("a page's session could not be opened")
            await _internal_error(self, "session could not be opened")
            raise

    _async_open.repaired_from = opened  # type: ignore[attr-defined]
    signed = getattr(panel_fastapi.generate_jwt_token, "repaired_from", panel_fastapi.generate_jwt_token)

    def generate_jwt_token(*args: Any, **kwargs: Any) -> str:
        if kwargs.get("expiration") == 300:
            kwargs["expiration"] = token_life_s
        return signed(*args, **kwargs)

    generate_jwt_token.repaired_from = signed  # type: ignore[attr-defined]
    panel_fastapi.generate_jwt_token = generate_jwt_token
    WSHandler._async_open = _async_open
    WSHandler._receive_loop = _receive_loop
    WSHandler.on_close = _on_close
    WSHandler._internal_error = _internal_error
    WSHandler._protocol_error = _protocol_error
    WSHandler.send_message = _send_message
