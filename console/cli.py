"""The ``tongzhou`` command: serve the console, plan, check, route and validate from a terminal.

Exit codes: 0 done; 1 the answer is no (faults found, nothing can be done); 2 bad input; 3 an internal error.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from console import cli_evacuate, cli_forecast, cli_island, cli_isolate, cli_replan, cli_serve, cli_words
from console.cli_near import add_commands
from console.cli_options import AlternativeOption
from console.cli_store import store_app
from console.cli_users import token_app, user_app
from console.cli_words import err, say

DONE, ANSWER_IS_NO, BAD_INPUT, INTERNAL_ERROR, INTERRUPTED = 0, 1, 2, 3, 130

EXIT_CODES = say(
    "退出码：0 完成；1 结论为否（发现错误或无可行方案）；2 输入有误；3 内部错误。",
    "Exit codes: 0 done; 1 the answer is no (faults found, or nothing can be done); 2 bad input; 3 internal error.",
)
HELP = say(
    "同舟：群岛指挥调度。海、空、陆一体的梯次增援方案，附最优性证明。",
    "Tongzhou: command and dispatch for archipelagos. Deployment plans by road, sea and air, with a proof.",
)

RegionOption = Annotated[
    Path | None,
    typer.Option(
        "--region",
        metavar="FOLDER",
        help=say("区域数据文件夹（默认随产品附带的区域）", "Region folder (default: the one shipped)."),
    ),
]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="zh|en",
        help=say("输出语言（默认取自 LANG）", "Language of the output (default: from LANG)."),
    ),
]
Scenario = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help=say(
            "想定编号或其 YAML 文件（tongzhou scenarios 列出）",
            "A scenario's id or its YAML file ('tongzhou scenarios' lists them).",
        ),
    ),
]

app = typer.Typer(
    name="tongzhou",
    help=HELP,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
region_app = typer.Typer(
    help=say("核查与发布区域数据", "Check and publish region folders."), no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(region_app, name="region")
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")
app.add_typer(store_app, name="store")
add_commands(app, EXIT_CODES)
cli_replan.add_commands(app, EXIT_CODES)
cli_forecast.add_commands(app, EXIT_CODES)
cli_island.add_commands(app, EXIT_CODES)
cli_isolate.add_commands(app, EXIT_CODES)
cli_evacuate.add_commands(app, EXIT_CODES)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"tongzhou {version('tongzhou')}")
        raise typer.Exit


@app.callback()
def _common(
    language: LanguageOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=say("显示版本", "Show the version."))
    ] = False,
) -> None:
    _check_language(language)


@app.command(
    help=say("启动指挥台网页服务并打印如何登录", "Serve the console and print how to log in."), epilog=EXIT_CODES
)
def serve(
    scenario: cli_serve.ScenarioOption = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=say("端口（0 为任选）", "Port (0: any free one)."))
    ] = 5006,
    host: Annotated[str, typer.Option("--host", help=say("监听地址", "Address to listen at."))] = "127.0.0.1",
    mode: Annotated[
        str, typer.Option("--mode", metavar="drill|live", help=say("演练或实战", "Drill or live."))
    ] = "drill",
    speed: cli_serve.SpeedOption = None,
    store: cli_serve.StoreOption = None,
    origin: cli_serve.OriginOption = None,
    console: cli_serve.ConsoleOption = None,
    link: cli_serve.LinkOption = True,
    oidc: cli_serve.OidcOption = None,
    trusted_proxy: cli_serve.ProxyOption = None,
    anchor_key: cli_serve.AnchorKeyOption = None,
    anchor_file: cli_serve.AnchorFileOption = None,
    anchor_every: cli_serve.AnchorEveryOption = 300.0,
    backup_folder: cli_serve.BackupFolderOption = None,
    backup_every: cli_serve.BackupEveryOption = 1.0,
    keep_hours: cli_serve.KeepHoursOption = cli_serve.KEEP_HOURS,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Serve the console."""
    _check_language(language)
    from console.cli_serve import run_serve

    run_serve(
        _region_folder(region), scenario, mode, host, port, speed, store, origin, console, link, oidc, trusted_proxy,
        anchor_key, anchor_file, anchor_every, backup_folder, backup_every, keep_hours,
    )  # fmt: skip


