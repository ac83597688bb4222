"""The served console: one page for each login, a beat for every page, an end for idle logins."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import panel as pn
from bokeh.settings import settings

from console.api.routes import add_api
from console.auth.notes import carry_changes
from console.auth.oidc import Provider
from console.door.app import build_app
from console.door.cookies import Cookies
from console.door.identity import login_of
from console.door.limits import Network
from console.door.logins import LoginDesk
from console.html_view import ViewSet
from console.map.view import MapView
from console.outlooks import Outlooks
from console.page import Page
from console.page_views import VIEWS
from console.presence import Presence
from console.seat import Seat
from console.service import Service
from console.startup import Stage
from data.accounts.records import AccountsUnreachableError
from data.text import Text

log = logging.getLogger(__name__)
SWEEP_S = 1.0  # a login ended at another console is ended here
SETTLE_S = 30.0
LAST_ROUND_S = 6.0  # longer than a silent database of accounts is waited for
BEAT_S = 1.0
BUILD_AHEAD_S = 4.0  # a page that has just opened is first drawn in peace


@dataclass
class Console:
    """The open pages of one served world, and what runs beside the server."""

    stage: Stage
    logins: LoginDesk
    outlooks: Outlooks
    service: Service
    presence: Presence
    pages: set[Page] = field(default_factory=set)
    _spare: MapView | None = None
    _ends: asyncio.Event = field(default_factory=asyncio.Event)

    def warm(self) -> None:
        """Make the regions of nobody's page once, and keep a map ready: the first seat opens as quickly as the next."""
        ViewSet(self._nobody(), VIEWS).everything()
        self._build_ahead()

    def map_for(self, seat: Seat) -> MapView:
        """Return a map for a seat that opens: the one built ahead if there is one, while another is built later."""
        spare, self._spare = self._spare, None
        with contextlib.suppress(RuntimeError):  # no loop: nobody is served
            asyncio.get_running_loop().call_later(BUILD_AHEAD_S, self._build_ahead)
        return spare.give_to(seat) if spare is not None else MapView(seat, self.stage.world)

    def _nobody(self) -> Seat:
        seat = Seat(self.stage.world, self.stage.desk, service=self.service)
        seat.outlooks, seat.scenarios = self.outlooks, self.stage.scenarios
        return seat

    def _build_ahead(self) -> None:
        if self._spare is None:
            self._spare = MapView(self._nobody(), self.stage.world)

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
        """End logins that are idle, past their shift or ended elsewhere; take over what was done to accounts.

        Runs until ``close``, and is not cut off in the middle of a round.
        """
        settled, faults = time.monotonic(), self.logins.faults
        while not self._ends.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ends.wait(), SWEEP_S)
                return
            try:
                await self.logins.sweep(time.time())
                if self.stage.world.leads:
                    await asyncio.to_thread(
                        carry_changes, self.logins.accounts, self.stage.world.mode, self.service.note_access
                    )
                faults.passed("changes", "sweep")
            except AccountsUnreachableError as error:
                faults.met("changes", "changes to accounts are not journalled yet", error, expected=True)
            except Exception as error:
                faults.met("sweep", "the logins could not be looked at", error, expected=False)
            if time.monotonic() - settled >= SETTLE_S:
                settled = time.monotonic()
                self.service.notes.settle()

    async def close(self, sweeping: asyncio.Task[None]) -> None:
        """Let the round of the sweep under way end, and write the accesses that were only counted so far."""
        self._ends.set()
        await asyncio.wait([sweeping], timeout=LAST_ROUND_S)
        await asyncio.to_thread(self.service.close)


def build_console(
    stage: Stage,
    logins: LoginDesk,
    *,
    origins: tuple[str, ...],
    cookies: Cookies,
    on_entered: Callable[[], None],
    provider: Provider | None = None,
    trusted_proxies: tuple[Network, ...] = (),
) -> tuple[Any, Console]:
    """Return the ASGI application for these exact page origins, and the console behind it.

    The first origin is the one people use. ``on_entered`` is called when a login link was used. ``provider`` is the
    identity provider people may log in through; ``trusted_proxies`` are believed about whom they speak for.
    """
    # A sixth of a page's building, to look for faults only a changed layer could bring.
    settings.perform_document_validation = False
    service = Service(stage.world, stage.desk, logins.current)
    outlooks, presence = Outlooks(stage.world), Presence(stage.world)
    console = Console(stage=stage, logins=logins, outlooks=outlooks, service=service, presence=presence)
    gate = build_app(
        {"/": lambda: _build_page(console)},
        logins,
        origins=origins,
        cookies=cookies,
        on_entered=on_entered,
        mode=stage.world.mode,
        note_access=service.note_access,
        provider=provider,
        trusted_proxies=trusted_proxies,
        extend=lambda app: add_api(app, service, stage.world, stage.keep_hours),
    )
    return gate, console


def _build_page(console: Console) -> None:
    """Fill the document of a new Bokeh session with one seat's page."""
    stage, doc = console.stage, pn.state.curdoc
    login = login_of(doc.session_context, console.logins)
    if login is None:
        raise PermissionError("the login of this page has ended")
    known = {name: value for name, value in login.memory.items() if value is not None}
    seat = Seat(stage.world, stage.desk, login.principal, console.service, **known)
    seat.outlooks, seat.scenarios, seat.restart = console.outlooks, stage.scenarios, stage.restart
    seat.has_account = login.account is not None

    def active(one: Seat) -> None:
        login.memory = one.memory()
        console.logins.touch(login, time.time())

    def refuse_if_over(message: Any) -> bool:
        if console.logins.by_key(login.key) is None:
            seat.say(Text(zh="登录已结束。", en="Your login has ended."), kind="refused")
            return True
        return False

    page = Page(seat, console.map_for(seat), doc, active, refuse_if_over)
    console.pages.add(page)
    context = doc.session_context
    seat.presence = console.presence
    goes = console.presence.enter(seat, lambda: _has_browser(context), page.seats_changed)

    def gone(_: Any) -> None:
        console.pages.discard(page)
        goes()

    doc.on_session_destroyed(gone)
    # Bokeh takes a dropped socket up again by itself; the page's own watch says what the person sees.
    doc.config.update(reconnect_session=True, notify_connection_status=False)
    page.fill()


def _has_browser(session_context: Any) -> bool:
    """Tell whether a page's socket is open; a session without one is kept for a while, should it come back."""
    return session_context.session is not None and session_context.session.connection_count > 0
