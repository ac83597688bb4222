"""The outermost gate: every request and every websocket passes here before anything else sees it."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from console.door.headers import safe_headers
from console.door.logins import Login, LoginDesk
from console.door.pages import DoorPage, door_page
from console.door.paths import names_a_session, need_of
from console.door.tokens import why_refused

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)
SAFE_METHODS = frozenset({"GET", "HEAD"})


class Gate:
    """ASGI app around the console: default deny, our own hosts and origins only.

    ``origins`` are the exact page origins, e.g. ``http://127.0.0.1:5006``; the Host header must be one of their hosts.
    """

    def __init__(
        self, app: App, desk: LoginDesk, *, origins: tuple[str, ...], cookie_name: str, secret_key: bytes
    ) -> None:
        self._app, self._desk = app, desk
        self._origins = frozenset(origins)
        self._hosts = frozenset(origin.split("://", 1)[1] for origin in origins)
        self._ws_origins = tuple(origin.replace("http", "ws", 1) for origin in origins)
        self._cookie_name, self._secret_key = cookie_name, secret_key

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] == "http":
            await self._http(scope, receive, self._with_headers(scope["path"], send))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _with_headers(self, path: str, send: Send) -> Send:
        added = safe_headers(path, self._ws_origins)
        replaced = {name for name, _ in added} | {b"server"}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in replaced]
                message = {**message, "headers": kept + added}
            await send(message)

        return send_with_headers

    def _login(self, headers: dict[str, str]) -> Login | None:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._cookie_name)
        except CookieError:
            return None
        return self._desk.find(morsel.value if morsel else None, time.time())

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        path = scope["path"]
        need = need_of(scope["method"], path)
        login = self._login(headers)
        if headers.get("host") not in self._hosts:
            await _answer(scope, send, "wrong_host")
        elif names_a_session(scope["query_string"].decode("latin-1"), set(headers)):
            await _answer(scope, send, "refused")
        elif need != "nobody" and login is None:
            await _answer(scope, send, "not_logged_in")
        elif need == "refused":
            await _answer(scope, send, "not_found")
        elif scope["method"] not in SAFE_METHODS and not self._is_own(headers):
            await _answer(scope, send, "refused")
        else:
            scope["login"] = login
            await self._app(scope, receive, send)

    def _is_own(self, headers: dict[str, str]) -> bool:
        """A request that changes something must come from our own page."""
        if origin := headers.get("origin"):
            return origin in self._origins
        return headers.get("sec-fetch-site") == "same-origin"

    def _why_no_websocket(self, scope: Message, headers: dict[str, str], login: Login | None) -> str | None:
        if headers.get("host") not in self._hosts:
            return "wrong host"
        if headers.get("origin") not in self._origins:
            return "wrong origin"
        if names_a_session(scope["query_string"].decode("latin-1"), set(headers)):
            return "names a session"
        if need_of("WEBSOCKET", scope["path"]) != "login" or login is None:
            return "no login"
        protocols = scope.get("subprotocols") or []
        if len(protocols) != 2 or protocols[0] != "bokeh":
            return "no token"
        return why_refused(protocols[1], scope["path"], login, self._desk, self._secret_key, time.time())

    async def _websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        login = self._login(headers)
        why = self._why_no_websocket(scope, headers, login)
        if why is not None or login is None:
            log.warning("websocket refused: %s", why)
            await receive()
            await send({"type": "websocket.close", "code": 4403})  # before accept: the server answers 403
            return
        closed = False

        async def guarded_send(message: Message) -> None:
            nonlocal closed
            if closed:
                return
            closed = message["type"] == "websocket.close"
            await send(message)

        async def close(code: int) -> None:
            await guarded_send({"type": "websocket.close", "code": code})

        forget = self._desk.socket_opened(login, close)
        try:
            await self._app(scope, receive, guarded_send)
        finally:
            forget()


def _headers(scope: Message) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def _answer(scope: Message, send: Send, page: DoorPage) -> None:
    status, content_type, body = door_page(page, as_json=scope["path"].startswith("/api/"))
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
