"""An island's evacuation on the terminal: trips, calls, queues, what other ways reach, what remains, posts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from console.cli_situation import Asked, check_writable, clock, forecast_words, networks, read_asked, write_out
from console.cli_words import err, out, said, say
from data.errors import TongzhouError, UnknownNameError, worded
from data.geography import Region

if TYPE_CHECKING:
    from rich.table import Table

    from data.evacuation import EvacuationPlan, RobustEvacuation


class EvacuationAskedError(ValueError, TongzhouError):
    """A question about an evacuation that names no island, where the situation names none either."""


def run_evacuate(
    folder: Path,
    asked_name: str,
    island: str | None,
    seconds: float,
    seed: int,
    iterations: int | None,
    robust: bool,
    json_file: Path | None,
) -> int:
    """Print how people leave an island; 1 where somebody remains or nobody is there."""
    from data.region_reader import read_region
    from routing.evacuate.evacuate import evacuate_island
    from routing.evacuate.problem import SolveOptions

    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    region = read_region(folder)
    asked = read_asked(asked_name, folder, region)
    island_id = _island(asked, region, island)
    network, book = networks(region)
    options = SolveOptions(seconds=seconds, seed=seed, iterations=iterations)
    with err().status(say("正在求解", "Working")):
        plan = evacuate_island(asked.situation, network, book, island_id, options, is_robust=robust)
    if json_file is not None:
        write_out(msgspec.to_builtins(plan), json_file)
    if json_file is None or str(json_file) != "-":
        _print(plan, asked, region)
    return 0 if plan.ashore == plan.persons and plan.persons else 1


def _island(asked: Asked, region: Region, island: str | None) -> str:
    from difflib import get_close_matches

    if island is not None:
        if island not in region.islands:
            near = get_close_matches(island, list(region.islands), n=3)
            raise UnknownNameError("island", island, near, where="islands.csv")
        return island
    named = [one.island_id for one in asked.situation.evacuations]
    named += [one.island_id for one in asked.situation.incidents]
    if not named:
        raise worded(
            EvacuationAskedError(
                "Nothing says which island is to be left. Name it with --island, e.g. --island miaozihu."
            ),
            zh="未说明撤离哪座岛。请用 --island 指明，例如 --island miaozihu。",
        )
    return named[0]


def _print(plan: EvacuationPlan, asked: Asked, region: Region) -> None:
    zone = ZoneInfo(region.timezone)
    names = say("、", ", ").join(said(region.islands[one].name) for one in plan.island_ids)
    out().print(f"[bold]{names} {say('撤离', 'evacuation')}[/bold]  {clock(plan.at, region)}  ({asked.title})")
    out().print(forecast_words(asked.situation, region), style="dim", markup=False)
    if not plan.persons:
        out().print(say("岛上没有待撤离人员。", "There is nobody to take off."))
    if plan.trips:
        out().print(_trips(plan, zone))
    _print_result(plan, zone)
    if plan.groups:
        out().print(_groups(plan, zone))
    for use in plan.piers:
        if use.role == "pick_up":
            limit = "" if use.capacity is None else say(f"，上限 {use.capacity} 人", f", limit {use.capacity}")
            state = said(use.closed_text) if use.closed_text else say("开放", "open")
            opens = f" {say('至', 'until')} {_hm(use.opens_at, zone, plan)}" if use.opens_at else ""
            queue = say(f"候船峰值 {use.peak} 人{limit}", f"longest queue {use.peak}{limit}")
            out().print(f"{said(use.name)}: {state}{opens}{say('；', '; ')}{queue}", markup=False)
    for muster in plan.musters:
        words = say(
            f"{muster.persons} 人，步行 {muster.walk_min} 分钟",
            f"{muster.persons} people, {muster.walk_min} min on foot",
        )
        out().print(f"{said(muster.name)}: {words}", markup=False)
    for found in plan.bottlenecks:
        out().print(said(found.text), markup=False)
    for base in plan.baselines:
        done = (
            _hm(base.complete_at, zone, plan) if base.complete_at else say("时限内不能完成", "not within the horizon")
        )
        later = f" ({base.later_min:+d} {say('分钟', 'min')})" if base.later_min is not None else ""
        today = say(f"当日撤离 {base.persons_today} 人", f"{base.persons_today} ashore by midnight")
        out().print(f"{said(base.name)}: {done}{later}{say('，', ', ')}{today}", markup=False)
    for left in plan.unmet:
        out().print(f"{say('未满足', 'unmet')}: {said(left.text)}", style="bold", markup=False)
    if plan.posts:
        out().print(say("需要的维序岗：", "Posts it needs:"), style="bold")
        for post in plan.posts:
            people = say(f"{post.people} 人", f"{post.people} people")
            span = say(f"{post.duration_min} 分钟", f"for {post.duration_min} min")
            out().print(f"  {said(post.name)}: {people} {_hm(post.earliest_at, zone, plan)} {span}", markup=False)
    if plan.robust is not None:
        _print_robust(plan.robust, plan, zone)
    for text in plan.assumptions:
        out().print(f"{say('假定', 'assumed')}: {said(text)}", style="dim", markup=False)
    out().print(say("核查：未发现错误", "checked without the solver: no fault found"), style="dim", markup=False)


def _print_result(plan: EvacuationPlan, zone: ZoneInfo) -> None:
    if plan.complete_at is not None and plan.bound_at is not None and plan.last_departure_at is not None:
        proof = say("已证明最优", "proven optimal") if plan.status == "optimal" else f"{plan.gap:.1%}"
        out().print(
            say(
                f"{plan.persons} 人 {_hm(plan.complete_at, zone, plan)} 全部上岸，"
                f"末船 {_hm(plan.last_departure_at, zone, plan)} 离岛；"
                f"下界 {_hm(plan.bound_at, zone, plan)}，差距 {proof}，求解 {plan.solve_s:.1f} 秒",
                f"all {plan.persons} ashore at {_hm(plan.complete_at, zone, plan)}, last departure "
                f"{_hm(plan.last_departure_at, zone, plan)}; not before {_hm(plan.bound_at, zone, plan)}, gap {proof}, "
                f"{plan.solve_s:.1f} s",
            ),
            style="bold",
        )  # fmt: skip
    elif plan.persons:
        out().print(
            say(
                f"{plan.persons} 人中 {plan.ashore} 人上岸，剩余 {plan.persons - plan.ashore} 人；"
                f"任何方案至少剩 {plan.least_remaining} 人",
                f"{plan.ashore} of {plan.persons} get ashore, {plan.persons - plan.ashore} remain; "
                f"any plan leaves {plan.least_remaining} at least",
            ),
            style="bold",
        )
    if plan.bound_relaxes:
        relaxes = say("；", "; ").join(said(one) for one in plan.bound_relaxes)
        out().print(say(f"下界放宽：{relaxes}", f"the bound leaves out: {relaxes}"), style="dim", markup=False)


def _trips(plan: EvacuationPlan, zone: ZoneInfo) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = (
        say("船", "craft"), say("上客泊位", "from, berth"), say("人数", "people"), say("装载", "loads"),
        say("下客点", "to"), say("到达", "arrives"), say("上岸完", "ashore"), say("航速", "kn"),
    )  # fmt: skip
    for n, heading in enumerate(headings):
        table.add_column(heading, justify="right" if n in (2, 7) else "left")
    for trip in plan.trips:
        table.add_row(
            said(trip.craft_name), f"{said(trip.from_name)} {trip.from_berth or ''}", f"{trip.persons}/{trip.seats}",
            f"{_hm(trip.load_from, zone, plan)}-{_hm(trip.load_to, zone, plan)}", said(trip.to_name),
            _hm(trip.arrive_at, zone, plan), _hm(trip.unload_to, zone, plan),
            "" if trip.speed_kn is None else f"{trip.speed_kn:.0f}",
        )  # fmt: skip
    return table


def _groups(plan: EvacuationPlan, zone: ZoneInfo) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = (
        say("次序", "order"),
        say("批次", "group"),
        say("人数", "people"),
        say("叫号", "called"),
        say("上岸", "ashore"),
    )
    for n, heading in enumerate(headings):
        table.add_column(heading, justify="right" if n in (0, 2) else "left")
    for group in plan.groups:
        left = say(f"剩 {group.remaining}", f"{group.remaining} remain")
        table.add_row(
            str(group.order), said(group.name), str(group.persons),
            _hm(group.called_at, zone, plan) if group.called_at else "-",
            _hm(group.ashore_at, zone, plan) if group.ashore_at else left,
        )  # fmt: skip
    return table


def _print_robust(robust: RobustEvacuation, plan: EvacuationPlan, zone: ZoneInfo) -> None:
    out().print(say("各预报情形下的本方案：", "This plan under each outlook:"), style="bold")
    for one in robust.scenarios:
        done = _hm(one.complete_at, zone, plan) if one.complete_at else say("未完成", "not complete")
        state = say("成立", "holds") if one.holds else say("不成立", "does not hold")
        left = say(f"剩余 {one.remaining} 人", f"{one.remaining} remain")
        out().print(f"  {said(one.name)}: {state}{say('，', ', ')}{done}{say('，', ', ')}{left}", markup=False)
        for text in one.broken[:3]:
            out().print(f"    {said(text)}", style="dim", markup=False)
    if robust.tonight is not None:
        out().print(said(robust.tonight.text), markup=False)
    out().print(said(robust.bound_text), style="dim", markup=False)


def _hm(moment: datetime | None, zone: ZoneInfo, plan: EvacuationPlan) -> str:
    """Return a moment as hours and minutes, with the day where it is another than the plan's."""
    if moment is None:
        return "-"
    local = moment.astimezone(zone)
    if local.date() == plan.at.astimezone(zone).date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}"
