"""The ``store`` commands: make, check, anchor, back up, restore and export where the picture is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli_options import (
    LanguageOption,
    RegionOption,
    StoreOption,
    address_of,
    checked_mode,
    region_folder,
)
from console.cli_words import say
from data.situation import WorldMode

if TYPE_CHECKING:
    from data.journal.store import Store

store_app = typer.Typer(
    help=say("管理存储：建立、核查、锚定、备份、恢复、导出", "Manage the store: check, anchor, back up, export."),
    no_args_is_help=True,
    rich_markup_mode=None,
)
_CODES = say(
    "退出码：0 完成；1 结论为否（发现篡改或缺失）；2 输入有误。",
    "Exit codes: 0 done; 1 the answer is no (tampering or a loss was found); 2 bad input.",
)
ModeOption = Annotated[
    str, typer.Option("--mode", metavar="drill|live", help=say("演练或实战的存储", "The store of drills or live work."))
]
JsonOption = Annotated[bool, typer.Option("--json", help=say("以 JSON 输出", "Print JSON."))]
AddressArgument = Annotated[
    str | None, typer.Argument(metavar="[ADDRESS]", help=say("存储地址，同 --store", "The store, as with --store."))
]


def store_at(store: str | None, mode: str, region: Path | None, language: str | None) -> Store:
    """Return the store meant, not opened yet."""
    from data.journal.store import open_store

    of_mode = checked_mode(mode, language)
    return open_store(address_of(store, of_mode, region), of_mode)


def positions_of(store: str | None, mode: WorldMode, region: Path | None) -> Path:
    """Return the folder of archived hours that belongs to the store meant."""
    from console.paths import positions_folder
    from data.journal.store import open_store

    return positions_folder(open_store(address_of(store, mode, region), mode).shown, mode)


@store_app.command(help=say("建立存储（数据库含实战与演练两套）", "Make a store (a database: live and drill)."))
def init(
    address: AddressArgument = None,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Make the store, or say that it is there."""
    from console.cli_store_keep import run_migrate

    raise typer.Exit(run_migrate(address_of(address or store, checked_mode(mode, language), region), mode, True))


@store_app.command(help=say("升级旧格式的存储", "Bring a store of an older format up to this program's."))
def migrate(
    address: AddressArgument = None,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Migrate the store."""
    from console.cli_store_keep import run_migrate

    raise typer.Exit(run_migrate(address_of(address or store, checked_mode(mode, language), region), mode, False))


@store_app.command(help=say("显示存储的内容概要", "Tell what a store holds."))
def info(
    address: AddressArgument = None,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    as_json: JsonOption = False,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Tell what the store holds."""
    from console.cli_store_keep import run_info

    raise typer.Exit(run_info(store_at(address or store, mode, region, language), as_json))


@store_app.command(help=say("核查哈希链、锚点和归档", "Check the chain, the anchors and the archive."), epilog=_CODES)
def verify(
    address: AddressArgument = None,
    anchors: Annotated[
        Path | None, typer.Option("--anchors", metavar="FILE", help=say("锚点文件", "The file of anchors."))
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", metavar="FILE", help=say("锚点的公钥", "The anchors' public key."))
    ] = None,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    as_json: JsonOption = False,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Verify the store."""
    from console.cli_store_verify import run_verify

    if (anchors is None) != (public_key is None):
        raise typer.BadParameter(
            say("--anchors 与 --public-key 须同时给出", "--anchors and --public-key are given together")
        )
    of_mode = checked_mode(mode, language)
    positions = positions_of(address or store, of_mode, region)
    raise typer.Exit(
        run_verify(store_at(address or store, mode, region, language), of_mode, anchors, public_key, positions, as_json)
    )


@store_app.command(help=say("签名日志末端并存到别处", "Sign the journal's end and keep it apart."), epilog=_CODES)
def anchor(
    new_key: Annotated[
        Path | None, typer.Option("--new-key", metavar="FILE", help=say("生成一对密钥", "Make a pair of keys."))
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help=say("私钥", "The private key."))] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help=say("锚点文件", "The file of anchors."))
    ] = None,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Make keys, or add an anchor."""
    from console.cli_store_verify import run_anchor, run_new_key

    checked_mode(mode, language)
    if new_key is not None and key is None and file is None:
        raise typer.Exit(run_new_key(new_key))
    if new_key is not None or key is None or file is None:
        raise typer.BadParameter(
            say("请给出 --new-key，或同时给出 --key 和 --file", "give --new-key, or both --key and --file")
        )
    raise typer.Exit(run_anchor(store_at(store, mode, region, language), key, file))


@store_app.command(help=say("把整个存储备份为一个文件", "Back the whole store up into one file."), epilog=_CODES)
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("备份文件", "The backup (NAME.tzbackup)."))],
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Back up the store."""
    from console.cli_store_keep import run_backup

    of_mode = checked_mode(mode, language)
    raise typer.Exit(run_backup(store_at(store, mode, region, language), file, positions_of(store, of_mode, region)))


@store_app.command(help=say("把备份恢复到空的存储", "Restore a backup into an empty store."), epilog=_CODES)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("备份文件", "The backup."))],
    address: AddressArgument = None,
    replace_unfinished: Annotated[
        bool,
        typer.Option("--replace-unfinished", help=say("清除未完成的恢复", "Take away what an unfinished one left.")),
    ] = False,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Restore a backup."""
    from console.cli_store_keep import run_restore

    of_mode = checked_mode(mode, language)
    where = store_at(address or store, mode, region, language)
    positions = positions_of(address or store, of_mode, region)
    raise typer.Exit(run_restore(where, of_mode, file, positions, replace_unfinished))


@store_app.command(help=say("为分析人员导出数据", "Export for analysts."), epilog=_CODES)
def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=say("导出到此文件夹", "Where the files go."))],
    form: Annotated[
        str, typer.Option("--format", metavar="geojson|csv|gpkg|parquet", help=say("格式", "The format."))
    ] = "geojson",
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help=say("从此刻起（ISO 8601）", "From then on, ISO 8601."))
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help=say("到此刻止（ISO 8601）", "Up to then, ISO 8601."))
    ] = None,
    positions: Annotated[
        bool, typer.Option("--positions", help=say("也导出定位", "Export the positions as well."))
    ] = False,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Export the store."""
    from console.cli_store_export import run_export

    of_mode = checked_mode(mode, language)
    archive = positions_of(store, of_mode, region) if positions else None
    where = store_at(store, mode, region, language)
    raise typer.Exit(run_export(where, region_folder(region), folder, form, since, until, archive))


@store_app.command(
    help=say("从存储中去掉已归档的旧定位", "Drop archived hours of positions from the store."), epilog=_CODES
)
def retain(
    hours: Annotated[int, typer.Option("--hours", min=1, help=say("保留的小时数", "How many hours to keep."))],
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Drop old archived hours."""
    from console.cli_store_keep import run_retain

    of_mode = checked_mode(mode, language)
    raise typer.Exit(run_retain(store_at(store, mode, region, language), hours, positions_of(store, of_mode, region)))
