"""The command that re-plans a plan under way: what happened in, what changes and its price out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from console.cli_options import LanguageOption, RegionOption, region_folder
from console.cli_words import err, out, said, say
from data.errors import TongzhouError, UnknownNameError

if TYPE_CHECKING:
    from data.geography import Region
    from data.plans import Plan
    from data.situation import Situation
    from data.weather import Closure
    from routing.replan.known import Reports

SECONDS = 1.5
# Points of one weighted minute, as the plan format defines them.
POINTS_A_MINUTE = 100


class ReplanOptionError(ValueError, TongzhouError):
    """An option of the command that does not say what it should."""


def add_commands(app: typer.Typer, epilog: str) -> None:
    """Enter the command in the command line."""
    app.command(help=say("方案进行中有变，调整方案", "Re-plan a plan under way."), epilog=epilog)(replan)


def replan(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help=say("执行中的方案", "The plan in force."))],
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="MINUTE|HH:MM",
            help=say("此刻：方案起始后的分钟数，或当地时刻", "Now: minutes after the plan's start, or local time."),
        ),
    ] = None,
    lost: Annotated[
        list[str] | None,
        typer.Option(
            "--lost", metavar="UNIT[=MINUTE]",
            help=say(
                "失效的载具或警组；=分钟：船上人员何时回到上客点",
                "A craft or group lost; =MINUTE when those aboard are back at the pickup.",
            ),
        ),
    ] = None,
    close: Annotated[
        list[str] | None,
        typer.Option(
            "--close", metavar="PIER[=MINUTES]",
            help=say("自此刻起关闭的码头或起降点；=关闭多少分钟", "A pier or pad shut from now on; =for MINUTES."),
        ),
    ] = None,
    delay: Annotated[
        list[str] | None,
        typer.Option("--delay", metavar="GROUP=MINUTES", help=say("警组推迟的分钟数", "A group late by MINUTES.")),
    ] = None,
    pin: Annotated[
        list[str] | None,
        typer.Option("--pin", metavar="GROUP=CRAFT", help=say("警组须乘此载具", "A group that must ride a craft.")),
    ] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option(
            "--forbid", metavar="UNIT|GROUP=CRAFT",
            help=say("不得再用的单位，或不得同乘的组合", "A unit not to be used any more, or a pair kept apart."),
        ),
    ] = None,
    situation: Annotated[
        str | None,
        typer.Option(
            "--situation", metavar="SCENARIO|SITUATION.json",
            help=say(
                "新态势：预报、封闭、警情、单位以它为准",
                "The situation of now: its forecast, closures, incidents and units count.",
            ),
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=3600, help=say("求解时间（秒）", "Seconds to look for."))
    ] = SECONDS,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help=say("随机种子", "Random seed."))] = 1,
    iterations: Annotated[
        int | None,
        typer.Option(
            "--iterations", min=0,
            help=say("以步数代替时间；0 为只作修补", "Moves instead of seconds; 0 only repairs the plan."),
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "-o", "--json", metavar="FILE",
            help=say("把新方案写入文件（- 为标准输出）", "Write the new plan to a file (- for stdout)."),
        ),
    ] = None,
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Re-plan a plan."""
    if language not in (None, "zh", "en"):
        raise typer.BadParameter(say("--language 只能是 zh 或 en", "--language is zh or en"))
    given = {"lost": lost, "close": close, "delay": delay, "pin": pin, "forbid": forbid}
    words = {name: tuple(values or ()) for name, values in given.items()}
    code = run_replan(region_folder(region), plan, at, words, situation, (seconds, seed, iterations), json_file)
    raise typer.Exit(code)