@app.command(help=say("为想定制定增援方案", "Make a deployment plan for a scenario."), epilog=EXIT_CODES)
def deploy(
    scenario: Scenario,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.1, max=3600, help=say("求解时间（秒）", "Seconds to look for."))
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, max=2**31 - 1, help=say("随机种子", "Random seed."))
    ] = None,
    iterations: Annotated[
        int | None,
        typer.Option(
            "--iterations", min=0,
            help=say("以步数代替时间：同一种子得同一方案", "Moves instead of seconds: same seed, same plan."),
        ),
    ] = None,
    alternative: AlternativeOption = "balanced",
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE",
            help=say("把方案写入文件（- 为标准输出）", "Write the plan to a file (- for stdout)."),
        ),
    ] = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Plan a scenario."""
    _check_language(language)
    from console.cli_deploy import run_deploy

    raise typer.Exit(run_deploy(_region_folder(region), scenario, seconds, seed, iterations, alternative, json_file))


@app.command(help=say("不用求解器核查方案文件", "Check a plan file without a solver."), epilog=EXIT_CODES)
def check(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help=say("方案文件", "The plan file."))],
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Check a plan."""
    _check_language(language)
    from console.cli_deploy import run_check

    raise typer.Exit(run_check(_region_folder(region), plan))


@app.command("sea-route", help=say("两码头之间的海路", "The sea route between two piers."), epilog=EXIT_CODES)
def sea_route(
    from_pier: Annotated[str, typer.Argument(metavar="PIER", help=say("出发码头编号", "Pier to start from."))],
    to_pier: Annotated[str, typer.Argument(metavar="PIER", help=say("到达码头编号", "Pier to go to."))],
    craft: Annotated[
        str | None,
        typer.Option("--craft", metavar="CLASS", help=say("船艇类型（默认 10 节）", "Craft class (default: 10 kn).")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 GeoJSON", "Print GeoJSON."))] = False,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Show a sea route."""
    _check_language(language)
    from console.cli_places import run_sea_route

    raise typer.Exit(run_sea_route(_region_folder(region), from_pier, to_pier, craft, as_json))


@app.command(help=say("列出附带的想定", "List the scenarios shipped."), epilog=EXIT_CODES)
def scenarios(region: RegionOption = None, language: LanguageOption = None) -> None:
    """List scenarios."""
    _check_language(language)
    from console.cli_places import run_scenarios

    raise typer.Exit(run_scenarios(_region_folder(region)))


@app.command(
    "warm-up",
    help=say("预先建好路网并编译求解器（可重复运行）", "Build the networks and compile the solver ahead of use."),
    epilog=EXIT_CODES,
)
def warm_up(region: RegionOption = None, language: LanguageOption = None) -> None:
    """Do once what the first start would wait for."""
    _check_language(language)
    from console.cli_warm_up import run_warm_up

    raise typer.Exit(run_warm_up(_region_folder(region)))


@region_app.command(
    "publish",
    help=say("把区域的地物写入 PostGIS（模式 region）", "Write a region's places to PostGIS (schema 'region')."),
    epilog=EXIT_CODES,
)
def region_publish(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=say("区域数据文件夹", "The region folder."))],
    address: Annotated[
        str,
        typer.Argument(
            metavar="DSN",
            help=say("数据库地址，如 postgresql://host/name", "Address of the database, e.g. postgresql://host/name."),
        ),
    ],
    language: LanguageOption = None,
) -> None:
    """Publish a region to PostGIS."""
    _check_language(language)
    from console.cli_publish import run_region_publish

    raise typer.Exit(run_region_publish(folder, address))


@region_app.command(
    "check", help=say("核查区域数据的每张表", "Validate every table of a region folder."), epilog=EXIT_CODES
)
def region_check(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=say("区域数据文件夹", "The region folder."))],
    language: LanguageOption = None,
) -> None:
    """Validate a region folder."""
    _check_language(language)
    from console.cli_places import run_region_check

    raise typer.Exit(run_region_check(folder))


