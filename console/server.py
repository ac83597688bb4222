"""Serve one world to browsers: one process, one door, loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.entrance import Entrance, open_entrance, origins_for
from console.health import Health, health_over
from console.i18n import both
from console.retention import KEEP_HOURS
from data.errors import TongzhouError, worded
from data.situation import WorldMode

if TYPE_CHECKING:
    import uvicorn

    from console.startup import Stage
    from console.world import World
    from routing.worker import SolveWorker

log = logging.getLogger(__name__)
GRACE_S = 1
WS_MAX_BYTES = 1024 * 1024  # a page sends a few kB; what is more closes that page's socket alone
MODE_WORDS = {"live": "实战 LIVE", "drill": "演练 DRILL", "replay": "回放 REPLAY", "plan": "推演 PLAN"}
Announce = Callable[[str], None]
Keeper = Callable[[], Coroutine[None, None, None]]


def _print_line(line: str) -> None:
    print(line, flush=True)  # a service's log must show the link at once


class OriginError(ValueError, TongzhouError):
    """What was given as a page origin is none; says how to write it."""


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
        raise _why_not_bound(host, port, free, error) from error
    listening.listen(128)
    listening.set_inheritable(False)
    return listening


def _why_not_bound(host: str, port: int, free: int, error: OSError) -> PortInUseError:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return worded(
            PortInUseError(f"This machine has no address {host} ({error.strerror}). Leave --host out, or correct it."),
            zh=f"本机没有地址 {host}（{error.strerror}）。请去掉 --host，或改正它。",
        )
    if isinstance(error, PermissionError):
        return worded(
            PortInUseError(f"Port {port} may not be used by you ({error.strerror}). Take another: --port {free}"),
            zh=f"没有权限使用端口 {port}（{error.strerror}）。请换一个：--port {free}",
        )
    return worded(
        PortInUseError(
            f"Port {port} on {host} is in use ({error.strerror}). Is Tongzhou already running? "
            f"Stop that one, or serve on another port: --port {free}"
        ),
        zh=f"{host} 的端口 {port} 已被占用（{error.strerror}）。同舟是否已在运行？"
        f"请停止那一个，或换端口：--port {free}",
    )


def serve(
    store: Path | str,
    region_folder: Path,
    scenario: str | None = None,
    mode: WorldMode = "drill",
    host: str = "127.0.0.1",
    port: int = 5006,
    speed: float | None = None,
    announce: Announce = _print_line,
    *,
    origins: tuple[str, ...] = (),
    console_name: str | None = None,
    links: bool = True,
    oidc: Path | None = None,
    trusted_proxies: tuple[str, ...] = (),
    keepers: tuple[Callable[[World], Keeper], ...] = (),
    keep_hours: int = KEEP_HOURS,
) -> None:
    """Open, join or resume the world in a store and serve it until SIGTERM or Ctrl-C; returns after a clean end.

    Prints the address with a login link for one use. ``origins`` are those pages are opened from beside this
    machine's own, as behind a proxy. ``console_name`` is shown to the other consoles on the store. ``links`` lets
    login links in, for a drill on this machine alone; ``oidc`` is the file of an identity provider;
    ``trusted_proxies`` are believed about whom they speak for; ``keepers`` run beside the world; archived positions
    leave the store after ``keep_hours``.
    Raises TongzhouError when something is missing: the
    port is in use, the region has faults, the store does not answer or belongs to another console.
    """
    for origin in origins:
        check_origin(origin)
    origins_for(host, port, origins)
    listening = bind(host, port)  # first: nothing else is worth starting when the address is taken
    try:
        from console.startup import open_stage

        stage = open_stage(store, region_folder, scenario, mode, speed, keep_hours)
    except BaseException:
        listening.close()
        raise
    try:
        stage.world.console = console_name or f"{socket.gethostname()}:{listening.getsockname()[1]}"
        port = listening.getsockname()[1]
        entrance = open_entrance(
            str(store), mode, host, port, origins, links=links, oidc=oidc, trusted_proxies=trusted_proxies
        )
        asyncio.run(_serve(stage, listening, entrance, announce, [keeper(stage.world) for keeper in keepers]))
    finally:
        listening.close()
        stage.world.close()


def check_origin(origin: str) -> None:
    """Raise OriginError unless it is one exact origin: scheme, host and port, nothing after."""
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?", origin):
        raise worded(
            OriginError(
                f"'{origin}' is no origin. Write scheme and host, and the port where it is not the usual one, in small "
                "letters and with nothing after: https://console.example"
            ),
            zh=f"“{origin}”不是来源地址。请写协议和主机名（非常用端口则加端口），小写，其后不加任何内容："
            "https://console.example",
        )


async def _serve(
    stage: Stage, listening: socket.socket, entrance: Entrance, announce: Announce, keepers: Sequence[Keeper] = ()
) -> None:
    import uvicorn

    from console.application import build_console
    from console.door.logins import LINK_LIFE_S
    from console.door.patience import PatientProtocol

    logins, address = entrance.logins, entrance.address
    minutes = round(LINK_LIFE_S / 60)

    def announce_link() -> None:
        announce(
            f"登录链接(用一次,{minutes} 分钟内) Login link (one use, within {minutes} min):\n"
            f"  {address}/enter?key={logins.new_link_key(time.time())}"
        )

    gate, console = build_console(
        stage,
        logins,
        origins=entrance.origins,
        cookies=entrance.cookies,
        on_entered=announce_link,
        provider=entrance.provider,
        trusted_proxies=entrance.trusted_proxies,
    )
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # a browser that vanished is no news
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # says each second what is announced once
    stage.world.subscribe_health(lambda before, after: _announce_health(before, after, announce))
    config = uvicorn.Config(
        gate,
        http=PatientProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_per_message_deflate=False,  # costs six times the processor on a local network
        ws_max_size=WS_MAX_BYTES,
        proxy_headers=False,  # the gate believes proxies that were named, nobody else
        timeout_graceful_shutdown=GRACE_S,
    )
    server = uvicorn.Server(config)
    # uvicorn would raise the signal again when done and end the process before the journal is closed.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    _end_on_signal(server)
    ending = asyncio.create_task(_stop_with(server, stage.worker))
    works = (stage.world.run, console.beat_forever, *keepers)
    beside = [asyncio.create_task(work()) for work in works]
    sweeping = asyncio.create_task(console.sweep_forever())
    if logins.links:
        _offer_links(announce_link)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    picture = stage.world.picture
    role = both("health.leads" if stage.world.leads else "health.follows")
    announce(f"同舟 Tongzhou · {MODE_WORDS[picture.mode]} · {picture.title.zh} {picture.title.en}")
    announce(f"存储 Store: {stage.world.store.shown} · {role.zh} {role.en}")
    if not stage.world.health.is_ok:
        why = stage.world.health.refusal(datetime.now(UTC))
        announce(f"{why.zh}。 {why.en}.")
    if logins.links:
        announce_link()
    else:
        announce(entrance.how_to_log_in())
    if logins.links and _has_terminal():
        announce("回车:新链接;Ctrl-C:停止。 Enter: another link; Ctrl-C: stop.")
    stage.worker.start()
    console.warm()
    try:
        await serving
    finally:
        await console.close(sweeping)
        for task in (*beside, sweeping):
            task.cancel()
        await asyncio.gather(*beside, sweeping, return_exceptions=True)
        await entrance.close()
        server.should_exit = True
        await ending


def _announce_health(before: Health, after: Health, announce: Announce) -> None:
    """One line when the store falls silent or read-only, one when that is over."""
    text = health_over(before, after) or after.standing
    announce(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ} {text.zh} {text.en}")


async def _stop_with(server: uvicorn.Server, worker: SolveWorker) -> None:
    """The solver ends while the server says goodbye to its pages."""
    while not server.should_exit:
        await asyncio.sleep(0.1)
    await asyncio.to_thread(worker.stop)


def _end_on_signal(server: uvicorn.Server) -> None:
    """SIGTERM and Ctrl-C end the server; a second one does not wait for open requests."""

    def end() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, end)
        except NotImplementedError:  # Windows: the signal module's own handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(end))


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _offer_links(announce_link: Callable[[], None]) -> None:
    """Print a fresh link when asked: SIGUSR1, or Enter in the terminal."""
    loop = asyncio.get_running_loop()
    if hasattr(signal, "SIGUSR1"):
        loop.add_signal_handler(signal.SIGUSR1, announce_link)
    if _has_terminal():
        loop.add_reader(sys.stdin, lambda: (sys.stdin.readline(), announce_link()))
