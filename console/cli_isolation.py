"""What the ``isolate`` command reads and prints: the board as a table, the moves, what is unmet and assumed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from console.cli_situation import check_writable, clock, forecast_words, networks, read_asked, write_out
from console.cli_words import err, out, said, say
from data.errors import UnknownNameError
from data.geography import Region
from data.isolation import (
    KIND_NAMES,
    CraftRow,
    IslandOutlook,
    IsolationReport,
    MomentSpread,
    Move,
    Passage,
    Standing,
    TonightValue,
)
from data.situation import Situation
from data.text import Text

STANDING_WORDS: dict[Standing, tuple[str, str]] = {
    "joined": ("全程桥通", "by bridge throughout"),
    "open": ("不断航", "stays open"),
    "closing": ("将断航", "will be cut off"),
    "cut_off": ("已断航", "cut off"),
    "unknown": ("无登记码头,不作判断", "no pier listed, nothing said"),
}
# These have a line together: nothing about them ends.
LEFT_OUT: tuple[Standing, ...] = ("joined", "unknown")
# A terminal narrower than this shows the columns named here.
WIDE = 150
NARROW = frozenset({"rank", "island", "last", "left", "by", "visitors"})
Column = tuple[str, str, Literal["left", "right"], Callable[[IslandOutlook], str]]
BAR = {"open": "·", "limited": "▒", "closed": "█"}
BAR_STEP_MIN = 60


def run_isolate(
    folder: Path,
    asked: str | None,
    forecast: str | None,
    hours: int,
    island: str | None,
    tonight: bool,
    json_file: Path | None,
) -> int:
    """Print or write the isolation forecast; 1 where the solver-free check finds a fault."""
    from data.region_reader import read_region
    from routing.isolate.foresee import Foreseer

    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    region = read_region(folder)
    if island is not None and island not in region.islands:
        from difflib import get_close_matches

        raise UnknownNameError("island", island, get_close_matches(island, list(region.islands), n=3))
    title, situation, assumed = read_question(folder, region, asked, forecast)
    network, book = networks(region)
    with err().status(say("正在预判", "Working")):
        report = Foreseer(region, network, book).report(situation, hours, tonight=tonight)
    report = msgspec.structs.replace(report, assumptions=(*assumed, *report.assumptions))
    if json_file is not None:
        write_out(msgspec.to_builtins(report), json_file)
    if json_file is None or str(json_file) != "-":
        _print(report, situation, title, region, island)
    return 1 if report.faults else 0


def read_question(
    folder: Path, region: Region, asked: str | None, forecast: str | None
) -> tuple[str, Situation, tuple[Text, ...]]:
    """Return title, situation and what is assumed of it; the forecast of ``forecast`` outranks that of ``asked``."""
    if forecast is None or not forecast.lower().endswith(".csv"):
        if asked is None:
            found = read_asked(forecast or "", folder, region)
            return found.title, found.situation, ()
        base = read_asked(asked, folder, region)
        if forecast is None:
            return base.title, base.situation, ()
        other = read_asked(forecast, folder, region)
        return base.title, msgspec.structs.replace(base.situation, forecast=other.situation.forecast), ()
    from data.forecast_file import file_assumptions, read_forecast_file

    read = read_forecast_file(Path(forecast), region)
    if asked is not None:
        base = read_asked(asked, folder, region)
        return base.title, msgspec.structs.replace(base.situation, forecast=read), (file_assumptions(read),)
    base = read_asked(region.default_scenario or "", folder, region)
    start = read.hours[0].valid_from
    words = Text(
        f"未给想定：力量取自默认想定“{base.title}”，时刻取预报首个时次",
        f"no scenario given: forces of the default one, '{base.title}', at the forecast's first hour",
    )
    situation = msgspec.structs.replace(
        base.situation, at=start, forecast=read, closures=(), incidents=(), scenario_id=None
    )
    return read.id, situation, (file_assumptions(read), words)


def _print(report: IsolationReport, situation: Situation, title: str, region: Region, island: str | None) -> None:
    head = say(
        f"断航预判 {title}  {clock(report.at, region)}  至 {_short(report.horizon_to, region)}",
        f"Isolation forecast {title}  {clock(report.at, region)}  to {_short(report.horizon_to, region)}",
    )
    out().print(head, style="bold", markup=False)
    out().print(f"{forecast_words(situation, region)}  {report.solve_s:.1f} s", markup=False)
    if island is None:
        _print_board(report, region)
        _print_moves(report, region)
    else:
        found = report.island(island)
        assert found is not None
        _print_island(found, report, region)
    if report.tonight is not None:
        _print_tonight(report.tonight)
    for unmet in report.unmet:
        if island in (None, unmet.island_id):
            out().print(f"{say('未满足', 'unmet')}: {said(unmet.text)}", style="bold", markup=False)
    for words in report.assumptions:
        out().print(f"- {said(words)}", style="dim", markup=False)
    checked = say("核查：未发现错误", "checked without the solver: no fault found")
    out().print("; ".join(said(one) for one in report.faults) or checked, style="dim", markup=False)


def _print_board(report: IsolationReport, region: Region) -> None:
    from rich.table import Table

    console = out()
    columns = _columns(region)
    wide = console.width >= WIDE
    shown = [one for one in columns if wide or one[0] in NARROW]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for _, heading, justify, _ in shown:
        table.add_column(heading, justify=justify, no_wrap=True)
    for island in report.islands:
        if island.standing not in LEFT_OUT:
            table.add_row(*(cell(island) for _, _, _, cell in shown))
    console.print(table)
    if not wide:
        console.print(
            say(f"终端宽 {WIDE} 列以上另列断航、人数等", f"a terminal of {WIDE} columns or more shows the rest"),
            style="dim",
        )
    for standing in LEFT_OUT:
        names = say("、", ", ").join(said(one.name) for one in report.islands if one.standing == standing)
        if names:
            out().print(f"{say(*STANDING_WORDS[standing])}: {names}", markup=False)
    if closing := report.next_closing:
        out().print(
            say(
                f"下一关闭：{closing.island_name.zh} {closing.kind_name.zh} {_short(closing.at, region)}",
                f"next to close: {closing.island_name.en}, {closing.kind_name.en}, {_short(closing.at, region)}",
            ),
            markup=False,
        )


def _columns(region: Region) -> tuple[Column, ...]:
    """Return name, heading, side and cell of every column of the board."""

    def last(one: IslandOutlook) -> str:
        moment = one.last_safe_departure.likely
        return _short(moment, region) if moment else say(*STANDING_WORDS[one.standing])

    def between(one: IslandOutlook) -> str:
        closes = one.standing in ("closing", "cut_off") or one.last_safe_departure.low is not None
        return _between(one.last_safe_departure, region) if closes else ""

    def back(one: IslandOutlook) -> str:
        return _short(one.last_out_and_back.depart_at, region) if one.last_out_and_back else "-"

    def reopens(one: IslandOutlook) -> str:
        return _short(one.reopens.likely, region) if one.reopens.likely else "-"

    return (
        ("rank", "", "right", lambda one: str(one.rank)),
        ("island", say("岛屿", "island"), "left", lambda one: said(one.name)),
        ("last", say("最晚安全离港", "last safe departure"), "left", last),
        ("between", say("早-晚", "earliest-latest"), "left", between),
        ("left", say("剩余", "left"), "right", lambda one: _left(one.left_min)),
        ("by", say("乘", "by"), "left", _by),
        ("back", say("最晚往返出航", "last out and back"), "left", back),
        ("hours", say("断航 h", "cut off h"), "right", _hours),
        ("reopens", say("复航", "open again"), "left", reopens),
        ("residents", say("居民", "residents"), "right", lambda one: _count(one.residents.persons)),
        ("visitors", say("游客", "visitors"), "right", lambda one: _count(one.visitors.persons)),
        ("forces", say("警/其他", "police/others"), "right", lambda one: f"{one.police}/{one.volunteers}"),
        ("missing", say("缺项", "short of"), "right", lambda one: str(len(one.missing)) if one.missing else "-"),
    )


def _print_moves(report: IsolationReport, region: Region) -> None:
    out().print(
        say(
            f"先行转移 {len(report.moves)} 项，按剩余时间；将断航各岛游客 {report.visitors_total:,} 人，"
            f"计划转移 {report.visitors_planned:,} 人",
            f"{len(report.moves)} moves by time left; {report.visitors_total:,} visitors on islands to be cut off, "
            f"{report.visitors_planned:,} to be moved",
        ),
        style="bold",
        markup=False,
    )
    for move in report.moves:
        out().print(f"{move.rank:3d} {_move_words(move, region)}", markup=False)


def _print_tonight(value: TonightValue) -> None:
    out().print(f"{say('今夜行动', 'acting tonight')}: {said(value.text)}", style="bold", markup=False)
    for n, outlook in enumerate(value.outlooks):
        out().print(
            say(
                f"    {outlook.zh}（{value.weights[n]:.0%}）：行动缺 {value.act_by_outlook[n]:,.0f}，"
                f"等待缺 {value.wait_by_outlook[n]:,.0f} 人·时",
                f"    {outlook.en} ({value.weights[n]:.0%}): {value.act_by_outlook[n]:,.0f} person-hours short acting, "
                f"{value.wait_by_outlook[n]:,.0f} waiting",
            ),
            markup=False,
        )
    bound = say(
        f"    下界 {value.bound:,.0f}，差距 {value.gap:.1%}", f"    bound {value.bound:,.0f}, gap {value.gap:.1%}"
    )
    out().print(bound, markup=False)
    for words in value.moves:
        out().print(f"    {said(words)}", markup=False)


def _move_words(move: Move, region: Region) -> str:
    part = "" if move.fits else say(f"（仅 {move.amount:,.0f}）", f" (only {move.amount:,.0f})")
    craft = say("、", ", ").join(said(name) for name in move.craft_names)
    trips = "1 trip" if len(move.trips) == 1 else f"{len(move.trips)} trips"
    start, before = _short(move.latest_start_at, region), _short(move.before_at, region)
    severe = move.severe_before_at
    worst_zh, worst_en = "偏强则有航次不行", "some trip is shut if severe"
    if severe is not None:
        worst_zh, worst_en = f"偏强 {_short(severe, region)}", f"{_short(severe, region)} if severe"
    return say(
        f"{move.island_name.zh} {move.name.zh}{part}  {move.from_name.zh} → {move.to_name.zh}  {craft}，"
        f"{len(move.trips)} 趟  最晚出动 {start}（剩 {_left(move.left_min)}）  {before} 前离港（{worst_zh}）  "
        f"{move.reason.zh}",
        f"{move.island_name.en}: {move.name.en}{part}  {move.from_name.en} > {move.to_name.en}  {craft}, "
        f"{trips}  start by {start} ({_left(move.left_min)} left)  off before {before} ({worst_en})  "
        f"{move.reason.en}",
    )


def _print_island(one: IslandOutlook, report: IsolationReport, region: Region) -> None:
    standing = say(*STANDING_WORDS[one.standing])
    out().print(f"{said(one.name)}  {standing}  {_hours(one)} h", style="bold", markup=False)
    if one.last_safe_departure.likely:
        span = _between(one.last_safe_departure, region)
        words = say("最晚安全离港", "last safe departure")
        out().print(f"{words} {_short(one.last_safe_departure.likely, region)} ({span})  {_by(one)}", markup=False)
    for label, passage in (
        (say("最后一班", "last to arrive"), one.last_departure),
        (say("最后往返", "last out and back"), one.last_out_and_back),
    ):
        if passage is not None:
            out().print(f"{label}: {_passage_words(passage, region)}", markup=False)
    first = report.at.astimezone(ZoneInfo(region.timezone))
    out().print(
        say(
            f"每格一小时，自 {first:%m-%d %H:%M}：· 开放 ▒ 受限 █ 封闭",
            f"one mark an hour from {first:%m-%d %H:%M}: · open ▒ limited █ closed",
        ),
        style="dim",
    )
    for row in one.rows:
        out().print(f"{_bar(row, report)}  {said(KIND_NAMES[row.kind])}", markup=False)
        for span in row.spans:
            if span.state != "open" and span.reason is not None:
                state = say("受限", "limited") if span.state == "limited" else say("封闭", "closed")
                beyond = say("（超出预报）", " (beyond the forecast)") if span.beyond_forecast else ""
                out().print(
                    f"    {_short(span.from_at, region)} - {_short(span.to_at, region)} {state}{beyond} "
                    f"{said(span.reason)}",
                    style="dim", markup=False,
                )  # fmt: skip
    residents, visitors = _count(one.residents.persons), _count(one.visitors.persons)
    patients, craft = _count(one.patients.persons), sum(len(some.craft_ids) for some in one.craft)
    people = say(
        f"居民 {residents}，游客 {visitors}，病患 {patients}，"
        f"警力 {one.police}，其他力量 {one.volunteers}，船机 {craft}",
        f"residents {residents}, visitors {visitors}, patients {patients}, police {one.police}, "
        f"other forces {one.volunteers}, craft {craft}",
    )
    out().print(people, markup=False)
    for need in one.missing:
        held = say("无人清点", "nobody counted") if need.held is None else f"{need.held:,.0f}"
        out().print(
            say(
                f"缺 {need.name.zh} {need.short:,.1f} {need.unit.zh}（需 {need.needed:,.1f}，有 {held}）",
                f"short of {need.name.en}: {need.short:,.1f} {need.unit.en} (needs {need.needed:,.1f}, has {held})",
            ),
            markup=False,
        )
    for move in report.moves:
        if move.island_id == one.island_id:
            out().print(f"{move.rank:3d} {_move_words(move, region)}", markup=False)


def _passage_words(passage: Passage, region: Region) -> str:
    ended = f"  {said(passage.ended_by)}" if passage.ended_by else ""
    return say(
        f"{_short(passage.depart_at, region)} {passage.class_name.zh} {passage.from_name.zh} → {passage.to_name.zh} "
        f"{passage.passage_min} 分钟{ended}",
        f"{_short(passage.depart_at, region)} {passage.class_name.en} {passage.from_name.en} > {passage.to_name.en} "
        f"{passage.passage_min} min{ended}",
    )


def _bar(row: CraftRow, report: IsolationReport) -> str:
    """Return one mark an hour: the worst state of the hour."""
    order, marks = ("open", "limited", "closed"), []
    moment = report.at
    while moment < report.horizon_to:
        end = moment + timedelta(minutes=BAR_STEP_MIN)
        states = [span.state for span in row.spans if span.from_at < end and span.to_at > moment]
        marks.append(BAR[max(states, key=order.index, default="open")])
        moment = end
    return "".join(marks)


def _by(one: IslandOutlook) -> str:
    if one.last_departure is not None:
        minutes = say("分", "min")
        return f"{said(one.last_departure.class_name)} {one.last_departure.passage_min} {minutes}"
    if not one.last_by_bridges:
        return ""
    first, others = said(one.last_by_bridges[0]), len(one.last_by_bridges) - 1
    return first if not others else say(f"{first}等 {others + 1} 桥", f"{first} and {others} more")


def _between(spread: MomentSpread, region: Region) -> str:
    low = _short(spread.low, region) if spread.low else "-"
    high = _short(spread.high, region) if spread.high else say("不断航", "never")
    return f"{low} - {high}"


def _hours(one: IslandOutlook) -> str:
    spread = one.hours_cut_off
    return f"{spread.low:.0f}-{spread.likely:.0f}-{spread.high:.0f}" if spread.high > 0 else "-"


def _left(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60}:{minutes % 60:02d}"


def _count(persons: int | None) -> str:
    return "?" if persons is None else f"{persons:,}"


def _short(moment: datetime, region: Region) -> str:
    return f"{moment.astimezone(ZoneInfo(region.timezone)):%d %H:%M}"
