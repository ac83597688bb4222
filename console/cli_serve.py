"""The options of ``tongzhou serve`` that say where the picture is kept and how pages reach it, and its start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.cli_words import say
from data.situation import WorldMode

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="FOLDER|postgresql://...",
        help=say(
            "日志存放处：文件夹，或多个指挥台共用的数据库（默认取自 TONGZHOU_STORE）",
            "Where the journal is kept: a folder, or a database several consoles share (default: TONGZHOU_STORE).",
        ),
    ),
]
OriginOption = Annotated[
    list[str] | None,
    typer.Option(
        "--origin",
        metavar="https://HOST",
        help=say("经代理打开页面的来源地址（可重复）", "Origin pages are opened from behind a proxy (repeatable)."),
    ),
]
ConsoleOption = Annotated[
    str | None,
    typer.Option(
        "--console",
        metavar="NAME",
        help=say("本指挥台名称（默认为主机名和端口）", "Name of this console (default: host name and port)."),
    ),
]

LinkOption = Annotated[
    bool,
    typer.Option(
        "--link/--no-link",
        help=say(
            "演练且只在本机时打印一次性登录链接（默认）；--no-link 只用账号",
            "Print one-time login links in a drill on this machine alone (default); --no-link: accounts only.",
        ),
    ),
]
OidcOption = Annotated[
    Path | None,
    typer.Option(
        "--oidc",
        metavar="FILE",
        help=say("统一身份系统（OpenID Connect）的 TOML 配置", "TOML file of an OpenID Connect provider."),
    ),
]
ProxyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-proxy",
        metavar="ADDRESS",
        help=say(
            "可信代理的地址或网段，采信其 X-Forwarded-For（可重复）",
            "Address or network of a proxy whose X-Forwarded-For is believed (repeatable).",
        ),
    ),
]


def run_serve(
    region_folder: Path,
    scenario: str | None,
    mode: str,
    host: str,
    port: int,
    speed: float | None,
    store: str | None,
    origins: list[str] | None,
    console: str | None,
    link: bool = True,
    oidc: Path | None = None,
    trusted_proxy: list[str] | None = None,
) -> None:
    """Serve the console until it is ended; raises BadParameter for a mode there is not."""
    if mode not in ("drill", "live"):
        raise typer.BadParameter(say("--mode 只能是 drill 或 live", "--mode is drill or live"))
    from console.server import serve
    from console.store_address import resolve_store_address

    of_mode: WorldMode = "drill" if mode == "drill" else "live"
    serve(
        store=resolve_store_address(store, region_folder, of_mode),
        region_folder=region_folder,
        scenario=scenario,
        mode=of_mode,
        host=host,
        port=port,
        speed=speed,
        origins=tuple(origins or ()),
        console_name=console,
        links=link,
        oidc=oidc,
        trusted_proxies=tuple(trusted_proxy or ()),
    )