def run_replan(
    folder: Path,
    file: Path,
    at: str | None,
    words: dict[str, tuple[str, ...]],
    newer: str | None,
    effort: tuple[float, int, int | None],
    json_file: Path | None,
) -> int:
    """Re-plan a plan file and print what changes; 1 when nobody comes any more."""
    import msgspec

    from console.cli_deploy import read_plan_file
    from console.cli_situation import check_writable, networks, read_asked, write_out
    from console.paths import cache_folder
    from data.array_cache import ArrayCache
    from data.region_reader import read_region
    from routing.deploy.deployment import Planner
    from routing.deploy.problem import SolveOptions
    from routing.deploy.prover import PROVER
    from routing.deploy.solve import warm_up
    from routing.replan.plan import replan_plan

    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    plan = read_plan_file(file)
    seconds, seed, iterations = effort
    if iterations is None:
        PROVER.start()  # it warms up while the region is read
    region = read_region(folder)
    later = read_asked(newer, folder, region).situation if newer is not None else None
    moment = _moment(at, plan, later, region)
    reports = read_reports(words, plan, moment, region)
    network, _ = networks(region)
    _check_sound(file, plan, region, network)
    planner = Planner(region, network, ArrayCache(cache_folder()))
    options = SolveOptions(seconds=seconds, seed=seed, iterations=iterations)
    with err().status(say("正在调整方案", "Re-planning")):
        if iterations != 0:
            warm_up()
        found = replan_plan(planner, plan, moment, reports, later, options)
    if json_file is not None and str(json_file) == "-":
        write_out(msgspec.to_builtins(found), json_file)
    else:
        print_revision(plan, found, region)
        if json_file is not None:
            write_out(msgspec.to_builtins(found), json_file)
    return 1 if found.status == "infeasible" else 0


def _moment(at: str | None, plan: Plan, later: Situation | None, region: Region) -> datetime:
    """Return the moment asked for: minutes after the start, a local time of day, or that of the newer situation."""
    if at is None:
        if later is not None and later.at > plan.start_at:
            return later.at.astimezone(UTC)
        raise ReplanOptionError(
            say(
                "请用 --at 指明此刻：方案起始后的分钟数，或当地时刻（时:分）。",
                "Say with --at which moment it is: minutes after the plan's start, or a local time HH:MM.",
            )
        )
    if re.fullmatch(r"-?\d{1,6}", at):
        return plan.start_at + timedelta(minutes=int(at))
    if (clock := re.fullmatch(r"(\d{1,2}):(\d{2})", at)) and int(clock[1]) < 24 and int(clock[2]) < 60:
        start = plan.start_at.astimezone(ZoneInfo(region.timezone))
        local = start.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return (local if local >= start else local + timedelta(days=1)).astimezone(UTC)
    raise ReplanOptionError(
        say(f"--at“{at}”既非分钟数，也非时刻（时:分）。", f"--at '{at}' is neither minutes nor a time HH:MM.")
    )


def read_reports(words: dict[str, tuple[str, ...]], plan: Plan, at: datetime, region: Region) -> Reports:
    """Return what the options report; raises ReplanOptionError naming an option that says too little."""
    from routing.replan.known import Reports

    lost = [word.partition("=") for word in words["lost"]]
    pairs = [word.partition("=") for word in words["forbid"]]
    return Reports(
        lost=tuple(unit for unit, _, _ in lost),
        ashore_at={
            unit: plan.start_at + timedelta(minutes=_number("--lost", unit, minute, 0))
            for unit, is_back, minute in lost
            if is_back
        },
        closures=tuple(_closure(word, at, region) for word in words["close"]),
        delayed={group: _number("--delay", group, minutes, 1) for group, minutes in _pairs("--delay", words["delay"])},
        pinned=dict(_pairs("--pin", words["pin"])),
        forbidden=tuple(unit for unit, is_pair, _ in pairs if not is_pair),
        apart=tuple((group, craft) for group, is_pair, craft in pairs if is_pair),
    )


