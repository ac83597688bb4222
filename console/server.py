"""Serve one world to browsers: one process, one door, loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import TongzhouError
from data.situation import WorldMode

if TYPE_CHECKING:
    from console.startup import Stage

log = logging.getLogger(__name__)
GRACE_S = 1
Announce = Callable[[str], None]


class PortInUseError(OSError, TongzhouError):
    """The address cannot be listened on; names it and the remedy."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises PortInUseError naming the port and a free one to use instead."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            free = probe.getsockname()[1]
        raise PortInUseError(
            f"Port {port} on {host} is in use ({error.strerror}). Is Tongzhou already running? "
            f"Stop that one, or serve on another port: --port {free}"
        ) from error
    listening.listen(128)
    listening.set_inheritable(False)
    return listening


def serve(
    store: Path,
    region_folder: Path,
    scenario: str | None = None,
    mode: WorldMode = "drill",
    host: str = "127.0.0.1",
    port: int = 5006,
    speed: float | None = None,
    announce: Announce = print,
) -> None:
    """Open or resume the world in ``store`` and serve it until SIGTERM or Ctrl-C; returns after a clean end.

    Prints the address with a login link for one use. Raises TongzhouError when something is missing:
    the port is in use, the region has faults, the store belongs to another console.
    """
    listening = bind(host, port)  # first: nothing else is worth starting when the address is taken
    try:
        from console.startup import open_stage

        stage = open_stage(store, region_folder, scenario, mode, speed)
    except BaseException:
        listening.close()
        raise
    try:
        asyncio.run(_serve(stage, listening, store, host, announce))
    finally:
        listening.close()
        stage.world.close()


async def _serve(stage: Stage, listening: socket.socket, store: Path, host: str, announce: Announce) -> None:
    import uvicorn

    from console.application import build_console
    from console.door.logins import LoginDesk

    port = listening.getsockname()[1]
    address = f"http://{host if host not in ('0.0.0.0', '::') else '127.0.0.1'}:{port}"
    origins = tuple(dict.fromkeys((address, f"http://127.0.0.1:{port}", f"http://localhost:{port}")))
    logins = LoginDesk(store / "logins.json")

    def announce_link() -> None:
        announce(f"{address}/enter?key={logins.new_link_key(time.time())}")

    gate, console = build_console(
        stage, logins, origins=origins, cookie_name=f"tongzhou_{port}", on_entered=announce_link
    )
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # a browser that vanished is no news
    config = uvicorn.Config(
        gate,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_per_message_deflate=False,  # costs six times the processor on a local network
        timeout_graceful_shutdown=GRACE_S,
    )
    server = uvicorn.Server(config)
    beside = [asyncio.create_task(work()) for work in (stage.world.run, console.beat_forever, console.sweep_forever)]
    _offer_links(announce_link)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    announce_link()
    stage.worker.start()
    console.warm()
    try:
        await serving
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        logins.save()
        stage.worker.stop()


def _offer_links(announce_link: Callable[[], None]) -> None:
    """Print a fresh link when asked: SIGUSR1, or Enter in the terminal."""
    loop = asyncio.get_running_loop()
    if hasattr(signal, "SIGUSR1"):
        loop.add_signal_handler(signal.SIGUSR1, announce_link)
    if sys.stdin is not None and sys.stdin.isatty():
        loop.add_reader(sys.stdin, lambda: (sys.stdin.readline(), announce_link()))
