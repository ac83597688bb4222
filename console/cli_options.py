"""What commands share: which store is meant, who asks for it, and which of a situation's plans."""

from __future__ import annotations

import getpass
import re
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from console.cli_words import say
from data.plans import Alternative
from data.situation import WorldMode

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="FOLDER|postgresql://...",
        help=say(
            "存储（默认取自 TONGZHOU_STORE，否则为本机文件夹）",
            "The store (default: TONGZHOU_STORE, else this machine's).",
        ),
    ),
]
RegionOption = Annotated[
    Path | None, typer.Option("--region", metavar="FOLDER", help=say("区域文件夹", "Region folder."))
]
LanguageOption = Annotated[str | None, typer.Option("--language", metavar="zh|en", help=say("输出语言", "Language."))]

ALL_ALTERNATIVES = "all"
ALTERNATIVES: tuple[str, ...] = (*get_args(Alternative), ALL_ALTERNATIVES)


def checked_alternative(alternative: str) -> str:
    """Return the alternative given; raises BadParameter naming those there are."""
    if alternative not in ALTERNATIVES:
        raise typer.BadParameter(
            say(
                f"没有方案“{alternative}”。可用：{'、'.join(ALTERNATIVES)}。",
                f"There is no alternative '{alternative}'. Use {', '.join(ALTERNATIVES)}.",
            )
        )
    return alternative


AlternativeOption = Annotated[
    str,
    typer.Option(
        "--alternative",
        metavar="|".join(ALTERNATIVES),
        callback=checked_alternative,
        help=say(
            "最快、均衡、保留备勤、最少载具；all 为全部比较",
            "Fastest, balanced, keep cover, fewest craft; or all of them compared.",
        ),
    ),
]


def checked_mode(mode: str, language: str | None) -> WorldMode:
    """Return the mode given; raises BadParameter for one there is not, and for another language."""
    if language not in (None, "zh", "en"):
        raise typer.BadParameter(say("--language 只能是 zh 或 en", "--language is zh or en"))
    if mode not in ("drill", "live"):
        raise typer.BadParameter(say("--mode 只能是 drill 或 live", "--mode is drill or live"))
    return cast(WorldMode, mode)


def region_folder(region: Path | None) -> Path:
    """Return the region folder given, else the default one."""
    from console.paths import default_region_folder

    return region or default_region_folder()


def address_of(store: str | None, mode: WorldMode, region: Path | None) -> str:
    """Return the address of the store meant."""
    from console.store_address import resolve_store_address

    return resolve_store_address(store, region_folder(region), mode)


def doer() -> str:
    """Return who does something from a command line, as the record of it is kept."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = "unknown"
    return f"cli:{re.sub(r'[^A-Za-z0-9._-]', '', name)[:32] or 'unknown'}"