def _pairs(option: str, words: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for word in words:
        name, is_pair, value = word.partition("=")
        if not is_pair or not name or not value:
            raise ReplanOptionError(
                say(f"{option}“{word}”应写作 名称=值。", f"{option} '{word}' must be written NAME=VALUE.")
            )
        found.append((name, value))
    return found


def _number(option: str, name: str, given: str, least: int) -> int:
    if not re.fullmatch(r"\d{1,5}", given) or int(given) < least:
        raise ReplanOptionError(
            say(
                f"{option} {name}：“{given}”不是不小于 {least} 的整分钟数。",
                f"{option} {name}: '{given}' is no whole number of minutes of {least} or more.",
            )
        )
    return int(given)


def _closure(word: str, at: datetime, region: Region) -> Closure:
    from difflib import get_close_matches

    from data.text import Text
    from data.weather import Closure

    site, is_timed, minutes = word.partition("=")
    place = region.piers.get(site) or region.helipads.get(site)
    if place is None:
        known = [*region.piers, *region.helipads]
        raise UnknownNameError("pier", site, get_close_matches(site, known, n=3))
    until = at + timedelta(minutes=_number("--close", site, minutes, 1)) if is_timed else None
    return Closure(
        id=f"replan-{site}-{at:%H%M}",
        target_kind="pier" if site in region.piers else "helipad",
        target_id=site,
        from_at=at,
        until_at=until,
        reason=Text(f"{place.name.zh}关闭", f"{place.name.en} is closed"),
        author="command line",
    )


def _check_sound(file: Path, plan: Plan, region: Region, network: object) -> None:
    """Refuse a plan that breaks its own rules; raises ReplanOptionError naming the first of them."""
    from routing.check import check_plan
    from routing.replan.known import situation_of

    faults = check_plan(plan, situation_of(plan), region, network)  # type: ignore[arg-type]
    if faults:
        raise ReplanOptionError(
            say(
                f"{file} 未通过核查（{len(faults)} 处），不能据以调整：{faults[0].text.zh}",
                f"{file} fails its check ({len(faults)} faults) and cannot be re-planned: {faults[0].text.en}",
            )
        )


def print_revision(before: Plan, plan: Plan, region: Region) -> None:
    """Print what happened, what changes, and at what price."""
    revision = plan.revision
    assert revision is not None
    to, zone = out(), ZoneInfo(region.timezone)
    minute = (revision.at - plan.start_at) // timedelta(minutes=1)
    since = f"{revision.at.astimezone(zone):%H:%M}"
    to.print(
        say(
            f"[bold]自 {since}（第 {minute} 分钟）起调整方案 {revision.parent_id}[/bold]  {plan.id}",
            f"[bold]Plan {revision.parent_id} re-planned from {since} (minute {minute})[/bold]  {plan.id}",
        )
    )
    for text in revision.happened:
        to.print(f"  {said(text)}", markup=False)
    title = {
        "echelon": say("梯次", "Echelons"),
        "craft": say("载具", "Craft"),
        "group": say("警组", "Groups"),
    }
    if not revision.changes:
        to.print(say("方案无须改变。", "Nothing changes."), style="bold")
    for kind, heading in title.items():
        lines = [change for change in revision.changes if change.of == kind]
        if lines:
            to.print(heading, style="bold")
        for change in lines:
            to.print(f"  {said(change.text)}", markup=False)
    price_min = revision.change_points / POINTS_A_MINUTE
    to.print(
        say(
            f"{revision.groups_changed} 个警组另有指令，改令代价 {price_min:g} 加权分钟；"
            f"目标值 {before.objective.total:,} → {plan.objective.total:,} 分，"
            f"差距至多 {plan.gap:.2%}，用时 {plan.solve_s:.2f} 秒",
            f"{revision.groups_changed} groups have other orders, priced at {price_min:g} weighted minutes; "
            f"objective {before.objective.total:,} -> {plan.objective.total:,} points, "
            f"gap at most {plan.gap:.2%}, found in {plan.solve_s:.2f} s",
        )
    )
