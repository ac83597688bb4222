"""Panel pages, assets and health in one FastAPI application, with the gate around all of it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from panel.io.fastapi import add_applications
from starlette.exceptions import HTTPException

from console.assets import ASSET_TYPES, asset_names, read_asset
from console.auth.accounts_page import add_accounts_page
from console.auth.front import Front
from console.auth.login_routes import add_login, first_memory, let_in
from console.auth.notes import NoteAccess, logged_in, logged_out, note_nothing
from console.auth.oidc import Provider
from console.auth.oidc_routes import add_provider
from console.door import bokeh_fastapi_repairs
from console.door.cookies import Cookies
from console.door.gate import Gate
from console.door.identity import IdentityHandler
from console.door.limits import Limits, Network
from console.door.logins import SHIFT_S, LoginDesk
from console.door.pages import DoorPage, door_page, door_sheet, door_words
from console.theme import TOKENS
from data.situation import WorldMode
from data.text import Text

log = logging.getLogger(__name__)
BY_LINK = Text("登录链接", "login link")
SESSION_KEPT_MS = 600_000  # a page that lost its socket finds its session again for ten minutes
SESSION_CHECK_MS = 30_000
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M3 14h18l-3 6H6zM12 3v9M12 4l6 7h-6" '
    f'fill="none" stroke="{TOKENS["light"]["accent"]}" stroke-width="2"/></svg>'
)


def _nothing() -> None:
    """Nobody waits for the news that a link was used."""


def _adds_nothing(app: FastAPI) -> None:
    """The door alone, with its pages."""


def build_app(
    pages: Mapping[str, Callable[[], Any]],
    logins: LoginDesk,
    *,
    origins: tuple[str, ...],
    cookies: Cookies,
    secret_key: str | None = None,
    on_entered: Callable[[], None] = _nothing,
    extend: Callable[[FastAPI], object] = _adds_nothing,
    mode: WorldMode = "drill",
    note_access: NoteAccess = note_nothing,
    provider: Provider | None = None,
    limits: Limits | None = None,
    trusted_proxies: tuple[Network, ...] = (),
    session_kept_ms: int = SESSION_KEPT_MS,
    session_check_ms: int = SESSION_CHECK_MS,
) -> Gate:
    """Return the gate around Panel pages by path: the only thing to be served.

    ``origins`` are the exact origins pages are opened from, the first the one people use. ``secret_key`` signs
    page tokens; a fresh one by default, so that a restarted server takes no token of the one before and every page
    is built anew. ``extend`` puts further routes behind the same gate. ``note_access`` writes the access journal.
    ``provider`` is the identity provider people may log in through.
    """
    key = (secret_key or secrets.token_urlsafe(48)).encode()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    front = Front(logins, cookies, origins[0], mode, note_access, provider)
    _add_door(app, front, on_entered)
    add_login(app, front)
    add_provider(app, front)
    add_accounts_page(app, front)
    _add_assets(app)
    extend(app)
    _add_failures(app)
    bokeh_fastapi_repairs.repair(int(SHIFT_S))
    server = add_applications(
        {path: _guarded(build) for path, build in pages.items()},
        app=app,
        title="同舟 Tongzhou",
        location=False,
        secret_key=key,
        sign_sessions=True,
        include_headers=["Host", "User-Agent"],
        include_cookies=["none"],  # an empty or an exclude list lets the login's cookie into the token
        websocket_origins=[origin.split("://", 1)[1] for origin in origins],
        unused_session_lifetime_milliseconds=session_kept_ms,
        check_unused_sessions_milliseconds=session_check_ms,
    )
    for path, context in server._applications.items():
        context.application.add(IdentityHandler(logins, cookies.name, path))
    return Gate(
        app,
        logins,
        origins=origins,
        cookies=cookies,
        secret_key=key,
        limits=limits,
        trusted_proxies=trusted_proxies,
        note_access=note_access,
    )


def _guarded(build: Callable[[], Any]) -> Callable[[], Any]:
    """A page that cannot be built says so in words; Panel would show its traceback."""

    def guarded() -> Any:
        try:
            return build()
        except Exception:
            log.exception("a page could not be built")
            return pn.Template(
                "{% extends base %}{% block postamble %}<style>"
                + door_sheet()
                + "</style>{% endblock %}{% block contents %}"
                + door_words("failed")
                + "{% endblock %}"
            )

    return guarded


def _page(page: DoorPage, request: Request | None = None) -> Response:
    status, content_type, body = door_page(page, as_json=bool(request and request.url.path.startswith("/api/")))
    return Response(body, status, media_type=content_type)


def _add_door(app: FastAPI, front: Front, on_entered: Callable[[], None]) -> None:
    desk = front.desk

    @app.get("/enter")
    async def enter(request: Request, key: str = "") -> Response:
        opened = await asyncio.to_thread(desk.redeem, key, time.time(), first_memory(request))
        if opened is None:
            return _page("link_dead" if desk.links else "log_in")
        logged_in(front.note, opened[0].actor, request.scope["caller"], BY_LINK)
        on_entered()
        return let_in(front, opened[1], onward=_page("entered"))

    @app.post("/leave")
    async def leave(request: Request) -> Response:
        login = request.scope["login"]
        await desk.revoke(login)
        logged_out(front.note, login.actor)
        answer = _page("left" if login.account else "left_link")
        front.cookies.drop(answer, front.cookies.name)
        return answer

    @app.get("/api/health")
    def health() -> JSONResponse:
        return JSONResponse({"ok": True})

    @app.get("/favicon.ico")
    def favicon() -> Response:
        return Response(FAVICON, media_type="image/svg+xml")


def _add_assets(app: FastAPI) -> None:
    @app.get("/assets/{name}")
    def asset(name: str) -> Response:
        if name not in asset_names():
            return _page("not_found")
        return Response(read_asset(name), media_type=ASSET_TYPES["." + name.rpartition(".")[2]])


def _add_failures(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return _page("not_found" if error.status_code in (404, 405) else "refused", request)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        return _page("failed", request)
