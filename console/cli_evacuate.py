"""The ``evacuate`` command: who leaves an island when on which craft, or a problem given as plain matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.cli_near import WhereTo
from console.cli_options import LanguageOption, RegionOption, region_folder
from console.cli_words import say


def add_commands(app: typer.Typer, epilog: str) -> None:
    """Enter the command of this room in the command line."""
    app.command(
        help=say(
            "撤离：谁何时乘哪条船离岛，何时全部上岸", "Take people off an island: who leaves when, on which craft."
        ),
        epilog=epilog,
    )(evacuate)


def evacuate(
    asked: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO|SITUATION.json]",
            help=say("想定编号或其 YAML 文件，或态势 JSON", "A scenario, or a situation or plan as JSON."),
        ),
    ] = None,
    island: Annotated[
        str | None,
        typer.Option(
            "--island", metavar="ID",
            help=say("撤离哪座岛（缺省：想定写明的第一座）", "Which island (default: the first the scenario names)."),
        ),
    ] = None,
    matrix: Annotated[
        Path | None,
        typer.Option(
            "--matrix", metavar="FOLDER",
            help=say(
                "以矩阵给出的问题：demand、docks、vessels、legs 等 CSV",
                "A problem as matrices: demand, docks, vessels, legs and compatibility as CSV.",
            ),
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=3600, help=say("求解时间（秒）", "Seconds to look for."))
    ] = 5.0,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=2**31 - 1, help=say("随机种子", "Random seed."))
    ] = 1,
    iterations: Annotated[
        int | None,
        typer.Option(
            "--iterations", min=0,
            help=say("以尝试次数代替时间，结果可重现", "Changes tried instead of seconds: the same plan every time."),
        ),
    ] = None,
    robust: Annotated[
        bool,
        typer.Option(
            "--robust",
            help=say(
                "另算各预报情形下是否成立，与今夜行动值多少（数秒）",
                "Also whether the plan holds under each outlook, and what acting tonight is worth (seconds).",
            ),
        ),
    ] = False,
    json_file: WhereTo = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Take people off an island."""
    if language not in (None, "zh", "en"):
        raise typer.BadParameter(say("--language 只能是 zh 或 en", "--language is zh or en"))
    if (asked is None) == (matrix is None):
        raise typer.BadParameter(
            say(
                "请给出想定，或用 --matrix 指明文件夹，二者取一",
                "Name a scenario or, with --matrix, a folder: one of them",
            )
        )
    if matrix is not None:
        if island is not None or robust:
            raise typer.BadParameter(
                say("--island 与 --robust 不用于 --matrix", "--island and --robust are not for --matrix")
            )
        from console.cli_evacuate_matrix import run_matrix

        raise typer.Exit(run_matrix(matrix, seconds, seed, iterations, json_file))
    assert asked is not None
    from console.cli_evacuate_show import run_evacuate

    raise typer.Exit(run_evacuate(region_folder(region), asked, island, seconds, seed, iterations, robust, json_file))
