"""The outermost gate: every request and every websocket passes here before anything else sees it."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

from console.auth.notes import NoteAccess, note_nothing, token_refused
from console.door.bodies import Message, Receive, Send, announces_more, cut_off, max_body_bytes, within_s
from console.door.cookies import Cookies, sent_cookie
from console.door.headers import safe_headers
from console.door.limits import Limits, Network, caller_of
from console.door.logins import Login, LoginDesk
from console.door.pages import DoorPage, door_page
from console.door.paths import Need, names_a_session, need_of
from console.door.tokens import why_refused
from data.roles import Principal

App = Callable[[Message, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)
SAFE_METHODS = frozenset({"GET", "HEAD"})
TOO_LARGE = 1009  # the websocket close code of a message over the server's limit


class Gate:
    """ASGI app around the console: default deny, our own hosts and origins only.

    ``origins`` are the exact page origins, e.g. ``http://127.0.0.1:5006``; the Host header must be one of their
    hosts. ``trusted_proxies`` are believed about whom they speak for. What is let in carries ``scope["principal"]``,
    and ``scope["login"]`` where it came by cookie; every request carries ``scope["caller"]``, its address.
    """

    def __init__(
        self,
        app: App,
        desk: LoginDesk,
        *,
        origins: tuple[str, ...],
        cookies: Cookies,
        secret_key: bytes,
        limits: Limits | None = None,
        trusted_proxies: tuple[Network, ...] = (),
        note_access: NoteAccess = note_nothing,
    ) -> None:
        self._app, self._desk = app, desk
        self._origins = origins
        self._hosts = frozenset(origin.split("://", 1)[1] for origin in origins)
        self._cookies, self._secret_key = cookies, secret_key
        self._limits, self._trusted = limits or Limits(), trusted_proxies
        self._note = note_access

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] == "http":
            await self._http(scope, receive, self._with_headers(scope["path"], send))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _with_headers(self, path: str, send: Send) -> Send:
        added = safe_headers(path, self._origins)
        replaced = {name for name, _ in added} | {b"server"}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in replaced]
                message = {**message, "headers": kept + added}
            await send(message)

        return send_with_headers

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        scope["caller"] = caller_of(scope, headers, self._trusted)
        refusal, more = await self._why_refused(scope, headers)
        if refusal is not None:
            await _answer(scope, send, refusal, more)
            return
        limit = max_body_bytes(scope["path"])
        too_large = partial(_answer, scope, send, "too_large", {"connection": "close"})
        if announces_more(headers, limit):
            await too_large()
            return
        too_slow = partial(_answer, scope, send, "too_slow", {"connection": "close"})
        await self._app(scope, *cut_off(receive, send, limit, too_large, too_slow, within_s(limit)))

    async def _why_refused(self, scope: Message, headers: dict[str, str]) -> tuple[DoorPage | None, dict[str, str]]:
        """Return the page to answer with and headers to add; None lets the request in, with who asks in its scope."""
        path, method = scope["path"], scope["method"]
        if headers.get("host") not in self._hosts:
            return "wrong_host", {}
        if names_a_session(scope["query_string"].decode("latin-1"), set(headers)):
            return "refused", {}
        if wait_s := self._wait_s(method, path, scope["caller"]):
            return "too_many", {"retry-after": str(wait_s)}
        need = need_of(method, path)
        by_token = path.startswith("/api/") and "authorization" in headers
        if by_token:
            principal = await self._by_token(headers["authorization"])
            if principal is None and need != "nobody":
                return "not_logged_in_api", {"www-authenticate": 'Bearer error="invalid_token"'}
        else:
            scope["login"] = login = await self._login(headers)
            principal = login.principal if login is not None else None
        scope["principal"] = principal
        refusal = self._why_not_let_in(need, principal, method, headers, by_token, path)
        is_page = refusal is None and path == "/" and principal is not None
        if is_page and (wait_s := self._limits.page_wait_s(principal.name, time.monotonic())):
            return "too_many", {"retry-after": str(wait_s)}
        return refusal, {}

    def _why_not_let_in(
        self, need: Need, principal: Principal | None, method: str, headers: dict[str, str], by_token: bool, path: str
    ) -> DoorPage | None:
        if need != "nobody" and principal is None:
            return "not_logged_in_api" if path.startswith("/api/") else self._not_logged_in(headers)
        if need == "refused" or (by_token and need not in ("api", "nobody")):
            return "not_found"
        if need == "admin" and (principal is None or principal.role != "admin"):
            return "not_found"
        if method not in SAFE_METHODS and not by_token and not self._is_own(headers):
            return "refused"
        return None

    def _not_logged_in(self, headers: dict[str, str]) -> DoorPage:
        """Who brings the cookie of a login that is over is told so; whether it is, a store that is away cannot tell."""
        if sent_cookie(headers, self._cookies.name) and self._desk.answers(time.time()):
            return "ended_link" if self._desk.links else "ended"
        return "not_logged_in" if self._desk.links else "log_in"

    def _wait_s(self, method: str, path: str, caller: str) -> int:
        if path == "/login/provider":  # each takes one of the places there are for ways under way
            return self._limits.way_wait_s(caller, time.monotonic())
        if (method == "POST" and path in ("/login", "/password")) or path == "/login/answer":
            return self._limits.login_wait_s(caller, time.monotonic())
        if path.startswith("/api/"):
            return self._limits.api_wait_s(caller, time.monotonic())
        return 0

    async def _login(self, headers: dict[str, str]) -> Login | None:
        return await self._desk.seek(sent_cookie(headers, self._cookies.name), time.time())

    async def _by_token(self, authorization: str) -> Principal | None:
        kind, _, sent = authorization.partition(" ")
        principal = await self._desk.tokens.seek(sent.strip(), time.time()) if kind.lower() == "bearer" else None
        if principal is None:
            token_refused(self._note)
        return principal

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
        login = await self._login(headers)
        why = self._why_no_websocket(scope, headers, login)
        if why is not None or login is None:
            log.warning("websocket refused: %s", why)
            await receive()
            await send({"type": "websocket.close", "code": 4403})  # before accept: the server answers 403
            return
        scope["login"], scope["principal"] = login, login.principal
        closed = False

        async def guarded_send(message: Message) -> None:
            nonlocal closed
            if closed:
                return
            closed = message["type"] == "websocket.close"
            await send(message)

        async def close(code: int) -> None:
            await guarded_send({"type": "websocket.close", "code": code})

        async def watched() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect" and message.get("code") == TOO_LARGE:
                log.warning("a message of %s over the size allowed was refused and its socket closed", login.actor)
            return message

        forget = self._desk.socket_opened(login, close)
        try:
            await self._app(scope, watched, guarded_send)
        finally:
            forget()


def _headers(scope: Message) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def _answer(scope: Message, send: Send, page: DoorPage, more: dict[str, str]) -> None:
    status, content_type, body = door_page(page, as_json=scope["path"].startswith("/api/"))
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in more.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
