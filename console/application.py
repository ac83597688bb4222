"""The whole web application: pages, assets and health behind the gate."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import panel as pn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from panel.io.fastapi import add_applications
from starlette.exceptions import HTTPException

from console.assets import ASSET_TYPES, asset_names, read_asset
from console.door import bokeh_fastapi_repairs
from console.door.gate import App, Gate
from console.door.identity import IdentityHandler, login_of
from console.door.logins import SHIFT_S, LoginDesk
from console.door.pages import DoorPage, door_page
from console.outlooks import Outlooks
from console.page import Page
from console.seat import Seat
from console.startup import Stage
from data.text import Text

log = logging.getLogger(__name__)
SESSION_KEPT_MS = 600_000  # a page that lost its socket finds its session again for ten minutes
SESSION_CHECK_MS = 30_000
SWEEP_S = 30.0
BEAT_S = 1.0
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M3 14h18l-3 6H6zM12 3v9M12 4l6 7h-6" '
    'fill="none" stroke="#0a5c87" stroke-width="2"/></svg>'
)


@dataclass
class Console:
    """A built application and what runs beside it; ``asgi`` is the gate, the only thing to be served."""

    asgi: App
    stage: Stage
    logins: LoginDesk
    pages: set[Page] = field(default_factory=set)

    async def beat_forever(self) -> None:
        """Tell every page each second that all is well."""
        while True:
            for page in list(self.pages):
                try:
                    page.beat()
                except Exception:
                    log.exception("a page could not be told the time")
            await asyncio.sleep(BEAT_S)

    async def sweep_forever(self) -> None:
        """End idle logins and those past their shift."""
        while True:
            await asyncio.sleep(SWEEP_S)
            await self.logins.sweep(time.time())


def build_console(
    stage: Stage,
    logins: LoginDesk,
    *,
    origins: tuple[str, ...],
    cookie_name: str,
    on_entered: Callable[[], None] = lambda: None,
) -> Console:
    """Build the application for these exact page origins; ``on_entered`` is called when a login link was used."""
    secret_key = secrets.token_urlsafe(48)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    console = Console(asgi=app, stage=stage, logins=logins)
    outlooks = Outlooks(stage.world)
    _add_door(app, logins, cookie_name, on_entered)
    _add_assets(app)
    _add_failures(app)
    bokeh_fastapi_repairs.repair(int(SHIFT_S))
    server = add_applications(
        {"/": lambda: _build_page(console, outlooks)},
        app=app,
        title="同舟 Tongzhou",
        location=False,
        secret_key=secret_key.encode(),
        sign_sessions=True,
        include_headers=["Host", "User-Agent"],
        include_cookies=["none"],  # an empty or an exclude list lets the login's cookie into the token
        websocket_origins=[origin.split("://", 1)[1] for origin in origins],
        unused_session_lifetime_milliseconds=SESSION_KEPT_MS,
        check_unused_sessions_milliseconds=SESSION_CHECK_MS,
    )
    for path, context in server._applications.items():
        context.application.add(IdentityHandler(logins, cookie_name, path))
    console.asgi = Gate(app, logins, origins=origins, cookie_name=cookie_name, secret_key=secret_key.encode())
    return console


def _page(page: DoorPage, request: Request | None = None) -> Response:
    status, content_type, body = door_page(page, as_json=bool(request and request.url.path.startswith("/api/")))
    return Response(body, status, media_type=content_type)


def _add_door(app: FastAPI, logins: LoginDesk, cookie_name: str, on_entered: Callable[[], None]) -> None:
    @app.get("/enter")
    def enter(key: str = "") -> Response:
        opened = logins.redeem(key, time.time())
        if opened is None:
            return _page("link_dead")
        _, secret = opened
        answer = _page("entered")
        answer.set_cookie(cookie_name, secret, max_age=int(SHIFT_S), httponly=True, samesite="strict", path="/")
        on_entered()
        return answer

    @app.post("/leave")
    async def leave(request: Request) -> Response:
        await logins.revoke(request.scope["login"])
        answer = _page("left")
        answer.delete_cookie(cookie_name, path="/")
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


def _build_page(console: Console, outlooks: Outlooks) -> pn.Template:
    """Build one seat's page inside its Bokeh session."""
    from console.map.view import MapView

    stage, doc = console.stage, pn.state.curdoc
    login = login_of(doc.session_context, console.logins)
    if login is None:
        raise PermissionError("the login of this page has ended")
    known = {name: value for name, value in login.memory.items() if value is not None}
    seat = Seat(stage.world, stage.desk, actor=login.actor, **known)
    seat.outlooks, seat.scenarios, seat.restart = outlooks, stage.scenarios, stage.restart

    def active(one: Seat) -> None:
        login.memory = one.memory()
        logins_alive = console.logins.by_key(login.key)
        if logins_alive is not None:
            console.logins.touch(login, time.time())

    def refuse_if_over(message: Any) -> bool:
        if console.logins.by_key(login.key) is None:
            seat.say(Text(zh="登录已结束。", en="Your login has ended."), kind="refused")
            return True
        return False

    page = Page(seat, MapView(seat, stage.world), doc, active, refuse_if_over)
    console.pages.add(page)
    doc.on_session_destroyed(lambda _: console.pages.discard(page))
    return page.template()
