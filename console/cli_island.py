"""The commands about an island that stands alone: who holds it, and who is near each of its points."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.cli_near import Asked, WhereTo
from console.cli_options import LanguageOption, RegionOption, region_folder
from console.cli_words import say

IslandOption = Annotated[
    str | None,
    typer.Option(
        "--island", metavar="ID",
        help=say("岛屿编号（缺省：唯一有任务的岛）", "The island (default: the one that has tasks)."),
    ),
]  # fmt: skip


def add_commands(app: typer.Typer, epilog: str) -> None:
    """Enter the commands of this room in the command line."""
    app.command(
        help=say("岛自为战：岛上队伍坚守到增援接管", "Hold an island with its own people until relief takes over."),
        epilog=epilog,
    )(hold)
    app.command(
        "hold-schema",
        help=say("输出坚守方案的 JSON Schema", "Print the JSON Schema of plans that hold an island."),
        epilog=epilog,
    )(hold_schema)
    app.command(
        help=say(
            "1 分钟自救、3 分钟互救圈：缺口与补位", "One-minute and three-minute circles: gaps, and what closes them."
        ),
        epilog=epilog,
    )(circles)


def hold(
    asked: Asked,
    island: IslandOption = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan", metavar="PLAN.json",
            help=say("接替的增援方案（deploy --json 所写）", "The plan that relieves it (by deploy --json)."),
        ),
    ] = None,
    evacuation: Annotated[
        Path | None,
        typer.Option(
            "--evacuation", metavar="PLAN.json",
            help=say("撤离方案（evacuate --json 所写），其岗位一并安排", "An evacuation whose posts are held too."),
        ),
    ] = None,
    relief: Annotated[
        str | None,
        typer.Option(
            "--relief", metavar="HH:MM", help=say("增援接管时刻（当地时间）", "When relief takes over (local time).")
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="HH:MM",
            help=say(
                "重排到此刻：计入想定中此前的抵岛、减员和新任务",
                "Plan again at this time, after the arrivals, losses and new tasks of the scenario until then.",
            ),
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=3600, help=say("求解时间（秒）", "Seconds to look for."))
    ] = 5.0,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help=say("随机种子", "Random seed."))] = 1,
    iterations: Annotated[
        int | None,
        typer.Option(
            "--iterations", min=0,
            help=say("以步数代替时间：同一种子得同一方案", "Moves instead of seconds: same seed, same plan."),
        ),
    ] = None,
    json_file: WhereTo = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Hold an island."""
    _check(language)
    from console.cli_hold import run_hold

    raise typer.Exit(
        run_hold(
            region_folder(region), asked, island, plan, evacuation, relief, at, seconds, seed, iterations, json_file
        )
    )


def hold_schema() -> None:
    """Print the schema of hold plans."""
    from console.plan_schema import hold_schema_json

    typer.echo(hold_schema_json(), nl=False)


def circles(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO]",
            help=say("想定（缺省：按区域数据的常驻队伍）", "A scenario (default: teams as in the region's table)."),
        ),
    ] = None,
    island: Annotated[
        list[str] | None,
        typer.Option("--island", metavar="ID", help=say("岛屿，可重复；或 all", "Islands, repeatable; or all.")),
    ] = None,
    geojson: Annotated[
        Path | None,
        typer.Option(
            "--geojson", metavar="FILE",
            help=say("把圈、缺口和岗位写成 GeoJSON", "Write circles, gaps and posts as GeoJSON."),
        ),
    ] = None,
    json_file: WhereTo = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Show the circles of islands."""
    _check(language)
    from console.cli_circles import run_circles

    raise typer.Exit(run_circles(region_folder(region), scenario, island or [], geojson, json_file))


def _check(language: str | None) -> None:
    if language not in (None, "zh", "en"):
        raise typer.BadParameter(say("--language 只能是 zh 或 en", "--language is zh or en"))
