"""The commands about who is near: nearest units, rings of minutes, and where to stand tonight."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.cli_options import LanguageOption, RegionOption, region_folder
from console.cli_words import say

WhereTo = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        help=say("把结果写入文件（- 为标准输出）", "Write the answer to a file (- for stdout)."),
    ),
]
Asked = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|SITUATION.json",
        help=say("想定编号或其 YAML 文件，或态势、方案的 JSON 文件", "A scenario, or a situation or plan as JSON."),
    ),
]


def add_commands(app: typer.Typer, epilog: str) -> None:
    """Enter the commands of this room in the command line."""
    app.command(help=say("最近的可派力量，及其余为何不能去", "The nearest units, and why not others."), epilog=epilog)(
        dispatch
    )
    app.command(help=say("1、3、5 分钟圈（GeoJSON）", "Rings of 1, 3 and 5 minutes (GeoJSON)."), epilog=epilog)(rings)
    app.command(help=say("今夜应驻何处", "Where craft and groups should stand tonight."), epilog=epilog)(positions)


def dispatch(
    asked: Asked,
    incident: Annotated[
        str | None,
        typer.Option(
            "--incident", metavar="ID",
            help=say("只问一起警情（缺省：全部，共同派遣）", "One incident (default: all, shared out together)."),
        ),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, max=1000, help=say("列出几个最近的", "How many of the nearest to list."))
    ] = 10,
    kind: Annotated[
        str, typer.Option("--kind", metavar="groups|craft", help=say("警组或载具", "Groups or craft."))
    ] = "groups",
    skill: Annotated[
        list[str] | None,
        typer.Option(
            "--skill", metavar="SKILL",
            help=say("所需技能，可重复（缺省：首个梯次所需）", "Skill needed, repeatable."),
        ),
    ] = None,
    reach: Annotated[
        float | None, typer.Option("--reach", min=0.1, max=10000, help=say("至多多少分钟", "Minutes at most."))
    ] = None,
    need: Annotated[
        int | None,
        typer.Option(
            "--need", min=1, max=1000,
            help=say("每起警情几个（缺省：凑齐首个梯次）", "Units an incident (default: those of its first echelon)."),
        ),
    ] = None,
    json_file: WhereTo = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """List the nearest units."""
    _check(language)
    if kind not in ("groups", "craft"):
        raise typer.BadParameter(say("--kind 只能是 groups 或 craft", "--kind is groups or craft"))
    from console.cli_dispatch import run_dispatch

    raise typer.Exit(
        run_dispatch(
            region_folder(region), asked, incident, top, "craft" if kind == "craft" else "groups",
            skill or (), reach, need, json_file,
        )
    )  # fmt: skip


def rings(
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="ID", help=say("码头、机坪、驻地", "Pier, pad or station.")),
    ] = None,
    lon: Annotated[float | None, typer.Option("--lon", help=say("经度（度）", "Longitude, degrees."))] = None,
    lat: Annotated[float | None, typer.Option("--lat", help=say("纬度（度）", "Latitude, degrees."))] = None,
    units: Annotated[
        str | None,
        typer.Option(
            "--units", metavar="SCENARIO|SITUATION.json",
            help=say("取其中空闲力量所在之处", "The free units of a scenario or situation, where they stand."),
        ),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="LIST",
            help=say("方式：foot 或类型编号，逗号分隔", "Ways: foot or class ids, with commas between."),
        ),
    ] = "foot,van",
    minutes: Annotated[
        str, typer.Option("--minutes", metavar="LIST", help=say("分钟，逗号分隔", "Minutes, with commas between."))
    ] = "1,3,5",
    weather: Annotated[
        str | None,
        typer.Option(
            "--weather", metavar="SCENARIO|SITUATION.json",
            help=say("取其中的时刻、预报与封闭（缺省：平静、开放）", "Its moment and weather (default: calm)."),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help=say("GeoJSON 文件", "GeoJSON file, or -.")),
    ] = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Draw rings of minutes."""
    _check(language)
    from console.cli_rings import run_rings

    raise typer.Exit(run_rings(region_folder(region), place, lon, lat, units, by, minutes, weather, output))


def positions(
    forecast: Annotated[
        list[str] | None,
        typer.Option(
            "--forecast", metavar="SCENARIO|SITUATION.json",
            help=say("预报，可重复；第一个也给出力量（缺省：各想定）", "Repeatable; the first gives the forces too."),
        ),
    ] = None,
    measure: Annotated[
        str, typer.Option("--measure", metavar="mclp|p-median|mexclp", help=say("指标", "What is made best."))
    ] = "mclp",
    aim: Annotated[
        str, typer.Option("--aim", metavar="expected|worst", help=say("各预报的平均或最坏", "Mean or worst forecast."))
    ] = "expected",
    kind: Annotated[
        str, typer.Option("--kind", metavar="craft|groups", help=say("载具或警组", "Craft or groups."))
    ] = "craft",
    reach: Annotated[
        int, typer.Option("--reach", min=1, max=240, help=say("多少分钟内算覆盖", "Minutes that count as covered."))
    ] = 30,
    moves: Annotated[
        int, typer.Option("--moves", min=1, max=1000, help=say("至多几处移动", "Moves at most."))
    ] = 10,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=3600, help=say("求解时间（秒）", "Seconds to look for."))
    ] = 10.0,
    json_file: WhereTo = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Say where to stand tonight."""
    _check(language)
    for name, given, allowed in (
        ("--measure", measure, ("mclp", "p-median", "mexclp")),
        ("--aim", aim, ("expected", "worst")),
        ("--kind", kind, ("craft", "groups")),
    ):
        if given not in allowed:
            raise typer.BadParameter(
                say(f"{name} 只能是 {'、'.join(allowed)}", f"{name} is {', '.join(allowed[:-1])} or {allowed[-1]}")
            )
    from console.cli_positions import run_positions

    raise typer.Exit(
        run_positions(region_folder(region), forecast or (), measure, aim, kind, reach, moves, seconds, json_file)
    )


def _check(language: str | None) -> None:
    if language not in (None, "zh", "en"):
        raise typer.BadParameter(say("--language 只能是 zh 或 en", "--language is zh or en"))
