"""Plans and their faults as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from console.cli_words import PIPED_WIDTH, err, out, said, say
from data.geography import Region
from data.journal.wording import ALTERNATIVE_WORDS
from data.plans import EchelonTime, Plan

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from routing.check import PlanFault

SHORT_CELL = 16  # characters: a time or a number is never broken, a name may be
PURPOSES = {
    "first_mile": ("前往上客点", "to the pier"),
    "position": ("空驶调位", "position"),
    "call": ("先停靠上客", "by a first pickup"),
    "carry": ("运送", "carry"),
    "last_mile": ("上岸前往", "from the landing"),
    "direct": ("陆路直达", "direct"),
}
MODES = {"road": ("陆路", "road"), "foot": ("步行", "foot"), "sea": ("海路", "sea"), "air": ("空中", "air")}
STATUSES = {
    "optimal": ("已证明最优", "proven optimal"),
    "feasible": ("可行", "feasible"),
    "infeasible": ("不可行", "infeasible"),
}


def print_plan(plan: Plan, region: Region, title: str) -> None:
    """Print a plan: what it reaches beside the nearest-first dispatcher, its legs, and why not otherwise."""
    to = out()
    clock = _Clock(region)
    status = say(*STATUSES[plan.status])
    to.print(f"[bold]{title}[/bold]  {said(ALTERNATIVE_WORDS[plan.alternative])}  {status}  {plan.id}")
    start = say("起始", "start")
    to.print(
        f"{start} {plan.start_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC ({clock(plan.start_at)} {region.timezone})",
        style="dim",
    )
    _print_echelons(plan, clock)
    _print_legs(plan, clock)
    _print_proof(plan)
    _print_reasons(plan)


class _Clock:
    def __init__(self, region: Region) -> None:
        self._zone = ZoneInfo(region.timezone)

    def __call__(self, moment: datetime | None) -> str:
        return "-" if moment is None else f"{moment.astimezone(self._zone):%H:%M}"


def _print_echelons(plan: Plan, clock: _Clock) -> None:
    headings = (
        say("警情", "incident"), say("梯次", "echelon"), say("需求", "asks"), say("到齐", "complete"),
        say("早-晚 (分)", "band (min)"), say("要求 (分)", "due (min)"), say("最近优先 (分)", "nearest-first (min)"),
    )  # fmt: skip
    rows = []
    before = {(row.incident_id, row.echelon_id): row for row in (plan.baseline.echelons if plan.baseline else ())}
    for row in plan.echelons:
        was = before.get((row.incident_id, row.echelon_id))
        skill = f" {row.skill}" if row.skill else ""
        rows.append(
            (
                row.incident_id,
                said(row.name),
                f"{row.persons}{skill}",
                f"{clock(row.complete_at)} ({_minutes(row)})",
                f"{row.early_min}-{row.late_min}" if row.early_min is not None else "-",
                "-" if row.due_min is None else str(row.due_min),
                "-" if was is None else _minutes(was),
            )
        )
    print_table(say("梯次", "Echelons"), headings, rows)


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Print rows as a table, or one under another where the terminal is too narrow to show each word whole."""
    from rich.table import Table

    to = out()
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for number, heading in enumerate(headings):
        short = max((len(row[number]) for row in rows), default=0) <= SHORT_CELL
        justify: JustifyMethod = "right" if heading in right else "left"
        table.add_column(heading, justify=justify, no_wrap=short, overflow="fold")
    for row in rows:
        table.add_row(*row)
    # Asked without a limit: a table measured within a width says it fits, and cuts words to do so.
    if to.measure(table, options=to.options.update(max_width=10 * PIPED_WIDTH)).minimum <= to.width:
        to.print(table)
        return
    to.print(title, style="italic")
    for row in rows:
        facts = (f"{heading} {cell}" for heading, cell in zip(headings[1:], row[1:], strict=True) if cell)
        to.print(f"{row[0]}  {'; '.join(facts)}", markup=False)


def _minutes(row: EchelonTime) -> str:
    if row.complete_min is None:
        return say(f"未到齐，到 {row.arrived} 人", f"unmet, {row.arrived} came")
    return f"{row.complete_min} min"


