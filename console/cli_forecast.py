"""The commands about the weather: is a forecast whole, what does it close when and why, and grids read into a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.cli_near import WhereTo
from console.cli_options import LanguageOption, RegionOption, region_folder
from console.cli_words import say

Named = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|FORECAST.csv|SITUATION.json",
        help=say("想定编号、预报 CSV 或态势 JSON", "A scenario, a forecast's CSV, or a situation as JSON."),
    ),
]

forecast_app = typer.Typer(
    help=say("核查预报，查看何处封闭、导入格网", "Check forecasts, see what they close, import grids."),
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_commands(app: typer.Typer, epilog: str) -> None:
    """Enter the commands of this room in the command line."""
    for function, words in (
        (check, say("预报覆盖何时何处，缺什么、如何假定", "What a forecast covers, what it lacks, what is assumed.")),
        (show, say("何处封闭、到几时、为何", "What is closed, until when and why.")),
        (import_grid, say("把 GRIB2 或 NetCDF 格网读成预报表", "Read a GRIB2 or NetCDF grid into a forecast's table.")),
    ):
        name = "import" if function is import_grid else None
        forecast_app.command(name, help=words, epilog=epilog)(function)
    app.add_typer(forecast_app, name="forecast")


def check(
    named: Named, json_file: WhereTo = None, region: RegionOption = None, language: LanguageOption = None
) -> None:
    """Check a forecast; the answer is no where something of it is assumed."""
    _check_language(language)
    from console.cli_forecast_show import run_check

    raise typer.Exit(run_check(region_folder(region), named, json_file))


def show(
    named: Named,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME",
            help=say(
                "时刻，如 18:00 或 2026-09-13T06:00（区域时间）或带时区（缺省：态势时刻）",
                "When: 18:00 or 2026-09-13T06:00 by the region's clock, or with an offset (default: the situation's).",
            ),
        ),
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ID", help=say("只看一个海区", "One zone only."))
    ] = None,
    island: Annotated[
        str | None, typer.Option("--island", metavar="ID", help=say("只看一座岛", "One island only."))
    ] = None,
    json_file: WhereTo = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Show what the weather is and what it closes."""
    _check_language(language)
    from console.cli_forecast_show import run_show

    raise typer.Exit(run_show(region_folder(region), named, at, zone, island, json_file))


def import_grid(
    grids: Annotated[
        list[Path],
        typer.Argument(
            metavar="GRID...",
            help=say(
                "GRIB2 或 NetCDF 文件；可多个（如风与浪）", "GRIB2 or NetCDF files; several, e.g. wind and waves."
            ),
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="HOURS.csv", help=say("写入的预报表", "The table to write."))
    ],
    calm: Annotated[
        bool,
        typer.Option(
            "--assume-missing",
            help=say("格网没有的要素按假定值填写并说明", "Fill what the grids lack with assumed values, and say so."),
        ),
    ] = False,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Read grids into a forecast's table."""
    _check_language(language)
    from console.cli_forecast_import import run_import

    raise typer.Exit(run_import(region_folder(region), grids, output, calm))


def _check_language(language: str | None) -> None:
    if language not in (None, "zh", "en"):
        raise typer.BadParameter(say("--language 只能是 zh 或 en", "--language is zh or en"))
