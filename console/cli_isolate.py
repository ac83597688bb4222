"""The ``isolate`` command: until when each island can be left, who is there, and whom to move first."""

from __future__ import annotations

from typing import Annotated

import typer

from console.cli_near import WhereTo
from console.cli_options import LanguageOption, RegionOption, region_folder
from console.cli_words import say

ForecastOption = Annotated[
    str | None,
    typer.Option(
        "--forecast", metavar="SCENARIO|FORECAST.csv|SITUATION.json",
        help=say("预报：想定编号、预报 CSV 或态势 JSON", "The forecast: a scenario, a CSV, or a situation as JSON."),
    ),
]  # fmt: skip


def add_commands(app: typer.Typer, epilog: str) -> None:
    """Enter the command of this room in the command line."""
    app.command(
        help=say("断航预判：各岛最晚安全离港与先行转移", "Until when islands can be left, and whom to move first."),
        epilog=epilog,
    )(isolate)
    app.command(
        "isolation-schema",
        help=say("断航预判文件的 JSON Schema", "The JSON Schema of isolation reports."),
        epilog=epilog,
    )(isolation_schema)


def isolate(
    asked: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO|SITUATION.json]",
            help=say("力量与人数取自此（缺省：取自 --forecast）", "Whose forces and people (default: of --forecast)."),
        ),
    ] = None,
    forecast: ForecastOption = None,
    hours: Annotated[
        int, typer.Option("--hours", metavar="N", help=say("预判多少小时（1 至 168）", "Hours ahead, 1 to 168."))
    ] = 72,
    island: Annotated[
        str | None,
        typer.Option("--island", metavar="ID", help=say("只看一座岛，给出全部窗口", "One island, with its windows.")),
    ] = None,
    tonight: Annotated[
        bool,
        typer.Option(
            "--tonight",
            help=say("另算今夜前置力量值多少（数秒）", "Also what posting forces tonight is worth (seconds)."),
        ),
    ] = False,
    json_file: WhereTo = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Foresee which islands are cut off when."""
    if language not in (None, "zh", "en"):
        raise typer.BadParameter(say("--language 只能是 zh 或 en", "--language is zh or en"))
    if not 1 <= hours <= 168:
        raise typer.BadParameter(say("--hours 为 1 至 168", "--hours is 1 to 168"))
    if asked is None and forecast is None:
        raise typer.BadParameter(
            say("请给出想定，或用 --forecast 指明预报", "Name a scenario, or a forecast with --forecast")
        )
    from console.cli_isolation import run_isolate

    raise typer.Exit(run_isolate(region_folder(region), asked, forecast, hours, island, tonight, json_file))


def isolation_schema() -> None:
    """Print the schema."""
    from console.plan_schema import isolation_schema_json

    typer.echo(isolation_schema_json(), nl=False)