def _print_legs(plan: Plan, clock: _Clock) -> None:
    persons = say("人", "persons")
    headings = (
        "#", say("方式", "mode"), say("载具", "craft"), say("警组", "groups"), persons, say("自", "from"),
        say("至", "to"), say("出发", "depart"), say("到达", "arrive"), "km",
    )  # fmt: skip
    rows = [
        (
            leg.id,
            f"{say(*MODES[leg.mode])} {say(*PURPOSES[leg.purpose])}",
            leg.craft_id or "",
            ", ".join(leg.group_ids),
            str(leg.persons) if leg.persons else "",
            said(leg.from_name),
            said(leg.to_name),
            clock(leg.depart_at),
            clock(leg.arrive_at),
            f"{leg.length_m / 1000:.1f}{'~' if leg.estimate else ''}",
        )
        for leg in plan.legs
    ]
    print_table(say("行程", "Legs"), headings, rows, right=(persons, "km"))
    if any(leg.estimate for leg in plan.legs):
        out().print(say("~ 里程为估算（道路为假定）", "~ estimated length (roads are assumed)"), style="dim")


def _print_proof(plan: Plan) -> None:
    terms = plan.objective
    to = out()
    to.print(
        say(
            f"目标值 {terms.total:,} 分（未满足 {terms.unmet:,}、用时 {terms.echelon_time:,}、"
            f"留守 {terms.cover_lost:,}、载具用时 {terms.craft_minutes:,}、动用载具 {terms.craft_used:,}）；"
            f"下界 {plan.bound:,.0f}，差距至多 {plan.gap:.2%}",
            f"objective {terms.total:,} points (unmet {terms.unmet:,}, time {terms.echelon_time:,}, "
            f"cover {terms.cover_lost:,}, craft minutes {terms.craft_minutes:,}, craft used {terms.craft_used:,}); "
            f"bound {plan.bound:,.0f}, gap at most {plan.gap:.2%}",
        )
    )
    if plan.baseline is not None:
        was = plan.baseline
        to.print(
            say(
                f"最近优先的调度员：{was.objective.total:,} 分，{was.persons} 人，{was.craft} 艘/架；"
                f"本方案：{plan.persons} 人，{plan.craft_used} 艘/架",
                f"nearest-first dispatcher: {was.objective.total:,} points, {was.persons} persons, {was.craft} craft; "
                f"this plan: {plan.persons} persons, {plan.craft_used} craft",
            )
        )
    for assumption in plan.bound_assumes:
        to.print(f"  {said(assumption)}", style="dim", markup=False)
    to.print(
        say(f"求解 {plan.solve_s:.2f} 秒，种子 {plan.seed}", f"solved in {plan.solve_s:.2f} s, seed {plan.seed}"),
        style="dim",
    )


def _print_reasons(plan: Plan) -> None:
    if not plan.reasons:
        return
    from rich.table import Table

    table = Table(title=say("原因", "Why"), title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column(max_width=30)
    table.add_column()
    together: dict[tuple[str, str], list[str]] = {}
    for reason in plan.reasons:
        together.setdefault((reason.code, said(reason.text)), []).append(reason.subject_id)
    for (_, words), subjects in together.items():
        table.add_row(", ".join(subjects), words)
    out().print(table)


def print_faults(plan: Plan, faults: Sequence[PlanFault], seconds: float) -> None:
    """Print what is wrong with a plan, or that nothing is."""
    if not faults:
        out().print(
            say(
                f"{plan.id}：{len(plan.legs)} 段行程，未发现错误（{seconds:.1f} 秒）",
                f"{plan.id}: {len(plan.legs)} legs, no fault found ({seconds:.1f} s)",
            ),
            style="bold",
        )
        return
    for fault in faults:
        out().print(said(fault.text), markup=False)
    err().print(
        say(f"{plan.id}：{len(faults)} 处错误", f"{plan.id}: {len(faults)} fault{'s' if len(faults) > 1 else ''}"),
        style="bold",
    )
