"""The options of ``tongzhou serve`` that say where the picture is kept and how pages reach it, and its start."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli_words import say
from console.retention import KEEP_HOURS, MOST_HOURS, keep_hours_of
from data.situation import WorldMode

if TYPE_CHECKING:
    from console.world import World

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
ScenarioOption = Annotated[
    str | None,
    typer.Option(
        "--scenario", metavar="SCENARIO", help=say("新日志从哪个想定开始", "The scenario a new journal begins with.")
    ),
]
SpeedOption = Annotated[
    float | None,
    typer.Option("--speed", min=0.0, max=60.0, help=say("模拟时钟倍速", "Speed of the simulated clock.")),
]
AnchorKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--anchor-key", metavar="FILE", help=say("定时锚定所用私钥", "Private key to anchor the journal with.")
    ),
]
AnchorFileOption = Annotated[
    Path | None,
    typer.Option(
        "--anchor-file", metavar="FILE", help=say("锚点文件，放在存储之外", "File of anchors, kept elsewhere.")
    ),
]
AnchorEveryOption = Annotated[
    float, typer.Option("--anchor-every", min=1.0, help=say("锚定间隔（秒）", "Seconds between anchors."))
]
BackupFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--backup-folder", metavar="FOLDER", help=say("定时备份到此文件夹", "Folder to back the store up to.")
    ),
]
BackupEveryOption = Annotated[
    float, typer.Option("--backup-every", min=0.01, help=say("备份间隔（小时）", "Hours between backups."))
]


OWNER_ALONE = 0o077  # where forces are and who ordered what is not for every account of the machine


def _keep_hours(given: str | int) -> int:
    try:
        return keep_hours_of(given)
    except ValueError as error:
        raise typer.BadParameter(
            say(
                f"“{given}”不行：请写整小时数，1 至 {MOST_HOURS}（默认 {KEEP_HOURS}）",
                f"'{given}' will not do: write whole hours, 1 to {MOST_HOURS} (the default is {KEEP_HOURS})",
            )
        ) from error


KeepHoursOption = Annotated[
    int,
    typer.Option(
        "--keep-hours",
        metavar="HOURS",
        parser=_keep_hours,
        help=say(
            "定位在存储中保留的小时数，此后只在归档里；更早的定位不再接收",
            "Hours positions stay in the store, then in the archive alone; older ones are not taken in.",
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
    anchor_key: Path | None = None,
    anchor_file: Path | None = None,
    anchor_every_s: float = 300.0,
    backup_folder: Path | None = None,
    backup_every_h: float = 1.0,
    keep_hours: int = KEEP_HOURS,
) -> None:
    """Serve the console until it is ended; raises BadParameter for a mode there is not."""
    if mode not in ("drill", "live"):
        raise typer.BadParameter(say("--mode 只能是 drill 或 live", "--mode is drill or live"))
    if (anchor_key is None) != (anchor_file is None):
        raise typer.BadParameter(
            say("--anchor-key 与 --anchor-file 须同时给出", "--anchor-key and --anchor-file are given together")
        )
    from console.anchoring import AnchorTask
    from console.backing_up import BackupTask
    from console.server import Keeper, serve
    from console.store_address import resolve_store_address

    keepers: list[Callable[[World], Keeper]] = []
    if anchor_key is not None and anchor_file is not None:
        key, file = anchor_key, anchor_file
        keepers.append(lambda world: AnchorTask(world, key, file, anchor_every_s).run)
    if backup_folder is not None:
        folder = backup_folder
        keepers.append(lambda world: BackupTask(world, folder, backup_every_h * 3600).run)
    of_mode: WorldMode = "drill" if mode == "drill" else "live"
    os.umask(os.umask(OWNER_ALONE) | OWNER_ALONE)
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
        keepers=tuple(keepers),
        keep_hours=keep_hours,
    )
