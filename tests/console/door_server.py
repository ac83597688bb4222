"""A small page behind the real gate on a real uvicorn, for attacking."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import panel as pn
import uvicorn
from bokeh.protocol import Protocol
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect

from console.api.rates import Rates
from console.auth.oidc import Provider
from console.door.app import build_app
from console.door.cookies import Cookies
from console.door.limits import Limits, trusted_networks
from console.door.logins import LoginDesk
from console.door.patience import PatientProtocol
from console.server import WS_MAX_BYTES
from data.accounts.store import open_accounts
from data.text import Text

SECRET_KEY = "a key of the tests, long enough to sign with"


@dataclass
class Door:
    """A served small application: two pages, ``/`` and ``/other``, and how often their sessions ended."""

    port: int
    logins: LoginDesk
    server: uvicorn.Server
    destroyed: list[str] = field(default_factory=list)
    entered: list[float] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)
    failing: bool = False
    notes: list[tuple[str, str, str, bool]] = field(default_factory=list)
    name: str | None = None
    loop: asyncio.AbstractEventLoop | None = None

    def note(self, who: str, what: str, subject: str, detail: Text, *, refused: bool) -> None:
        """Keep what the door writes into the access journal."""
        self.notes.append((who, what, subject, refused))

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cookie_name(self) -> str:
        return self.name or f"tongzhou_{self.port}"

    def in_loop(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Do something in the server's loop and return what it gives."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work(), self.loop).result(10)

    def enter(self) -> Seated:
        """Return a client let in by a fresh link."""
        client = httpx.Client(base_url=self.origin)
        self.clients.append(client)
        answer = client.get("/enter", params={"key": self.logins.new_link_key(time.time())})
        assert answer.status_code == 200
        return Seated(self, client)


@dataclass
class Seated:
    """A logged-in client."""

    door: Door
    client: httpx.Client

    @property
    def cookie(self) -> str:
        return f"{self.door.cookie_name}={self.client.cookies[self.door.cookie_name]}"

    def token(self, path: str = "/") -> str:
        """Return the signed token of a freshly built page."""
        found = re.search(r'"token":"([^"]+)"', self.client.get(path).text)
        assert found
        return found[1]


def websocket(door: Door, token: str | None, cookie: str | None, *, path: str = "/ws", **headers: str) -> connect:
    """Return a websocket to be opened, with our origin unless another (or 'none') is given."""
    sent = {"Origin": door.origin, **({"Cookie": cookie} if cookie else {}), **headers}
    if sent["Origin"] == "none":
        del sent["Origin"]
    protocols: Any = ["bokeh", token] if token is not None else None
    return connect(
        f"ws://127.0.0.1:{door.port}{path}",
        additional_headers=list(sent.items()),
        subprotocols=protocols,
        compression=None,
        max_size=None,
    )


async def reads_document(socket_: ClientConnection) -> bool:
    """Tell whether the server hands out the page's document over a socket."""
    for _ in range(3):
        await socket_.recv()  # ACK in three frames
    message = Protocol().create("PULL-DOC-REQ")
    for part in (message.header_json, message.metadata_json, message.content_json):
        await socket_.send(part)
    await socket_.recv()
    await socket_.recv()
    return "roots" in str(await socket_.recv())


@contextmanager
def served_door(
    store: Path | str | None,
    *,
    session_kept_ms: int = 600_000,
    session_check_ms: int = 30_000,
    links: bool = True,
    provider_at: Callable[[str], Provider] | None = None,
    limits: Limits | None = None,
    trusted: tuple[str, ...] = (),
    extend: Callable[[FastAPI], object] = lambda app: None,
    also_at: tuple[str, ...] = (),
    cookie_name: str | None = None,
) -> Iterator[Door]:
    """Serve the small application until the block ends; its accounts are kept in a store, or in memory.

    ``provider_at`` makes the identity provider for its origin. ``also_at`` are further origins it is opened from.
    """
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    logins = LoginDesk(open_accounts(store), links=links)
    door = Door(port, logins, uvicorn.Server(uvicorn.Config(lambda: None)), name=cookie_name)

    def page() -> pn.pane.HTML:
        if door.failing:
            raise RuntimeError("a fault of the page, to be kept from the visitor")
        pn.state.curdoc.on_session_destroyed(lambda context: door.destroyed.append(context.id))
        return pn.pane.HTML("<p>inside</p>")

    gate = build_app(
        {"/": page, "/other": page},
        logins,
        origins=(door.origin, *also_at),
        cookies=Cookies(door.cookie_name),
        note_access=door.note,
        provider=provider_at(door.origin) if provider_at else None,
        limits=limits or Limits(logins=Rates(10_000.0, 1.0), all_logins=Rates(10_000.0, 1.0)),
        trusted_proxies=trusted_networks(trusted),
        extend=extend,
        secret_key=SECRET_KEY,
        on_entered=lambda: door.entered.append(time.time()),
        session_kept_ms=session_kept_ms,
        session_check_ms=session_check_ms,
    )
    config = uvicorn.Config(
        gate,
        http=PatientProtocol,
        log_level="critical",
        server_header=False,
        ws_per_message_deflate=False,
        proxy_headers=False,
        ws_max_size=WS_MAX_BYTES,
    )
    door.server = uvicorn.Server(config)

    async def serve() -> None:
        door.loop = asyncio.get_running_loop()
        await door.server.serve([listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    while not door.server.started:
        time.sleep(0.01)
    try:
        yield door
    finally:
        for client in door.clients:
            client.close()
        door.server.should_exit = True
        door.server.force_exit = True
        thread.join(5)
        listening.close()
        logins.close()