@app.command(
    "plan-schema", help=say("输出方案文件的 JSON Schema", "Print the JSON Schema of plan files."), epilog=EXIT_CODES
)
def plan_schema() -> None:
    """Print the plan schema."""
    from console.plan_schema import plan_schema_json

    typer.echo(plan_schema_json(), nl=False)


@app.command(
    "api-schema",
    help=say("输出接口的 OpenAPI 3.1 说明", "Print the OpenAPI 3.1 description of the API."),
    epilog=EXIT_CODES,
)
def api_schema() -> None:
    """Print the description of the API."""
    from console.api.routes import described_api

    typer.echo(described_api(), nl=False)


def _region_folder(given: Path | None) -> Path:
    from console.paths import default_region_folder

    return given or default_region_folder()


def _check_language(given: str | None) -> None:
    if given not in (None, "zh", "en"):
        raise typer.BadParameter(say("--language 只能是 zh 或 en", "--language is zh or en"))


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error ends here, in words."""
    from data.errors import TongzhouError

    try:
        result = app(args=None if argv is None else list(argv), prog_name="tongzhou", standalone_mode=False)
        if result == INTERRUPTED:
            err().print(say("已中断。", "Stopped."))
        return result if isinstance(result, int) else DONE
    except TyperException as error:
        error.show() if hasattr(error, "show") else _complain(str(error))
        return BAD_INPUT
    except (Abort, KeyboardInterrupt):
        err().print(say("已中断。", "Stopped."))
        return INTERRUPTED
    except BrokenPipeError:  # somebody's `head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except TongzhouError as error:
        _complain(error.said(cli_words.LANGUAGE))
        return BAD_INPUT
    except OSError as error:
        _complain(_said_os_error(error))
        return BAD_INPUT
    except Exception as error:
        _complain_of_ourselves(error)
        return INTERNAL_ERROR


def _complain(message: str) -> None:
    err().print(say("错误：", "Error: ") + message, markup=False)


def _said_os_error(error: OSError) -> str:
    name = error.filename or ""
    if isinstance(error, FileNotFoundError) and name:
        return say(f"找不到文件 {name}。请核对路径。", f"There is no file {name}. Check the path.")
    if isinstance(error, IsADirectoryError):
        return say(f"{name} 是文件夹，这里需要文件。", f"{name} is a folder; a file is needed here.")
    if isinstance(error, PermissionError):
        return say(f"没有权限访问 {name}。", f"{name} may not be read or written by you.")
    if isinstance(error, NotADirectoryError):
        return say(f"{name} 的路径中有一段不是文件夹。请核对路径。", f"Part of the path {name} is no folder. Check it.")
    return f"{error.strerror or error}{f': {name}' if name else ''}"


def _complain_of_ourselves(error: Exception) -> None:
    """Word an unexpected error in one line and keep its details in a log file."""
    import traceback
    from datetime import datetime

    from console.paths import log_folder
    from console.store_address import without_password

    details = without_password("".join(traceback.format_exception(error)))
    where = say("日志未能写入", "the log could not be written")
    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"error-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
        log.write_text(f"{without_password(' '.join(sys.argv))}\n\n{details}", encoding="utf-8")
        where = say(f"详情见 {log}", f"details are in {log}")
    except OSError:
        pass
    kind = type(error).__name__
    _complain(say(f"内部错误（{kind}）；{where}。请上报。", f"internal error ({kind}); {where}. Please report it."))


_SHOW_CURSOR = "\x1b[?25h"  # ECMA-48, DEC private mode 25


def main() -> None:
    """Run the command line."""
    # What starts slowly is mostly imports, and a KeyboardInterrupt inside some of them becomes another error.
    signal.signal(signal.SIGINT, _stop_at_once)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a word still shows the rest
    sys.exit(run())


def _stop_at_once(*_: object) -> None:
    # Nothing is imported here: the interrupt may come in the middle of the very import it would need.
    cursor = _SHOW_CURSOR if sys.stderr.isatty() else ""
    os.write(2, f"{cursor}{say('已中断。', 'Stopped.')}\n".encode())
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
